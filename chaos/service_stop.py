"""Stops a lore_service with calls in flight, starts a new one on its port, and counts the bill.

python -m chaos.service_stop --calls 200 --seconds 75
"""

import argparse
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.stack import Part, Stack, listens, request, stack
from tests.waiting import wait_until

LATER_CALLS = 10
"""Jobs that are submitted while the old lore_service drains."""


@dataclass(frozen=True)
class Outcome:
    """What became of the jobs, and what the offline model billed."""

    completed: int
    failed: int
    billed_once: int
    billed_again: int
    attempts: int
    """The highest attempt of any job."""
    drained_s: float
    """From SIGTERM to the end of the old process."""


def stop_with_calls_in_flight(directory: Path, calls: int, seconds: float) -> Outcome:
    """Runs the whole story on a stack of its own."""
    env = {
        "LORESMITH_CONCURRENCY": str(calls + LATER_CALLS),
        "LORESMITH_CALL_TIMEOUT_S": str(max(90.0, seconds + 15)),
        "LORESMITH_LORE_SERVICE_GRACE_S": str(max(120.0, seconds + 45)),
    }
    with stack(directory, seconds=seconds, env=env) as running:
        ids = [running.submit("generate_relics", count=1) for _ in range(calls)]
        wait_until(lambda: in_flight(running) == calls, "all calls are in flight", timeout=120)
        began, old = time.monotonic(), replaced(running, running["lore"])
        ids += [running.submit("generate_relics", count=1) for _ in range(LATER_CALLS)]
        jobs = [running.wait_for(job_id, timeout=3 * seconds + 120) for job_id in ids]
        old.wait(120)
        drained_s = time.monotonic() - began
        bills = running.bills().values()
    return Outcome(
        completed=sum(job["status"] == "completed" for job in jobs),
        failed=sum(job["status"] == "failed" for job in jobs),
        billed_once=sum(count == 1 for count in bills),
        billed_again=sum(count > 1 for count in bills),
        attempts=max(job["attempt"] for job in jobs),
        drained_s=drained_s,
    )


def in_flight(running: Stack) -> int:
    """Counts the calls that have reached the offline model and have not ended."""
    _, counters = request("GET", f"{running.offline_url}/counters")
    return sum(call["outcome"] == "" for call in counters["calls"].values())


def replaced(running: Stack, part: Part) -> "subprocess.Popen[bytes]":
    """Sends SIGTERM, and starts the next process as soon as the port is free."""
    old = part.process
    assert old
    old.send_signal(signal.SIGTERM)
    wait_until(lambda: not listens(running.lore_port), "the port is free")
    part.start()
    part.wait()
    assert old.poll() is None, "the old process ended before the new one served"
    return old


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=75.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        print(stop_with_calls_in_flight(Path(directory), arguments.calls, arguments.seconds))


if __name__ == "__main__":
    main()
