"""Submits jobs with a unique text in every field, and counts these texts where none may be.

    python -m bench.canary [--jobs 1000]

Runs the whole stack at log level DEBUG, with faults of the provider and internal errors that quote
prompts. tests/e2e/test_canary.py does the same with fewer jobs.
"""

import argparse
import tempfile
import time
from pathlib import Path

from tests.canary import CanaryRun, canary_stack, table


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=1_000)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, canary_stack(Path(folder)) as stack:
        run = CanaryRun(stack)
        run.run(options.jobs)
    print(table(run))
    print(f"\n{options.jobs} jobs in {time.monotonic() - began:.0f} s: {dict(run.statuses)}")
    print(f"searched: {dict(run.seen)}")
    if run.examples:
        raise SystemExit("\n".join(sorted(run.examples)))


if __name__ == "__main__":
    main()
