"""The page and many jobs: the list, the keys, and a network that goes away."""

import json
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.visitor import Visitor
from tests.stack import stack

MANY = 10_000
PAGE = 50


def test_the_list_is_live(visitor: Visitor) -> None:
    """Given an open list / when somebody else submits / I expect the row and its end."""
    visitor.visit()
    job_id = visitor.system.submit("generate_relics", theme="elsewhere")
    row = visitor.page.locator(f'[data-id="{job_id}"]')

    expect(row).to_contain_text("running")
    expect(row).to_contain_text("done")


def test_filters_are_in_the_address(visitor: Visitor) -> None:
    """Given filters / when the address is opened elsewhere / I expect the same list."""
    relics = visitor.system.submit("generate_relics", theme="filters")
    events = visitor.system.submit("generate_events", theme="filters")
    visitor.visit()
    expect(visitor.page.locator(f'[data-id="{events}"]')).to_be_visible()
    visitor.page.get_by_label("Job type").select_option("generate_relics")
    visitor.page.get_by_role("searchbox").fill("filters")
    expect(visitor.page.locator(f'[data-id="{events}"]')).to_have_count(0)
    place = visitor.page.url.removeprefix(visitor.system.url)
    visitor.come_back(place)

    expect(visitor.page.locator(f'[data-id="{relics}"]')).to_be_visible()
    expect(visitor.page.locator(f'[data-id="{events}"]')).to_have_count(0)
    expect(visitor.page.get_by_role("searchbox")).to_have_value("filters")


def test_the_keys_do_what_they_say(visitor: Visitor) -> None:
    """Given two jobs / I expect to search, walk, open, close and ask for help without a mouse."""
    for theme in ("one", "two"):
        visitor.system.submit("generate_relics", theme=theme)
    visitor.visit()
    expect(visitor.rows.nth(1)).to_be_visible()
    visitor.press("j", "j", "k")
    expect(visitor.rows.first.locator("a")).to_be_focused()
    visitor.press("Enter")
    expect(visitor.job).to_be_visible()
    visitor.press("Escape")
    expect(visitor.job).to_have_count(0)
    visitor.press("/")
    expect(visitor.page.get_by_role("searchbox")).to_be_focused()
    visitor.page.keyboard.type("n?j")
    expect(visitor.page.get_by_role("searchbox")).to_have_value("n?j")
    visitor.press("Escape", "?")
    expect(visitor.page.get_by_role("dialog")).to_contain_text("next, previous job")
    visitor.press("Escape")
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)


def test_ten_thousand_jobs_are_a_few_rows(visitor: Visitor) -> None:
    """Given a list of 10,000 / when it is scrolled to its end / I expect every page to be asked for
    once, and never more than a screen of rows in the document.
    """
    asked: list[int] = []
    visitor.page.route("**/jobs?*", lambda route: _page_of_many(route, asked))
    visitor.visit()
    expect(visitor.rows.first).to_be_visible()
    most = visitor.page.evaluate(
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
        MANY,
    )

    expect(visitor.page.locator(f'[aria-posinset="{MANY}"]')).to_be_visible()
    assert most < 60
    below = [start for start in asked if start]
    assert len(below) == len(set(below)) == MANY // PAGE - 1


def _page_of_many(route: Route, asked: list[int]) -> None:
    start = int(route.request.url.partition("cursor=")[2] or 0)
    asked.append(start)
    jobs = [_job(number) for number in range(start, min(MANY, start + PAGE))]
    cursor = str(start + PAGE) if start + PAGE < MANY else None
    body = {"jobs": jobs, "next_cursor": cursor, "counts": None, "as_of": jobs[0]["created_at"]}
    route.fulfill(body=json.dumps(body), content_type="application/json")


def _job(number: int) -> dict[str, Any]:
    second = MANY - number
    created = f"2026-01-01T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z"
    return {
        "id": f"00000000-0000-7000-8000-{number:012}", "type": "generate_relics", "version": 1,
        "status": "completed", "progress": 100, "message": "", "created_at": created,
        "completed_at": created, "attempt": 1, "progress_source": "terminal",
    }  # fmt: skip


def test_a_network_that_is_gone_is_said_and_survived(visitor: Visitor, tmp_path: Any) -> None:
    """Given a job that runs / when the api is killed and comes back / I expect "Reconnecting…",
    then the job's own end, and no failure in between.
    """
    with stack(tmp_path, seconds=6) as own:
        visitor.system, visitor.url = own, own.url
        visitor.visit()
        visitor.submit(theme="storm")
        visitor.expect_status("running")
        own["api"].kill()
        network = visitor.page.locator(".network")
        expect(network).to_contain_text("Reconnecting…")
        expect(visitor.job.locator(".badge").first).to_have_text("running")
        own["api"].start()
        expect(network).to_contain_text("Live")
        visitor.expect_status("done")
        visitor.page.goto("about:blank")
