"""Two tabs of one browser: one stream between them, and each end told once."""

import re

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.browser.visitor import Visitor
from tests.waiting import wait_until


class Streams:
    """The event streams that the pages of a browser hold open."""

    def __init__(self, context: BrowserContext) -> None:
        self.open: list[Request] = []
        context.on("request", self._begun)
        context.on("requestfinished", self._over)
        context.on("requestfailed", self._over)

    def of(self, path: str) -> list[Request]:
        return [one for one in self.open if re.search(path, one.url)]

    def _begun(self, request: Request) -> None:
        if re.search(r"/events(\?|$)", request.url):
            self.open.append(request)

    def _over(self, request: Request) -> None:
        if request in self.open:
            self.open.remove(request)


@pytest.fixture
def streams(visitor: Visitor) -> Streams:
    return Streams(visitor.context)


def another_tab(visitor: Visitor, place: str = "/") -> Page:
    tab = visitor.context.new_page()
    tab.goto(visitor.url + place)
    expect(tab.get_by_role("region", name="Jobs")).to_be_visible()
    return tab


def test_what_is_asked_for_in_one_tab_shows_in_the_other(
    visitor: Visitor, streams: Streams
) -> None:
    """Given two tabs / when a job is asked for in one / I expect its row in the other, its end
    too, and one stream of all jobs.
    """
    visitor.visit()
    expect(visitor.page.get_by_role("region", name="Jobs")).to_be_visible()
    other = another_tab(visitor)
    job_id = visitor.submit(theme="two tabs")
    row = other.locator(f'[data-id="{job_id}"]')

    expect(row).to_be_visible()
    assert len(streams.of(r":\d+/events")) == 1
    expect(row).to_contain_text("done")


def test_two_tabs_read_a_job_over_one_stream(visitor: Visitor, streams: Streams) -> None:
    """Given a job in two tabs / I expect one stream, its text in both, and when the tab that
    reads it is closed, the other to read on to the end.
    """
    visitor.visit()
    job_id = visitor.submit(theme="shared")
    expect(visitor.job.locator(".live .card").first).to_be_visible()
    other = another_tab(visitor, f"/?job={job_id}")
    panel = other.get_by_role("region", name="Job", exact=True)
    expect(panel.locator(".live .card").first).to_be_visible()
    assert len(streams.of(f"{job_id}/events")) == 1
    visitor.page.close()

    expect(panel.locator(".badge").first).to_have_text("done")
    expect(panel.locator(".card").first).to_be_visible()
    assert visitor.system.job(job_id)["attempt"] == 1


def test_the_end_of_a_job_is_told_once(visitor: Visitor) -> None:
    """Given two tabs that look elsewhere / when a job ends / I expect one note in all, and the
    server to know that it was seen.
    """
    visitor.visit()
    other = another_tab(visitor)
    job_id = visitor.submit(theme="told once")
    visitor.job.get_by_role("button", name="Close").click()

    expect(visitor.page.locator(".toast")).to_have_count(1)
    wait_until(lambda: visitor.system.job(job_id)["seen_at"], "the server knows that it was seen")
    expect(other.locator(f'[data-id="{job_id}"]')).to_contain_text("done")
    expect(other.locator(".toast")).to_have_count(0)
    other.reload()
    expect(other.locator(".rows li").first).to_be_visible()
    expect(other.locator(".toast")).to_have_count(0)
