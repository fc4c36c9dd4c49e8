"""Two tabs of one browser share a stream, and announce each end once."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.browser.page_driver import PageDriver
from tests.waiting import wait_until


class Streams:
    """The event streams that the pages of a browser have open."""

    def __init__(self, context: BrowserContext) -> None:
        self.open: list[Request] = []
        context.on("request", self._on_request)
        context.on("requestfinished", self._on_end)
        context.on("requestfailed", self._on_end)

    def of(self, path: str) -> list[Request]:
        return [one for one in self.open if re.search(path, one.url)]

    def _on_request(self, request: Request) -> None:
        if re.search(r"/events(\?|$)", request.url):
            self.open.append(request)

    def _on_end(self, request: Request) -> None:
        if request in self.open:
            self.open.remove(request)


@pytest.fixture
def streams(driver: PageDriver) -> Streams:
    return Streams(driver.context)


def second_tab(driver: PageDriver, path: str = "/") -> Page:
    tab = driver.context.new_page()
    tab.goto(driver.url + path)
    expect(tab.get_by_role("region", name="Jobs")).to_be_visible()
    return tab


def test_a_job_submitted_in_one_tab_shows_in_the_other(
    driver: PageDriver, streams: Streams
) -> None:
    """Given two tabs / when a job is submitted in one / I expect its row and its end in the other,
    over one stream.
    """
    driver.visit()
    expect(driver.page.get_by_role("region", name="Jobs")).to_be_visible()
    other = second_tab(driver)
    job_id = driver.submit(theme="two tabs")
    row = other.locator(f'[data-id="{job_id}"]')

    expect(row).to_be_visible()
    assert len(streams.of(r":\d+/events")) == 1
    expect(row).to_contain_text("done")


def test_two_tabs_follow_a_job_over_one_stream(driver: PageDriver, streams: Streams) -> None:
    """Given a job in two tabs / I expect one stream and its text in both; when the tab that reads
    it is closed, the other follows it to the end.
    """
    driver.visit()
    job_id = driver.submit(theme="shared")
    expect(driver.job.locator(".live .card").first).to_be_visible()
    other = second_tab(driver, f"/?job={job_id}")
    panel = other.get_by_role("region", name="Job", exact=True)
    expect(panel.locator(".live .card").first).to_be_visible()
    assert len(streams.of(f"{job_id}/events")) == 1
    driver.page.close()

    expect(panel.locator(".badge").first).to_have_text("done")
    expect(panel.locator(".card").first).to_be_visible()
    assert driver.system.job(job_id)["attempt"] == 1


def test_the_end_of_a_job_is_announced_in_one_tab(driver: PageDriver) -> None:
    """Given two tabs without the job's panel / when it ends / I expect one toast in all, and the
    job marked as seen.
    """
    driver.visit()
    other = second_tab(driver)
    job_id = driver.submit(theme="announced once")
    driver.job.get_by_role("button", name="Close").click()

    expect(driver.page.locator(".toast")).to_have_count(1)
    wait_until(lambda: driver.system.job(job_id)["seen_at"], "the job is marked as seen")
    expect(other.locator(f'[data-id="{job_id}"]')).to_contain_text("done")
    expect(other.locator(".toast")).to_have_count(0)
    other.reload()
    expect(other.locator(".rows li").first).to_be_visible()
    expect(other.locator(".toast")).to_have_count(0)
