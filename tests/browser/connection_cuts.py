"""Eight points between key and result at which the connection of a browser is cut.

Each must end with one job, one purchase and the result in the page.
The page and the React example play them in this folder's tests and in `python -m bench.cuts`.
"""

from tests.browser.network import Cut, NetworkProxy
from tests.browser.page_driver import PageDriver
from tests.waiting import wait_until

HEAD = b"\r\n\r\n"
POST = r"POST /jobs"
STREAM = r"GET /jobs/[^/?]+/events.*"
DONE = b'"type":"done"'
LOOK = r"GET /jobs/[0-9a-f-]{36}"


def has_body(answer: bytes) -> bool:
    return bool(answer.partition(HEAD)[2])


def has_delta(answer: bytes) -> bool:
    return b'"delta"' in answer


def has_done(answer: bytes) -> bool:
    return DONE in answer


CUTS = {
    "before the request leaves": Cut(POST, sent=False),
    "after the request, before the answer": Cut(POST),
    "after the head of the answer": Cut(POST, has_body),
    "before the first byte of the stream": Cut(STREAM, has_body),
    "in the middle of the stream": Cut(STREAM, has_delta),
    "at the done event": Cut(STREAM, has_done),
    "before the result": Cut(LOOK, sent=False, after=DONE),
    "the tab crashes before the answer": Cut(POST, hold=True),
}


class CutNotReached(AssertionError):
    """The job ended before the cut, so the run proves nothing."""


def run_with_cut(name: str, driver: PageDriver, proxy: NetworkProxy, theme: str) -> None:
    """Submits a job, cuts the connection at the named point, and checks the outcome.

    Raises AssertionError unless there is one job, one purchase and the result; CutNotReached.
    """
    purchases = sum(driver.system.bills().values())
    driver.url = proxy.url
    driver.visit()
    proxy.cut_at(CUTS[name])
    if CUTS[name].hold:
        crash_tab(driver, proxy, theme)
    else:
        driver.submit(theme=theme)
    driver.expect_result()
    check_one_job_and_purchase(driver, theme, purchases)
    if not proxy.tripped.is_set():
        raise CutNotReached(f"{name}: the connection was not cut")


def crash_tab(driver: PageDriver, proxy: NetworkProxy, theme: str) -> None:
    """Crashes the tab before the answer arrives, and finds the job in another tab."""
    driver.submit(theme=theme, wait=False)
    wait_until(proxy.tripped.is_set, "the server has the request")
    driver.crash()
    driver.find_again(theme)


def check_one_job_and_purchase(driver: PageDriver, theme: str, before: int) -> None:
    """Checks that there is one job with this theme, one new purchase, and no intent left."""
    jobs = driver.system.get(f"/jobs?q={theme}")[1]["jobs"]
    purchases = sum(driver.system.bills().values()) - before
    if (len(jobs), purchases) != (1, 1):
        raise AssertionError(f"{theme}: {len(jobs)} jobs and {purchases} purchases")
    wait_until(lambda: not intents(driver), "no intent is left")


def intents(driver: PageDriver) -> list[str]:
    names: list[str] = driver.page.evaluate(
        "Object.keys(localStorage).filter((name) => name.includes(':intent:'))"
    )
    return names
