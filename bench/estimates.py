"""Compares estimates with bills: jobs of all simple types on the whole system, with prices.

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

from loresmith.api.services.run_statistics import MAX_AGE_S
from tests.stack import Stack, stack

TYPES = ("characters", "factions", "settings", "events", "relics")
PRICES = (3, 7)
WARM_UP_JOBS = 30
LANES = 24


def run_job(system: Stack, number: int) -> tuple[float, float, float]:
    """Runs a job; returns its expected, maximal and actual cost."""
    job_type = f"generate_{TYPES[number % len(TYPES)]}"
    count = 1 + number % 6
    job_id = system.submit(job_type, theme=f"harbour {number} and its bells", count=count)
    cost = system.wait_for(job_id, "completed", timeout=120)["cost"]
    return cost["estimate"], cost["estimate_max"], cost["actual"]


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=500)
    options = parser.parse_args()
    costs = []
    with (
        tempfile.TemporaryDirectory(prefix="bench-estimates-") as folder,
        stack(Path(folder), seconds=0.3, prices=PRICES) as system,
        ThreadPoolExecutor(LANES) as lanes,
    ):
        list(lanes.map(lambda number: run_job(system, number), range(WARM_UP_JOBS)))
        time.sleep(MAX_AGE_S)  # so long an api believes what it knew
        numbers = range(WARM_UP_JOBS, WARM_UP_JOBS + options.jobs)
        for done, cost in enumerate(lanes.map(lambda number: run_job(system, number), numbers), 1):
            costs.append(cost)
            print(f"\r{done} of {options.jobs}", end="", file=sys.stderr, flush=True)
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
