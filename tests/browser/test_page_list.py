"""The list of jobs, the keyboard shortcuts, and a lost connection."""

import json
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.page_driver import PageDriver
from tests.stack import stack

JOBS = 10_000
PAGE_SIZE = 50


def test_the_list_shows_new_jobs_and_their_ends(driver: PageDriver) -> None:
    """Given an open list / when a job is submitted elsewhere / I expect its row and its end."""
    driver.visit()
    job_id = driver.system.submit("generate_relics", theme="elsewhere")
    row = driver.page.locator(f'[data-id="{job_id}"]')

    expect(row).to_contain_text("running")
    expect(row).to_contain_text("done")


def test_filters_are_in_the_address(driver: PageDriver) -> None:
    """Given filters / when the address is opened elsewhere / I expect the same list."""
    relics = driver.system.submit("generate_relics", theme="filters")
    events = driver.system.submit("generate_events", theme="filters")
    driver.visit()
    expect(driver.page.locator(f'[data-id="{events}"]')).to_be_visible()
    driver.page.get_by_role("search").get_by_label("Job type").select_option("generate_relics")
    driver.page.get_by_role("searchbox").fill("filters")
    expect(driver.page.locator(f'[data-id="{events}"]')).to_have_count(0)
    path = driver.page.url.removeprefix(driver.system.url)
    driver.reopen(path)

    expect(driver.page.locator(f'[data-id="{relics}"]')).to_be_visible()
    expect(driver.page.locator(f'[data-id="{events}"]')).to_have_count(0)
    expect(driver.page.get_by_role("searchbox")).to_have_value("filters")


def test_the_keyboard_shortcuts(driver: PageDriver) -> None:
    """Given two jobs / I expect to search, move, open, close and get help without a mouse."""
    for theme in ("one", "two"):
        driver.system.submit("generate_relics", theme=theme)
    driver.visit()
    expect(driver.rows.nth(1)).to_be_visible()
    driver.press("j", "j", "k")
    expect(driver.rows.first.locator("a")).to_be_focused()
    driver.press("Enter")
    expect(driver.job).to_be_visible()
    driver.press("Escape")
    expect(driver.job).to_have_count(0)
    driver.press("/")
    expect(driver.page.get_by_role("searchbox")).to_be_focused()
    driver.page.keyboard.type("n?j")
    expect(driver.page.get_by_role("searchbox")).to_have_value("n?j")
    driver.press("Escape", "?")
    expect(driver.page.get_by_role("dialog")).to_contain_text("next, previous job")
    driver.press("Escape")
    expect(driver.page.get_by_role("dialog")).to_have_count(0)


def test_ten_thousand_jobs_draw_only_the_rows_in_view(driver: PageDriver) -> None:
    """Given a list of 10,000 / when it is scrolled to its end / I expect each page to be requested
    once, and never more than a screen of rows in the document.
    """
    requested: list[int] = []
    driver.page.route("**/jobs?*", lambda route: _page_of_many(route, requested))
    driver.visit()
    expect(driver.rows.first).to_be_visible()
    max_rows = driver.page.evaluate(
        """async (many) => {
            const box = document.querySelector(".rows");
            const of = () => Number(box.querySelector("li")?.getAttribute("aria-setsize"));
            let most = 0;
            for (let still = 0; still < 200 && of() < many; still += 1) {
                const before = of();
                box.scrollTop = box.scrollHeight;
                await new Promise((resolve) => setTimeout(resolve, 10));
                most = Math.max(most, box.querySelectorAll("li").length);
                if (of() > before) still = 0;
            }
            box.scrollTop = box.scrollHeight;
            return Math.max(most, box.querySelectorAll("li").length);
        }""",
        JOBS,
    )

    expect(driver.page.locator(f'[aria-posinset="{JOBS}"]')).to_be_visible()
    assert max_rows < 60
    below = [start for start in requested if start]
    assert len(below) == len(set(below)) == JOBS // PAGE_SIZE - 1


def _page_of_many(route: Route, requested: list[int]) -> None:
    start = int(route.request.url.partition("cursor=")[2] or 0)
    requested.append(start)
    jobs = [_job(number) for number in range(start, min(JOBS, start + PAGE_SIZE))]
    cursor = str(start + PAGE_SIZE) if start + PAGE_SIZE < JOBS else None
    body = {"jobs": jobs, "next_cursor": cursor, "counts": None, "as_of": jobs[0]["created_at"]}
    route.fulfill(body=json.dumps(body), content_type="application/json")


def _job(number: int) -> dict[str, Any]:
    second = JOBS - number
    created = f"2026-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return {
        "id": f"00000000-0000-7000-8000-{number:012}", "type": "generate_relics", "version": 1,
        "status": "completed", "progress": 100, "message": "", "created_at": created,
        "completed_at": created, "attempt": 1, "progress_source": "terminal",
    }  # fmt: skip


def test_a_lost_connection_is_shown_and_recovered(driver: PageDriver, tmp_path: Any) -> None:
    """Given a running job / when the api is killed and restarted / I expect "Reconnecting…", then
    the end of the job, and no failure in between.
    """
    with stack(tmp_path, seconds=6) as own:
        driver.system, driver.url = own, own.url
        driver.visit()
        driver.submit(theme="storm")
        driver.expect_status("running")
        own["api"].kill()
        network = driver.page.locator(".network")
        expect(network).to_contain_text("Reconnecting…")
        expect(driver.job.locator(".badge").first).to_have_text("running")
        own["api"].start()
        expect(network).to_contain_text("Live")
        driver.expect_status("done")
        driver.page.goto("about:blank")
