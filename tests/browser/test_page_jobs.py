"""The page and one job: from the form to the result, whatever comes between."""

from playwright.sync_api import expect

from tests.browser.visitor import Visitor
from tests.waiting import wait_until


def test_a_job_is_submitted_and_watched_to_its_end(visitor: Visitor) -> None:
    """Given the form / when it is sent / I expect the text as it is written, then the cards."""
    visitor.visit()
    visitor.submit(theme="tidal clocks", count=3)

    expect(visitor.job.locator(".live .card").first).to_be_visible()
    expect(visitor.job.get_by_role("progressbar")).to_be_visible()
    visitor.expect_status("done")
    expect(visitor.job.locator(".card")).to_have_count(3)
    expect(visitor.job.get_by_role("progressbar")).to_have_count(0)


def test_a_reload_in_the_middle_goes_on_where_it_was(visitor: Visitor) -> None:
    """Given a job that runs / when the page is loaded anew / I expect the same job to its end."""
    visitor.visit()
    job_id = visitor.submit(theme="salt")
    visitor.expect_status("running")
    visitor.page.reload()

    assert job_id in visitor.page.url
    visitor.expect_status("done")
    expect(visitor.job.locator(".card").first).to_be_visible()
    assert visitor.system.get("/jobs?type=generate_relics&q=salt")[1]["jobs"][0]["attempt"] == 1


def test_what_ended_while_nobody_looked_is_told(visitor: Visitor) -> None:
    """Given a job / when the page is closed until it has ended / I expect to be told, and once."""
    visitor.visit()
    job_id = visitor.submit(theme="away")
    visitor.page.goto("about:blank")
    visitor.system.wait_for(job_id, "completed")
    visitor.come_back()

    told = visitor.page.locator(".toast", has_text="While you were away")
    expect(told).to_be_visible()
    told.get_by_role("link", name="Look").click()
    visitor.expect_status("done")
    wait_until(lambda: visitor.system.job(job_id)["seen_at"], "the server knows that it was seen")
    visitor.come_back()
    expect(visitor.rows.first).to_be_visible()
    expect(visitor.page.locator(".toast")).to_have_count(0)


def test_a_job_is_cancelled_and_retried(visitor: Visitor) -> None:
    """Given a job that runs / when it is cancelled, then retried / I expect to be told what a retry
    buys before it buys, and the result.
    """
    visitor.visit()
    job_id = visitor.submit(theme="second thoughts")
    visitor.expect_status("running")
    visitor.job.get_by_role("button", name="Cancel").click()
    visitor.expect_status("cancelled")
    visitor.job.get_by_role("button", name="Retry").click()
    question = visitor.page.get_by_role("dialog")
    expect(question).to_contain_text("Bought anew")
    assert visitor.system.job(job_id)["attempt"] == 1
    question.get_by_role("button", name="Retry").click()

    visitor.expect_status("done")
    assert visitor.system.job(job_id)["attempt"] == 2


def test_a_deleted_job_comes_back_until_it_is_too_late(visitor: Visitor) -> None:
    """Given an ended job / when it is deleted and that undone / I expect it to be there still."""
    job_id = visitor.system.submit("generate_relics", theme="undo")
    visitor.system.wait_for(job_id, "completed")
    visitor.visit(f"/?job={job_id}")
    visitor.job.get_by_role("button", name="Delete").click()
    row = visitor.page.locator(f'[data-id="{job_id}"]')
    expect(row).to_have_count(0)
    visitor.page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    assert visitor.system.get(f"/jobs/{job_id}")[0] == 200

    row.click()
    visitor.job.get_by_role("button", name="Delete").click()
    expect(visitor.page.locator(".toast")).to_have_count(0)
    expect(row).to_have_count(0)
    wait_until(lambda: visitor.system.get(f"/jobs/{job_id}")[0] == 404, "it is deleted")


def test_a_field_that_does_not_fit_is_named(visitor: Visitor) -> None:
    """Given an empty theme / I expect the complaint at the field, and the focus in it."""
    visitor.complaints = []
    visitor.visit("/?new=generate_events")
    form = visitor.page.get_by_role("region", name="New job")
    form.locator("#field-theme").fill("")
    form.locator("button[type=submit]").click()

    expect(form.locator("#field-theme")).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#field-theme")).to_be_focused()
    assert "400" in visitor.complaints.pop()  # Chromium notes every answer of 400 and above


def test_each_side_of_a_job_shows(visitor: Visitor) -> None:
    """Given an ended job / I expect its timeline, calls, request and JSON under addresses."""
    job_id = visitor.system.submit("generate_relics", theme="sides")
    visitor.system.wait_for(job_id, "completed")
    visitor.visit(f"/?job={job_id}")
    for tab, shown in (
        ("Timeline", "Accepted"),
        ("Calls and cost", "Tokens written"),
        ("Request", "sides"),
        ("JSON", '"attempt": 1'),
    ):
        visitor.job.get_by_role("tab", name=tab).click()
        expect(visitor.job.get_by_role("tabpanel")).to_contain_text(shown)

    visitor.page.reload()
    expect(visitor.job.get_by_role("tabpanel")).to_contain_text('"attempt": 1')
