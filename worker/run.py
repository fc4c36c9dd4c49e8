"""One attempt of one job, from claim to end, as the threads of the worker share it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Protocol

from jobs.doorbell import Ring
from jobs.errors import JobCancelled, JobLost, JobStopped
from jobs.eta import AT_MOST
from jobs.job import Record
from jobs.kind import Kind, Step
from jobs.kinds import KINDS
from worker.live import Live
from worker.progress import Meter, Reading


class Stoppable(Protocol):
    """What a run may be waiting for."""

    def stop(self, why: JobStopped) -> None:
        """Makes the wait end soon."""


class Run:
    """An attempt in progress. Its thread works; the side thread reads the meter and may stop it."""

    def __init__(
        self, record: Record, queue: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self.record = record
        self.queue = queue
        self.ring = Ring(record["id"], int(record["attempt"]))
        self.kind: Kind[Any] | None = KINDS.get(record["type"])
        self.started = clock()
        self.timeout_s = _time_limit(record)
        self.meter = self._meter()
        self.live = Live()
        # The side thread's own notes: what it sent last, and when it renewed the RQ entry.
        self.sent = self.reading()
        self.sent_at = self.started
        self.renewed_at = self.started
        self._lock = Lock()
        self._why: JobStopped | None = None
        self._after_call = False
        self._waits_for: Stoppable | None = None

    @property
    def job_id(self) -> str:
        return self.ring.job_id

    @property
    def entry(self) -> str:
        """The id of its RQ job."""
        return self.ring.entry

    @property
    def seconds(self) -> float:
        """How long it runs."""
        return self._clock() - self.started

    @property
    def seconds_left(self) -> float:
        """Until it is over its time; counted on this process' own clock, from the claim."""
        return self.timeout_s - self.seconds

    def reading(self) -> Reading:
        """What to show of it now."""
        return self.meter.read(self.live.measured())

    @property
    def stopped_by(self) -> JobStopped | None:
        """Why it must stop; None while it may go on."""
        return self._why

    @property
    def is_lost(self) -> bool:
        """Whether it is another worker's now, so that nothing of it may be written."""
        return isinstance(self._why, JobLost)

    def stop(self, why: JobStopped) -> None:
        """Has it stop now: what it waits for ends. The first reason counts."""
        with self._lock:
            self._why = self._why or why
            waits_for = self._waits_for
        if waits_for:
            waits_for.stop(why)

    def stop_after_call(self) -> None:
        """Has it stop before its next model call."""
        self._after_call = True

    def check(self) -> None:
        """Raises JobStopped when it must stop."""
        if self._why:
            raise self._why

    def check_before_call(self) -> None:
        """Raises JobStopped when no further model call may start."""
        self.check()
        if self._after_call:
            raise JobCancelled

    @contextmanager
    def waiting_for(self, what: Stoppable) -> Iterator[None]:
        """While it waits for `what`, a stop ends that. Raises JobStopped if it came before."""
        with self._lock:
            self._waits_for, why = what, self._why
        try:
            if why:
                what.stop(why)
                raise why
            yield
        finally:
            self._waits_for = None

    def _meter(self) -> Meter:
        message = self.record.get("work_message", "")
        expected_s = float(self.record["expected_s"])
        steps = self.kind.steps if self.kind else (Step("", message, expected_s),)
        usual_s = float(self.record.get("p90_s") or expected_s * AT_MOST)
        return Meter(steps, expected_s, message, self._clock, usual_s)


def _time_limit(record: Record) -> float:
    """Seconds that this attempt may take: the type's, or what is left until the deadline."""
    limit = float(record["timeout_s"])
    if (deadline := record.get("deadline_s")) is None:
        return limit
    passed = (int(record["attempt_started_ms"]) - int(record["created_ms"])) / 1000
    return min(limit, float(deadline) - passed)
