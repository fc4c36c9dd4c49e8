"""Holds one attempt of a job, from claim to end, for the threads of the worker."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock
from typing import Any, Protocol

from pydantic_core import from_json

from loresmith.jobs.core.errors import CancelRequested, JobLost, JobStopped, TimedOut
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import WAITING_PHASES, Phase
from loresmith.jobs.statistics.durations import DurationEstimate
from loresmith.jobs.store.queue import JobMessage
from loresmith.jobs.types.base import JobType, Step
from loresmith.jobs.types.registry import JOB_TYPES
from loresmith.worker.adapters.store_types import ProgressSnapshot, QueueEntry
from loresmith.worker.progress.event_buffer import EventBuffer
from loresmith.worker.progress.tracker import ProgressTracker, each_step

MIN_HELD_EXPECTED_S = 30.0
"""Job types that take as long show 90 % for one heartbeat."""
MIN_HELD_ELAPSED_S = 1.0


class Stoppable(Protocol):
    """A wait that another thread can end."""

    def stop(self, reason: JobStopped) -> None:
        """Makes the wait end soon."""


class _Pause:
    """A wait of a fixed time."""

    def __init__(self) -> None:
        self.ended = Event()

    def stop(self, reason: JobStopped) -> None:
        self.ended.set()


class JobAttempt:
    """A running attempt. Its own thread works; the heartbeat thread reads it and may stop it."""

    def __init__(
        self, record: Record, queue: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self.record = record
        self.job = JobMessage(record["id"], int(record["attempt"]))
        self.entry = QueueEntry(queue, self.job.entry, record["type"])
        self.job_type: JobType[Any] | None = JOB_TYPES.get(record["type"])
        self.started_at = clock()
        self._age_at_start_s = seconds_between(record, origin_of(record), "attempt_started_ms")
        self._limits = _limits(record, self._age_at_start_s)
        self.shows_ladder = from_json(record.get("options", "{}")).get("progress") == "ladder"
        """Whether clients see each step of the ladder."""
        self.runs_plain_step = False
        """Whether the job's thread waits for the thread of a step."""
        self.tracker = self._new_tracker()
        self.events = EventBuffer()
        self.claimed_snapshot = self.snapshot()
        """The progress that the claim has already stored."""
        self._lock = Lock()
        self._stop_reason: JobStopped | None = None
        self._cancel_after_call = False
        self._waiting_for: Stoppable | None = None

    @property
    def job_id(self) -> str:
        return self.job.job_id

    @property
    def is_first(self) -> bool:
        return self.job.attempt == 1

    @property
    def is_read_live(self) -> bool:
        """Whether a client reads the text as it is written."""
        return self.record.get("awaited") == "2"

    @property
    def elapsed_s(self) -> float:
        return self._clock() - self.started_at

    @property
    def remaining_s(self) -> float:
        """Time until the attempt times out, by this process' own clock."""
        return min(self._limits)[0] - self.elapsed_s

    @property
    def age_s(self) -> float:
        """Time since the job was created, or last retried by a client."""
        return self._age_at_start_s + self.elapsed_s

    def timed_out(self) -> TimedOut:
        """Returns the error of an attempt that reached its time limit, which it names."""
        return TimedOut(f"The job took longer than {min(self._limits)[1]}.")

    def snapshot(self) -> ProgressSnapshot:
        """Returns the current progress."""
        if self.events.has_running_call:
            self.tracker.stop_waiting()
        return self.tracker.snapshot(self.events.measured(), is_alive=self.events.is_alive)

    def snapshots_above(self, last: int) -> list[ProgressSnapshot]:
        """Returns what clients are shown next; each step above `last` if they see the ladder."""
        snapshot = self.snapshot()
        return each_step(last, snapshot) if self.shows_ladder else [snapshot]

    @property
    def holds_finalizing(self) -> bool:
        """Whether 90 % is shown for a moment: not when a client or a batch waits for the result,
        nor when the job took no time.
        """
        is_long = bool(self.job_type and self.job_type.expected_s >= MIN_HELD_EXPECTED_S)
        is_awaited = "awaited" in self.record or "batch_key" in self.record
        return is_long and not is_awaited and self.elapsed_s >= MIN_HELD_ELAPSED_S

    def finalize(self) -> None:
        """Shows that only the result remains to be stored."""
        if self.job_type:
            self.tracker.finalize(self.job_type.finalizing, climbs=self.holds_finalizing)

    def pause(self, seconds: float) -> None:
        """Waits; returns early when the attempt is stopped."""
        pause = _Pause()
        with suppress(JobStopped), self.waiting_for(pause):
            pause.ended.wait(seconds)

    @property
    def stop_reason(self) -> JobStopped | None:
        """Why the attempt must stop; None while it may continue."""
        return self._stop_reason

    @property
    def is_lost(self) -> bool:
        """Whether another worker has the job, so that this one must write nothing."""
        return isinstance(self._stop_reason, JobLost)

    def stop(self, reason: JobStopped) -> None:
        """Stops the attempt now, and ends its wait. The first reason counts."""
        with self._lock:
            self._stop_reason = self._stop_reason or reason
            waiting_for = self._waiting_for
        if waiting_for:
            waiting_for.stop(reason)

    def cancel_after_current_call(self) -> None:
        """Stops the attempt before its next model call."""
        self._cancel_after_call = True

    def raise_if_stopped(self) -> None:
        """Raises JobStopped when the attempt must stop."""
        if self._stop_reason:
            raise self._stop_reason

    def raise_if_cancelled(self) -> None:
        """Raises JobStopped when no further model call may start."""
        self.raise_if_stopped()
        if self._cancel_after_call:
            raise CancelRequested

    def raise_if_over(self) -> None:
        """Raises JobStopped when nothing more may start, TimedOut when the time is over."""
        self.raise_if_cancelled()
        if self.remaining_s <= 0:
            raise TimedOut

    @contextmanager
    def waiting_for(self, wait: Stoppable) -> Iterator[None]:
        """Lets `stop` end the wait inside the with block. Raises JobStopped if it came before."""
        with self._lock:
            self._waiting_for, reason = wait, self._stop_reason
        try:
            if reason:
                wait.stop(reason)
                raise reason
            yield
        finally:
            self._waiting_for = None

    def _new_tracker(self) -> ProgressTracker:
        message = self.record.get("work_message", "")
        duration = DurationEstimate.of_record(self.record)
        steps = self.job_type.steps if self.job_type else (Step("", message, duration.p50),)
        phase = self.record.get("phase", "")
        waiting = (Phase(phase), self.record["message"]) if phase in WAITING_PHASES else None
        return ProgressTracker(
            steps,
            duration.p50,
            message,
            self._clock,
            duration.p90,
            start=int(self.record.get("progress", 0)),
            by_time_only=self.shows_ladder,
            waiting=waiting,
        )


def _limits(record: Record, age_s: float) -> list[tuple[float, str]]:
    """Returns the limits of this attempt in seconds, with their names for people."""
    timeout_s = float(record["timeout_s"])
    named = from_json(record.get("options") or "{}").get("timeout_s") is not None
    origin = "options.timeout_s" if named else "its job type"
    limits = [(timeout_s, f"the {timeout_s:g} s that {origin} allows")]
    if deadline_s := record.get("deadline_s"):
        name = f"its deadline of {float(deadline_s):g} s after its {event_of(record)}"
        limits.append((float(deadline_s) - age_s, name))
    return limits


def origin_of(record: Record) -> str:
    """Returns the field of the time that a job's limits count from."""
    return "retried_ms" if "retried_ms" in record else "created_ms"


def event_of(record: Record) -> str:
    """Names that time for people."""
    return "retry" if "retried_ms" in record else "creation"


def seconds_between(record: Record, start: str, end: str) -> float:
    """Returns the time between two fields; 0 when one is absent."""
    if start not in record or end not in record:
        return 0.0
    return (int(record[end]) - int(record[start])) / 1000
