"""Measures the page in a real Chromium: first paint after a cold start, a long list, its memory.

    python -m bench.page [--jobs 10000] [--minutes 2] [--starts 5]

First paint: a new api process and a new browser profile each time; from the navigation, which is
the first request that the process answers, to the browser's own `first-contentful-paint`. First
rows: from the navigation until the frame that has the first row was drawn. Scrolling: the longest
time between two frames while the list is scrolled down 40 screens through a real api. Memory: the
page's heap after a collection, while 50 running jobs have two updates a second each. Needs
Playwright and a Chromium on PATH.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from redis import Redis

from bench.api_alone import ApiAddress, api_alone
from bench.lists import fill
from loresmith.jobs.store import keys
from loresmith.jobs.store.scripts import script
from tests.browser.page_driver import ARGUMENTS

LIVE = 50
UPDATES_S = 0.5
HEAP_INTERVAL_S = 10
PAINT = """() => new Promise((resolve) => new PerformanceObserver((list) => {
    const paint = list.getEntriesByName("first-contentful-paint")[0];
    if (paint) resolve(paint.startTime);
}).observe({ type: "paint", buffered: true }))"""
ROWS = """new MutationObserver((_, watching) => {
    if (!document.querySelector(".rows li")) return;
    watching.disconnect();
    requestAnimationFrame(() => setTimeout(() => { globalThis.rowsAt = performance.now(); }));
}).observe(document, { childList: true, subtree: true })"""
SCROLL = """async () => {
    const box = document.querySelector(".rows");
    let longest = 0, before = performance.now();
    for (let step = 0; step < 40; step += 1) {
        box.scrollTop += box.clientHeight;
        for (let frame = 0; frame < 6; frame += 1) {
            const now = await new Promise(requestAnimationFrame);
            longest = Math.max(longest, now - before);
            before = now;
        }
    }
    return longest;
}"""


def main(options: argparse.Namespace) -> None:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        paints = [cold(browser) for _ in range(options.starts)]
        print(f"first paint, cold: median {statistics.median(paints):.0f} ms of {rounded(paints)}")
        with (
            tempfile.TemporaryDirectory(prefix="bench-page-") as folder,
            api_alone(Path(folder)) as at,
        ):
            with ThreadPoolExecutor(1) as aside:  # Playwright's event loop runs in this thread
                aside.submit(lambda: asyncio.run(fill(at.url, options.jobs))).result()
            rows = [first_rows(browser, at) for _ in range(options.starts)]
            print(f"first rows of {options.jobs}: median {statistics.median(rows):.0f} ms")
            page = browser.new_page()
            show(page, at.url)
            print(f"scrolling: longest frame {page.evaluate(SCROLL):.0f} ms")
            watch(page, at, options.minutes)
        browser.close()


def rounded(values: list[float]) -> list[int]:
    return [round(value) for value in values]


def cold(browser: Browser) -> float:
    """Returns the milliseconds from the navigation to the first paint, on a new api process."""
    with tempfile.TemporaryDirectory(prefix="bench-page-") as folder, api_alone(Path(folder)) as at:
        page = browser.new_context().new_page()
        page.goto(at.url)
        paint_ms = float(page.evaluate(PAINT))
        page.context.close()
    return paint_ms


def show(page: Page, url: str) -> None:
    page.goto(url)
    page.locator(".rows li").first.wait_for()


def first_rows(browser: Browser, at: ApiAddress) -> float:
    """Returns the milliseconds from the navigation to the first row, in a fresh profile."""
    page = browser.new_context().new_page()
    page.add_init_script(ROWS)
    show(page, at.url)
    page.wait_for_timeout(100)
    rows_ms = float(page.evaluate("rowsAt"))
    page.context.close()
    return rows_ms


def watch(page: Page, at: ApiAddress, minutes: float) -> None:
    """Prints the heap in the first and last third of the time, while jobs run."""
    over = threading.Event()
    worker = threading.Thread(target=work, args=(at.redis_port, over))
    worker.start()
    session = page.context.new_cdp_session(page)
    heaps, until = [], time.monotonic() + minutes * 60
    while time.monotonic() < until:
        page.wait_for_timeout(HEAP_INTERVAL_S * 1000)
        session.send("HeapProfiler.collectGarbage")
        heaps.append(session.send("Runtime.getHeapUsage")["usedSize"] / 1_000_000)
        print(f"\r{heaps[-1]:.1f} MB", end="", flush=True)
    over.set()
    worker.join()
    third = max(1, len(heaps) // 3)
    first, last = statistics.median(heaps[:third]), statistics.median(heaps[-third:])
    print(f"\rheap with {LIVE} live jobs, {minutes:g} min: {first:.1f} MB first, {last:.1f} last")


def work(port: int, over: threading.Event) -> None:
    """Acts as a worker of the newest jobs: two updates a second for each."""
    redis = Redis(port=port, decode_responses=True)
    ids = redis.zrevrange(keys.ALL, 0, LIVE - 1)
    claim = redis.register_script(script("jobs/claim").source)
    append_events = redis.register_script(script("jobs/append_events").source)
    for job_id in ids:
        claim(keys=[keys.job(job_id)], args=[job_id, 1, "bench", 3_600_000])
    number = 0
    while not over.wait(UPDATES_S):
        number += 1
        events = [
            part
            for job_id in ids
            for part in (
                job_id,
                1,
                number,
                "delta",
                "generate",
                number * 20,
                "of the old harbour, ",
            )
        ]
        append_events(keys=[], args=["bench", *events])
    redis.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--minutes", type=float, default=2)
    parser.add_argument("--starts", type=int, default=5)
    main(parser.parse_args())
