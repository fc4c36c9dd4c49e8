"""Cancels jobs at random moments and proves that no model call starts after the response.

    python -m chaos.cancel_race [--cancels 10000] [--seed 1]

Runs real processes. Each job is cancelled at a random moment: before it is claimed, around the
start of its call, during it, or near its end. Then the offline model's ledger, the call ledger and
the responses are compared:

* after a 200 (no worker ran the job) the model received no request for it;
* after a 202 no call was recorded, by the clock of Redis;
* in both cases the job ended cancelled, nothing was billed twice and nothing is left over.

A request that was recorded before the cancel may reach the model after the response; the number of
them and the longest delay are printed. Exits with 1 on any violation.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos.audit import leftovers
from chaos.http_connection import HttpConnection, http_connection
from loresmith.jobs.store import keys
from tests.stack import Stack, request, stack

TYPES = ("characters", "factions", "settings", "events", "relics")
TERMINAL = {"completed", "failed", "cancelled"}
END_TIMEOUT_S = 120
"""How long the last jobs may take to end."""


@dataclass
class Race:
    """One job and its cancel."""

    job_id: str
    answered: int
    """The status code of the response to the cancel."""
    answered_at: float
    """When the response was read, in seconds since 1970."""
    ended: str = ""


@dataclass
class Figures:
    """The figures of a run, and its violations."""

    answers: Counter[int] = field(default_factory=Counter)
    billed: int = 0
    late_arrivals_ms: list[float] = field(default_factory=list)
    """From the response to the arrival at the model of a request recorded before."""
    violations: dict[str, list[str]] = field(default_factory=dict)


class RaceRunner:
    """Runs many races at a time on one system."""

    def __init__(self, url: str, cancels: int, seed: int) -> None:
        self._url = url
        self._random = random.Random(seed)
        self._numbers = iter(range(cancels))
        self._duration_s = 0.1
        """Current duration of a job; delays go from 0 to somewhat more."""
        self.races: list[Race] = []

    async def run(self, lanes: int) -> None:
        await asyncio.gather(*(self._run_races() for _ in range(lanes)))
        await asyncio.wait_for(self._wait_for_end(), END_TIMEOUT_S)

    async def _run_races(self) -> None:
        async with http_connection(self._url) as connection:
            for number in self._numbers:
                self.races.append(await self._race(connection))
                if number % 1000 == 999:
                    print(f"  {number + 1} cancels", flush=True)

    async def _race(self, connection: HttpConnection) -> Race:
        status, job = await connection.send("POST", "/jobs", self._body())
        if status != 202:
            raise SystemExit(f"POST /jobs answered {status}: {job}")
        delay = self._delay_s()
        await asyncio.sleep(delay)
        status, _ = await connection.send("POST", f"/jobs/{job['id']}/cancel", {})
        self._adapt(delay, too_late=status == 409)
        return Race(job["id"], status, time.time())

    def _body(self) -> dict[str, Any]:
        job_type, number = self._random.choice(TYPES), self._random.randrange(1_000_000)
        return {"type": f"generate_{job_type}", "payload": {"theme": f"dust {number}", "count": 2}}

    def _delay_s(self) -> float:
        """Cancels one in five at once, the others during the whole duration of a job."""
        if self._random.random() < 0.2:
            return 0
        return self._random.uniform(0, 1.3 * self._duration_s)

    def _adapt(self, delay: float, *, too_late: bool) -> None:
        """Keeps about one cancel in six too late, whatever the speed of the machine."""
        self._duration_s = max(0.01, self._duration_s * (0.99 if too_late else 1.002))

    async def _wait_for_end(self) -> None:
        async with http_connection(self._url) as connection:
            for race in self.races:
                while race.ended not in TERMINAL:
                    race.ended = (await connection.send("GET", f"/jobs/{race.job_id}"))[1]["status"]


def judge(system: Stack, races: list[Race]) -> Figures:
    """Compares responses, the model's ledger and the call ledger; all jobs must have ended."""
    figures = Figures(answers=Counter(race.answered for race in races))
    requests = request("GET", f"{system.offline_url}/counters")[1]["calls"]
    after_200, after_202, otherwise = [], [], []
    for race in races:
        if race.answered not in (200, 202):
            continue
        if race.ended != "cancelled":
            otherwise.append(f"{race.job_id}: {race.ended}")
        calls = system.redis.smembers(keys.calls(race.job_id))
        starts = [at for call in calls for at in requests.get(call, {}).get("started_at", [])]
        if race.answered == 200:
            after_200 += [race.job_id] * bool(starts)
        else:
            after_202 += _recorded_late(system, race.job_id, calls)
            figures.late_arrivals_ms += [
                (at - race.answered_at) * 1000 for at in starts if at > race.answered_at
            ]
    figures.billed = sum(call["billed"] for call in requests.values())
    figures.violations = {
        "request after a 200": after_200,
        "recorded after a 202": after_202,
        "cancel accepted, then another outcome": otherwise,
        "billed more than once": [call for call, bill in requests.items() if bill["billed"] > 1],
        "leftovers in Redis": list(leftovers(system.redis)),
        "response other than 200, 202 or 409": [
            f"{race.job_id}: {race.answered}"
            for race in races
            if race.answered not in (200, 202, 409)
        ],
    }
    return figures


def _recorded_late(system: Stack, job_id: str, calls: set[str]) -> list[str]:
    """Returns the calls that were recorded after the cancel, by the clock of Redis."""
    cancelled_at = min(
        int(fields["at_ms"])
        for _, fields in system.redis.xrange(keys.updates(job_id))
        if fields["phase"] in ("cancelling", "cancelled")
    )
    rows = ((call, system.redis.hget(keys.call(call), "intent_ms")) for call in calls)
    return [call for call, at in rows if at and int(at) > cancelled_at]


def report(figures: Figures, seed: int, seconds: float) -> bool:
    """Prints the figures; returns whether there are no violations."""
    late = figures.late_arrivals_ms
    print(f"seed {seed}: {sum(figures.answers.values())} cancels in {seconds:.0f} s")
    print(f"responses {dict(sorted(figures.answers.items()))}, {figures.billed} calls billed")
    longest = f", the last after {max(late):.0f} ms" if late else ""
    print(f"{len(late)} requests recorded before the cancel arrived after the response{longest}")
    for name, violations in figures.violations.items():
        verdict = "BAD " if violations else "ok  "
        print(f"{verdict} {len(violations):>4}  {name} {violations[:3] or ''}".rstrip())
    return not any(figures.violations.values())


def main() -> int:
    options = arguments()
    with (
        tempfile.TemporaryDirectory(prefix="cancel-race-") as folder,
        stack(Path(folder), seconds=options.seconds, workers_wanted=1) as system,
    ):
        started_at = time.monotonic()
        runner = RaceRunner(system.url, options.cancels, options.seed)
        asyncio.run(runner.run(options.lanes))
        figures = judge(system, runner.races)
        return 0 if report(figures, options.seed, time.monotonic() - started_at) else 1


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m chaos.cancel_race",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cancels", type=int, default=10_000)
    parser.add_argument("--lanes", type=int, default=24, help="races at a time")
    parser.add_argument("--seconds", type=float, default=0.03, help="length of a model call")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
