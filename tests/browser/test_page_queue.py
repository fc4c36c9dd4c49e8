"""Priorities and pauses on the page."""

from playwright.sync_api import expect

from tests.browser.page_driver import PageDriver


def test_a_paused_queue_is_shown_and_resumed(driver: PageDriver) -> None:
    """Given a queue that an admin pauses / when a job of batch priority is submitted / I expect it
    to say why it waits, and to run once the queue is resumed.
    """
    driver.visit("/?view=system")
    driver.page.get_by_role("button", name="Pause the queue").click()
    expect(driver.page.locator(".note.bad")).to_contain_text("All jobs paused by local")
    form = driver.visit("/?new=generate_relics").page.get_by_role("region", name="New job")
    form.get_by_text("Advanced options").click()
    form.get_by_label("Priority").select_option("batch")

    form.locator("button[type=submit]").click()

    expect(driver.job.get_by_text("batch")).to_be_visible()
    expect(driver.job).to_contain_text("Paused by an administrator")
    job = driver.page.url
    driver.visit("/?view=system")
    expect(driver.page.get_by_role("region", name="Waiting by owner")).to_contain_text("local")
    driver.page.get_by_role("button", name="Resume").click()
    expect(driver.page.get_by_role("button", name="Pause the queue")).to_be_visible()
    driver.page.goto(job)
    driver.expect_result()
