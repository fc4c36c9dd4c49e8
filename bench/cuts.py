"""Cuts the line between a real Chromium and the api at eight points, many times.

    python -m bench.cuts [--rounds 100]

Each story must end with one job, one purchase in the offline model's own books, and the result
in the page. Needs Playwright and a Chromium on PATH.
"""

import argparse
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.cuts import CUTS, NotCut, play
from tests.browser.line import Line, line
from tests.browser.visitor import ARGUMENTS, Visitor
from tests.stack import Stack, stack

ANSWER_S = 1.2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="bench-cuts-") as folder,
        stack(Path(folder), seconds=ANSWER_S, chunks=12) as system,
        line(system.api_port) as cuttable,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        good = played(browser, system, cuttable, rounds)
        browser.close()
    wanted = rounds * len(CUTS)
    print(f"{good.total()} of {wanted} as they should be, {time.monotonic() - began:.0f} s")
    return 0 if good.total() == wanted else 1


def played(browser: Browser, system: Stack, cuttable: Line, rounds: int) -> "Counter[str]":
    """How often each cut ended well; the others are told as they come."""
    good: Counter[str] = Counter()
    for number in range(rounds):
        for point, name in enumerate(CUTS):
            good[name] += one(browser, system, cuttable, name, f"cut-{number}-{point}")
        print(f"round {number + 1} of {rounds}: {good.total()} good", flush=True)
    return good


def one(browser: Browser, system: Stack, cuttable: Line, name: str, theme: str) -> bool:
    """One story in a fresh browser; whether it ended well. One that came to no cut, because the
    page was too fast for it, is played again.
    """
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    try:
        play(name, Visitor(context, system), cuttable, theme)
    except NotCut as error:
        print(f"{theme} {error}; once more", flush=True)
        return one(browser, system, cuttable, name, f"{theme}-again")
    except Exception as error:  # whatever it is, the other stories go on
        print(f"{theme} {name}: {error}", flush=True)
        return False
    finally:
        context.close()
    return True


if __name__ == "__main__":
    raise SystemExit(main())
