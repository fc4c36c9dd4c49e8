"""A stack whose processes crash at named points, and the checks after a crash."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chaos.audit import leftovers
from tests.crash_hook import crash_at
from tests.stack import Stack, request
from tests.waiting import wait_until

LEASE_S = 3.0
MAX_WORKER_LOSSES = 2
SLOW_THEME = "fault:slow"
"""A theme whose calls take ten times as long."""
SHORT_TIMES = {
    "LORESMITH_LEASE_S": str(LEASE_S),
    "LORESMITH_HEARTBEAT_INTERVAL_S": "0.3",
    "LORESMITH_RECONCILE_INTERVAL_S": "0.5",
    "LORESMITH_REQUEUE_AFTER_S": "1",
    "LORESMITH_CALL_LEASE_S": "1.5",
    "LORESMITH_CALL_HEARTBEAT_INTERVAL_S": "0.3",
    "LORESMITH_MAX_WORKER_LOSSES": str(MAX_WORKER_LOSSES),
}


class CrashStack(Stack):
    """A stack with short leases, and a second worker that is stopped at first."""

    @property
    def spare(self) -> str:
        return "worker2"

    def start(self) -> None:
        super().start()
        self[self.spare].stop()

    def crash_at(self, part: str, point: str) -> None:
        """Restarts a process so that it crashes at a point."""
        self[part].stop()
        self[part].start(**crash_at(point))
        self[part].wait()

    def wait_for_crash(self, part: str) -> None:
        """Waits until a process has reached its crash point."""
        process = self[part].process
        wait_until(lambda: process and process.poll() is not None, f"{part} crashed", timeout=20)
        assert process
        assert process.returncode == -signal.SIGKILL, self[part].tail()

    def restart(self, part: str) -> None:
        """Starts a process without a crash point, unless it runs."""
        if not self[part].alive:
            self[part].start()
            self[part].wait()

    def restore(self) -> None:
        """Starts all processes, and stops the spare worker."""
        for name in self.parts:
            self[name].resume()
            self[name].stop() if name == self.spare else self.restart(name)

    def model_call(
        self, job_id: str, step: str = "generate", generation: int = 0
    ) -> dict[str, Any]:
        """Returns the offline model's record of a call: requests, billed, started_at, outcome."""
        url = f"{self.offline_url}/counters?call_id={job_id}/{step}/{generation}"
        return dict(request("GET", url)[1])

    def record(self, job_id: str) -> dict[str, str]:
        """Returns the hash of a job in Redis."""
        return dict(self.redis.hgetall(f"job:{job_id}"))

    def wait_for_text(self, job_id: str) -> None:
        """Waits until a model call of the job streams text."""
        wait_until(lambda: self.model_call(job_id)["billed"], f"{job_id} is billed")
        wait_until(lambda: self.job(job_id)["progress"] > 20, f"{job_id} has some text")

    def assert_paid_once(self, job_id: str) -> None:
        """Checks that the model's ledger and counters have one request for the one call."""
        bills = {call: n for call, n in self.bills().items() if call.startswith(job_id)}
        assert bills == {f"{job_id}/generate/0": 1}
        assert self.model_call(job_id)["requests"] == 1

    def assert_clean(self) -> None:
        """Checks that no deadline, open call, RQ message or registry entry is left."""
        wait_until(lambda: not list(leftovers(self.redis)), "Redis is clean", timeout=15)


@contextmanager
def crash_stack(directory: Path) -> Iterator[CrashStack]:
    """Runs a crash stack for the length of a with block."""
    system = CrashStack(directory, seconds=0.4, workers_wanted=2, env=SHORT_TIMES)
    try:
        system.start()
        yield system
    finally:
        system.stop()
