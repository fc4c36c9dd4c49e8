"""A running system whose parts are made to die, and what every such test asks afterwards."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chaos.audit import leftovers
from tests.stack import Stack, request
from tests.waiting import wait_until

LEASE_S = 3.0
MOST_LOST = 2
SLOW = "fault:slow"
"""A theme whose calls take ten times as long."""
SHORT = {
    "LORESMITH_LEASE_S": str(LEASE_S),
    "LORESMITH_BEAT_S": "0.3",
    "LORESMITH_SWEEP_S": "0.5",
    "LORESMITH_RING_AGAIN_S": "1",
    "LORESMITH_CALL_LEASE_S": "1.5",
    "LORESMITH_CALL_BEAT_S": "0.3",
    "LORESMITH_MAX_LOST": str(MOST_LOST),
}


class Crashing(Stack):
    """The stack with short leases, and a second worker that stays away until it is called."""

    @property
    def spare(self) -> str:
        return "worker2"

    def start(self) -> None:
        super().start()
        self[self.spare].stop()

    def crash_at(self, part: str, point: str) -> None:
        """Starts a part again, with a place where it shall die."""
        self[part].stop()
        self[part].start(LORESMITH_CRASH_AT=point)
        self[part].wait()

    def died(self, part: str) -> None:
        """Waits until a part has died as by kill -9: the place was reached."""
        process = self[part].process
        wait_until(lambda: process and process.poll() is not None, f"{part} died", timeout=20)
        assert process
        assert process.returncode == -signal.SIGKILL, self[part].tail()

    def again(self, part: str) -> None:
        """Starts a part again as it should be, unless it runs."""
        if not self[part].alive:
            self[part].start()
            self[part].wait()

    def settle(self) -> None:
        """All parts up, the spare worker away."""
        for name in self.parts:
            self[name].resume()
            self[name].stop() if name == self.spare else self.again(name)

    def call(self, job_id: str, step: str = "generate", generation: int = 0) -> dict[str, Any]:
        """What the offline model knows of a call: requests, billed, started_at, outcome."""
        url = f"{self.offline_url}/counters?call_id={job_id}/{step}/{generation}"
        return dict(request("GET", url)[1])

    def record(self, job_id: str) -> dict[str, str]:
        """The record of a job as Redis has it."""
        return dict(self.redis.hgetall(f"job:{job_id}"))

    def in_its_call(self, job_id: str) -> None:
        """Waits until the model has been asked, and its text has begun to come."""
        wait_until(lambda: self.call(job_id)["billed"], f"{job_id} is in its call")
        wait_until(lambda: self.job(job_id)["progress"] > 20, f"{job_id} has some text")

    def paid_once(self, job_id: str) -> None:
        """The model's own ledger and counters agree on one request for its one call."""
        bills = {call: n for call, n in self.bills().items() if call.startswith(job_id)}
        assert bills == {f"{job_id}/generate/0": 1}
        assert self.call(job_id)["requests"] == 1

    def nothing_left(self) -> None:
        """Nothing due, no call open, nothing in RQ's queue and registries."""
        wait_until(lambda: not list(leftovers(self.redis)), "Redis is at rest", timeout=15)


@contextmanager
def crashing(directory: Path) -> Iterator[Crashing]:
    """A running system with short leases, for the length of a with block."""
    system = Crashing(directory, seconds=0.4, workers_wanted=2, env=SHORT)
    try:
        system.start()
        yield system
    finally:
        system.stop()
