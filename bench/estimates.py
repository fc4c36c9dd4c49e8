"""Estimates against bills: jobs of all plain types on the whole system, the model with a price.

    python -m bench.estimates [--jobs 500]

Each job has a theme of its own, so nothing comes from the cache. The first 30 teach the server how
long answers are; the others are counted: what they cost against what was expected, and against the
maximum, which none may pass (exit code 1).
"""

import argparse
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from api.history import FRESH_S
from tests.stack import Stack, stack

TYPES = ("characters", "factions", "settings", "events", "relics")
PRICES = (3, 7)
LEARNT = 30
LANES = 24


def one(system: Stack, number: int) -> tuple[float, float, float]:
    """What a job was expected to cost, may cost at most, and did cost."""
    kind = f"generate_{TYPES[number % len(TYPES)]}"
    count = 1 + number % 6
    job_id = system.submit(kind, theme=f"harbour {number} and its bells", count=count)
    cost = system.wait_for(job_id, "completed", timeout=120)["cost"]
    return cost["estimate"], cost["estimate_max"], cost["actual"]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=500)
    given = parser.parse_args()
    costs = []
    with (
        tempfile.TemporaryDirectory(prefix="bench-estimates-") as folder,
        stack(Path(folder), seconds=0.3, prices=PRICES) as system,
        ThreadPoolExecutor(LANES) as lanes,
    ):
        list(lanes.map(lambda number: one(system, number), range(LEARNT)))
        time.sleep(FRESH_S)  # so long an api believes what it knew
        numbers = range(LEARNT, LEARNT + given.jobs)
        for done, cost in enumerate(lanes.map(lambda number: one(system, number), numbers), 1):
            costs.append(cost)
            print(f"\r{done} of {given.jobs}", end="", file=sys.stderr, flush=True)
    off = sorted(abs(actual / expected - 1) for expected, _, actual in costs)
    above = sum(actual > most for _, most, actual in costs)
    share = statistics.median(actual / most for _, most, actual in costs)
    print(f"\n{len(costs)} jobs: off by {statistics.median(off):.0%} at the median, ", end="")
    print(
        f"{off[int(len(off) * 0.9)]:.0%} at p90; {above} above their maximum, of which a job ",
        end="",
    )
    print(f"takes {share:.0%} at the median")
    return int(above > 0)


if __name__ == "__main__":
    raise SystemExit(main())
