"""The page and one job: from the form to the result, whatever comes between."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.page_driver import PageDriver
from tests.waiting import wait_until


def test_a_job_is_submitted_and_watched_to_its_end(driver: PageDriver) -> None:
    """Given the form / when it is sent / I expect the text as it is written, then the cards."""
    driver.visit()
    driver.submit(theme="tidal clocks", count=3)

    expect(driver.job.locator(".live .card").first).to_be_visible()
    expect(driver.job.get_by_role("progressbar")).to_be_visible()
    driver.expect_status("done")
    expect(driver.job.locator(".card")).to_have_count(3)
    expect(driver.job.get_by_role("progressbar")).to_have_count(0)


def test_a_reload_while_a_job_runs_shows_the_same_job(driver: PageDriver) -> None:
    """Given a running job / when the page is reloaded / I expect the same job to its end."""
    driver.visit()
    job_id = driver.submit(theme="salt")
    driver.expect_status("running")
    driver.page.reload()

    assert job_id in driver.page.url
    driver.expect_status("done")
    expect(driver.job.locator(".card").first).to_be_visible()
    assert driver.system.get("/jobs?type=generate_relics&q=salt")[1]["jobs"][0]["attempt"] == 1


def test_a_job_that_ended_while_the_page_was_closed_is_announced_once(driver: PageDriver) -> None:
    """Given a job / when the page is closed until it has ended / I expect one toast."""
    driver.visit()
    job_id = driver.submit(theme="away")
    driver.page.goto("about:blank")
    driver.system.wait_for(job_id, "completed")
    driver.reopen()

    toast = driver.page.locator(".toast", has_text="While you were away")
    expect(toast).to_be_visible()
    toast.get_by_role("link", name="View").click()
    driver.expect_status("done")
    wait_until(lambda: driver.system.job(job_id)["seen_at"], "the job is marked as seen")
    driver.reopen()
    expect(driver.rows.first).to_be_visible()
    expect(driver.page.locator(".toast")).to_have_count(0)


@pytest.mark.parametrize("view", ["Jobs", "Spend", "System"])
def test_the_end_of_a_job_is_announced_on_every_view(driver: PageDriver, view: str) -> None:
    """Given a running job whose panel is open / when another view is opened / I expect one toast
    when it ends, which leads to it.
    """
    driver.visit()
    job_id = driver.submit(theme=f"seen from {view}")
    if view == "Jobs":
        driver.job.get_by_role("button", name="Close").click()
    else:
        driver.page.get_by_role("link", name=view, exact=True).click()
        expect(driver.page.get_by_role("region", name=view)).to_be_visible()

    toast = driver.page.locator(".toast")
    expect(toast).to_have_text(re.compile("Generate relics: done"))
    wait_until(lambda: driver.system.job(job_id)["seen_at"], "the job is marked as seen")
    toast.get_by_role("link", name="View").click()
    driver.expect_result()


def test_an_error_that_nothing_handles_fails_a_test(driver: PageDriver) -> None:
    """Given a page that throws, rejects and logs / I expect the driver to note each."""
    driver.visit()
    driver.page.evaluate(
        """() => {
            setTimeout(() => { throw new Error("thrown"); });
            void Promise.reject(new Error("rejected"));
            console.error("logged");
        }"""
    )

    def noted() -> bool:
        driver.page.evaluate("0")  # lets Playwright deliver its events
        text = " ".join(driver.console_errors)
        return all(word in text for word in ("thrown", "rejected", "logged"))

    wait_until(noted, "each error is noted")
    driver.console_errors.clear()


def test_a_job_is_cancelled_and_retried(driver: PageDriver) -> None:
    """Given a running job / when it is cancelled, then retried / I expect the plan of the retry
    before it runs, and the result.
    """
    driver.visit()
    job_id = driver.submit(theme="second thoughts")
    driver.expect_status("running")
    driver.job.get_by_role("button", name="Cancel").click()
    driver.expect_status("cancelled")
    driver.job.get_by_role("button", name="Retry").click()
    question = driver.page.get_by_role("dialog")
    expect(question).to_contain_text("Will run again")
    assert driver.system.job(job_id)["attempt"] == 1
    question.get_by_role("button", name="Retry").click()

    driver.expect_status("done")
    assert driver.system.job(job_id)["attempt"] == 2


def test_a_deletion_can_be_undone_for_a_few_seconds(driver: PageDriver) -> None:
    """Given a finished job / when its deletion is undone / I expect it to remain."""
    job_id = driver.system.submit("generate_relics", theme="undo")
    driver.system.wait_for(job_id, "completed")
    driver.visit(f"/?job={job_id}")
    driver.job.get_by_role("button", name="Delete").click()
    row = driver.page.locator(f'[data-id="{job_id}"]')
    expect(row).to_have_count(0)
    driver.page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert driver.system.get(f"/jobs/{job_id}")[0] == 200

    row.click()
    driver.job.get_by_role("button", name="Delete").click()
    expect(driver.page.locator(".toast")).to_have_count(0)
    expect(row).to_have_count(0)
    wait_until(lambda: driver.system.get(f"/jobs/{job_id}")[0] == 404, "it is deleted")


def test_an_invalid_field_shows_its_error_and_gets_the_focus(driver: PageDriver) -> None:
    """Given an empty theme / I expect the error at the field, and the focus in it."""
    driver.expect_statuses(400)
    driver.visit("/?new=generate_events")
    form = driver.page.get_by_role("region", name="New job")
    form.locator("#field-theme").fill("")
    form.locator("button[type=submit]").click()

    expect(form.locator("#field-theme")).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#field-theme")).to_be_focused()
    expect(form.locator("#field-theme-help")).to_have_text("Theme is required")


def test_each_tab_of_a_job_has_its_address(driver: PageDriver) -> None:
    """Given a finished job / I expect its timeline, calls, request and JSON, and the same tab
    after a reload.
    """
    job_id = driver.system.submit("generate_relics", theme="tabs")
    driver.system.wait_for(job_id, "completed")
    driver.visit(f"/?job={job_id}")
    for tab, text in (
        ("Timeline", "Accepted"),
        ("Calls and cost", "Output tokens"),
        ("Request", "tabs"),
        ("JSON", '"attempt": 1'),
    ):
        driver.job.get_by_role("tab", name=tab).click()
        expect(driver.job.get_by_role("tabpanel")).to_contain_text(text)

    driver.page.reload()
    expect(driver.job.get_by_role("tabpanel")).to_contain_text('"attempt": 1')
