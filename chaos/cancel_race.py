"""Cancels at random moments, and proof that no model call starts after the answer.

    python -m chaos.cancel_race [--cancels 10000] [--seed 1]

Real processes. Each job is cancelled at a random moment of its life: before it is claimed, around
the dispatch of its call, in the middle of it, near its end. Afterwards the offline model's own
book, the call ledger and the answers are held against each other:

* a cancel answered 200 (nobody ran the job): the model was never asked for it;
* a cancel answered 202: no call was recorded after it, by Redis' own clock;
* either: the job ended cancelled; and nothing was billed twice, nothing left over.

A request that had been recorded before the cancel may still be on its way to the model when the
answer goes out; how many there were, and for how long, is printed. Exit code 1 on any violation.
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
from chaos.browser import Browser, browser
from jobs import keys
from tests.stack import Stack, request, stack

TYPES = ("characters", "factions", "settings", "events", "relics")
TERMINAL = {"completed", "failed", "cancelled"}
REST_S = 120
"""How long the last jobs may take to come to rest."""


@dataclass
class Race:
    """One job and its cancel."""

    job_id: str
    answered: int
    """The status of the answer to the cancel."""
    answered_at: float
    """When its last byte was read, in seconds since 1970."""
    ended: str = ""


@dataclass
class Figures:
    """What came out, and what must be empty."""

    answers: Counter[int] = field(default_factory=Counter)
    billed: int = 0
    on_their_way_ms: list[float] = field(default_factory=list)
    """From the answer to the arrival at the model of a request that was recorded before."""
    violations: dict[str, list[str]] = field(default_factory=dict)


class Track:
    """Runs races, many at a time, on one running system."""

    def __init__(self, url: str, cancels: int, seed: int) -> None:
        self._url = url
        self._random = random.Random(seed)
        self._to_go = iter(range(cancels))
        self._took_s = 0.1
        """How long a job lives now; the delays are drawn from 0 to somewhat more."""
        self.races: list[Race] = []

    async def run(self, lanes: int) -> None:
        await asyncio.gather(*(self._lane() for _ in range(lanes)))
        await asyncio.wait_for(self._rest(), REST_S)

    async def _lane(self) -> None:
        async with browser(self._url) as here:
            for number in self._to_go:
                self.races.append(await self._race(here))
                if number % 1000 == 999:
                    print(f"  {number + 1} cancels", flush=True)

    async def _race(self, here: Browser) -> Race:
        status, job = await here.send("POST", "/jobs", self._body())
        if status != 202:
            raise SystemExit(f"POST /jobs answered {status}: {job}")
        delay = self._delay_s()
        await asyncio.sleep(delay)
        status, _ = await here.send("POST", f"/jobs/{job['id']}/cancel", {})
        self._learn(delay, over=status == 409)
        return Race(job["id"], status, time.time())

    def _body(self) -> dict[str, Any]:
        kind, number = self._random.choice(TYPES), self._random.randrange(1_000_000)
        return {"type": f"generate_{kind}", "payload": {"theme": f"dust {number}", "count": 2}}

    def _delay_s(self) -> float:
        """One in five at once; the others over the whole life of a job."""
        if self._random.random() < 0.2:
            return 0
        return self._random.uniform(0, 1.3 * self._took_s)

    def _learn(self, delay: float, *, over: bool) -> None:
        """Keeps about one cancel in six too late, however fast the machine is now."""
        self._took_s = max(0.01, self._took_s * (0.99 if over else 1.002))

    async def _rest(self) -> None:
        async with browser(self._url) as here:
            for race in self.races:
                while race.ended not in TERMINAL:
                    race.ended = (await here.send("GET", f"/jobs/{race.job_id}"))[1]["status"]


def judge(system: Stack, races: list[Race]) -> Figures:
    """Holds the answers against the model's book and the ledger; the system must be at rest."""
    figures = Figures(answers=Counter(race.answered for race in races))
    asked = request("GET", f"{system.offline_url}/counters")[1]["calls"]
    after_200, after_202, otherwise = [], [], []
    for race in races:
        if race.answered not in (200, 202):
            continue
        if race.ended != "cancelled":
            otherwise.append(f"{race.job_id}: {race.ended}")
        calls = system.redis.smembers(keys.calls(race.job_id))
        starts = [at for call in calls for at in asked.get(call, {}).get("started_at", [])]
        if race.answered == 200:
            after_200 += [race.job_id] * bool(starts)
        else:
            after_202 += _recorded_late(system, race.job_id, calls)
            figures.on_their_way_ms += [
                (at - race.answered_at) * 1000 for at in starts if at > race.answered_at
            ]
    figures.billed = sum(call["billed"] for call in asked.values())
    figures.violations = {
        "asked for after a 200": after_200,
        "recorded after a 202": after_202,
        "told cancelled, ended otherwise": otherwise,
        "billed more than once": [call for call, bill in asked.items() if bill["billed"] > 1],
        "left over in Redis": list(leftovers(system.redis)),
        "answered neither 200, 202 nor 409": [
            f"{race.job_id}: {race.answered}"
            for race in races
            if race.answered not in (200, 202, 409)
        ],
    }
    return figures


def _recorded_late(system: Stack, job_id: str, calls: set[str]) -> list[str]:
    """Calls whose intent is younger than the cancel, both by the clock of Redis, in ms."""
    cancelled_at = min(
        int(fields["at_ms"])
        for _, fields in system.redis.xrange(keys.updates(job_id))
        if fields["phase"] in ("cancelling", "cancelled")
    )
    rows = ((call, system.redis.hget(keys.call(call), "intent_ms")) for call in calls)
    return [call for call, at in rows if at and int(at) > cancelled_at]


def report(figures: Figures, seed: int, seconds: float) -> bool:
    """Prints it; whether all is well."""
    late = figures.on_their_way_ms
    print(f"seed {seed}: {sum(figures.answers.values())} cancels in {seconds:.0f} s")
    print(f"answers {dict(sorted(figures.answers.items()))}, {figures.billed} calls billed")
    longest = f", the last one for {max(late):.0f} ms" if late else ""
    print(f"{len(late)} requests recorded before the cancel were still on their way{longest}")
    for name, found in figures.violations.items():
        print(f"{'BAD ' if found else 'ok  '} {len(found):>4}  {name} {found[:3] or ''}".rstrip())
    return not any(figures.violations.values())


def main() -> int:
    given = arguments()
    with (
        tempfile.TemporaryDirectory(prefix="cancel-race-") as folder,
        stack(Path(folder), seconds=given.seconds, workers_wanted=1) as system,
    ):
        began = time.monotonic()
        track = Track(system.url, given.cancels, given.seed)
        asyncio.run(track.run(given.lanes))
        figures = judge(system, track.races)
        return 0 if report(figures, given.seed, time.monotonic() - began) else 1


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
