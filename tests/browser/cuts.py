"""Eight points between key and result at which the line to a real browser is cut.

Each ends in one job, one purchase and the result in the page: tests/browser/test_page_cuts.py and
`python -m bench.cuts` play the same stories.
"""

from playwright.sync_api import expect

from tests.browser.line import Cut, Line
from tests.browser.visitor import Visitor
from tests.waiting import wait_until

HEAD = b"\r\n\r\n"
POST = r"POST /jobs"
STREAM = r"GET /jobs/[^/?]+/events.*"
DONE = b'"type":"done"'
LOOK = r"GET /jobs/[0-9a-f-]{36}"


def has_body(answer: bytes) -> bool:
    return bool(answer.partition(HEAD)[2])


def in_mid_text(answer: bytes) -> bool:
    return b'"delta"' in answer


def done(answer: bytes) -> bool:
    return DONE in answer


CUTS = {
    "before the request leaves": Cut(POST, sent=False),
    "the server has it, no answer": Cut(POST),
    "after the head of the answer": Cut(POST, has_body),
    "before the first byte of the stream": Cut(STREAM, has_body),
    "in mid-stream": Cut(STREAM, in_mid_text),
    "at the done": Cut(STREAM, done),
    "before the result": Cut(LOOK, sent=False, after=DONE),
    "the tab dies before the answer": Cut(POST, hold=True),
}


class NotCut(AssertionError):
    """The story was over before it came to its point, so it says nothing."""


def play(name: str, visitor: Visitor, line: Line, theme: str) -> None:
    """Asks for a job, cuts the line at the point named, and looks at what came of it.

    Raises AssertionError where there is not one job, one purchase and the result; NotCut.
    """
    bought = sum(visitor.system.bills().values())
    visitor.url = line.url
    visitor.visit()
    line.breaks(CUTS[name])
    if CUTS[name].hold:
        dies(visitor, line, theme)
    else:
        visitor.submit(theme=theme)
    visitor.expect_status("done")
    expect(visitor.job.locator(".card").first).to_be_visible()
    one_of_each(visitor, theme, bought)
    if not line.tripped.is_set():
        raise NotCut(f"{name}: the line was not cut")


def dies(visitor: Visitor, line: Line, theme: str) -> None:
    """The tab crashes while the answer is on its way; another finds the job."""
    visitor.submit(theme=theme, wait=False)
    wait_until(line.tripped.is_set, "the server has the request")
    visitor.crash()
    visitor.visit(f"/?q={theme}")
    visitor.rows.first.click()


def one_of_each(visitor: Visitor, theme: str, bought: int) -> None:
    """One job with this theme, one purchase more, and nothing left to recover."""
    jobs = visitor.system.get(f"/jobs?q={theme}")[1]["jobs"]
    purchases = sum(visitor.system.bills().values()) - bought
    if (len(jobs), purchases) != (1, 1):
        raise AssertionError(f"{theme}: {len(jobs)} jobs and {purchases} purchases")
    wait_until(lambda: not intents(visitor), "nothing is left to recover")


def intents(visitor: Visitor) -> list[str]:
    found: list[str] = visitor.page.evaluate(
        "Object.keys(localStorage).filter((name) => name.includes(':intent:'))"
    )
    return found
