"""Cuts the network between a real Chromium and the api at eight points, many times.

    python -m bench.cuts [--rounds 100] [--react]

Each run must end with one job, one call in the offline model's own ledger, and the result in
the page; with --react, in examples/react. Needs Playwright and a Chromium on PATH.
"""

import argparse
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.connection_cuts import CUTS, CutNotReached, run_with_cut
from tests.browser.network import NetworkProxy, network_proxy
from tests.browser.page_driver import ARGUMENTS, VIEWPORT, PageDriver
from tests.browser.react_example import ExampleDriver, served_example
from tests.stack import Stack, stack

ANSWER_S = 1.2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--react", action="store_true", help="cut the React example's connection")
    options = parser.parse_args()
    rounds = options.rounds
    started_at = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="bench-cuts-") as folder,
        stack(Path(folder), seconds=ANSWER_S, chunks=12) as system,
        served(options.react, system, Path(folder)) as port,
        network_proxy(port) as proxy,
        sync_playwright() as driver,
    ):
        driver_type = ExampleDriver if options.react else PageDriver
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)

        def new_driver() -> PageDriver:
            return driver_type(browser.new_context(viewport=VIEWPORT), system)

        good = run_all(new_driver, proxy, rounds)
        browser.close()
    expected = rounds * len(CUTS)
    print(f"{good.total()} of {expected} correct, {time.monotonic() - started_at:.0f} s")
    return 0 if good.total() == expected else 1


@contextmanager
def served(react: bool, system: Stack, folder: Path) -> Iterator[int]:
    """Yields the port of the page, or of the React example."""
    if not react:
        yield system.api_port
        return
    with served_example(system, folder / "example") as port:
        yield port


def run_all(
    new_driver: Callable[[], PageDriver], proxy: NetworkProxy, rounds: int
) -> "Counter[str]":
    """Counts the correct runs by cut; the others are printed at once."""
    good: Counter[str] = Counter()
    for number in range(rounds):
        for point, name in enumerate(CUTS):
            good[name] += run_once(new_driver, proxy, name, f"cut-{number}-{point}")
        print(f"round {number + 1} of {rounds}: {good.total()} correct", flush=True)
    return good


def run_once(
    new_driver: Callable[[], PageDriver], proxy: NetworkProxy, name: str, theme: str
) -> bool:
    """Plays one run in a fresh browser; returns whether it ended correctly.

    Repeats a run in which the page finished before the cut.
    """
    page = new_driver()
    try:
        run_with_cut(name, page, proxy, theme)
    except CutNotReached as error:
        print(f"{theme} {error}; repeating", flush=True)
        return run_once(new_driver, proxy, name, f"{theme}-again")
    except Exception as error:  # the other runs continue
        print(f"{theme} {name}: {error}", flush=True)
        return False
    finally:
        page.context.close()
    return True


if __name__ == "__main__":
    raise SystemExit(main())
