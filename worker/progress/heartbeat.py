"""Sends progress, events and lease renewals of all running jobs in one round trip."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from threading import Event, Thread
from typing import Protocol

from loresmith.jobs.core.errors import CancelRequested, JobLost, JobStopped
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import REDIS_OUTAGE
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.redis_retry import StoreError
from loresmith.worker.adapters.rq_registry import RqRegistrySync
from loresmith.worker.adapters.store_types import BufferedEvent, ProgressSnapshot, QueueEntry
from loresmith.worker.progress.event_buffer import EventBuffer

log = get_logger(__name__)

MIN_URGENT_INTERVAL_S = 0.03
"""Text that arrives within this time is sent together."""
MAX_SILENCE_S = 1.0
"""Each job is sent at least this often, so that its cancellation is noticed."""


class RunningAttempt(Protocol):
    """The part of an attempt that the heartbeat uses."""

    job: JobMessage
    entry: QueueEntry
    events: EventBuffer
    started_at: float
    claimed_snapshot: ProgressSnapshot

    def snapshots_above(self, last: int) -> list[ProgressSnapshot]:
        """Returns the progress to send, the current one last."""

    def stop(self, reason: JobStopped) -> None:
        """Stops the attempt now."""

    def cancel_after_current_call(self) -> None:
        """Stops the attempt before its next model call."""


@dataclass
class _LastSent:
    """The last snapshot of one attempt, and when its RQ entry was renewed."""

    snapshot: ProgressSnapshot
    sent_at: float
    renewed_at: float


@dataclass(frozen=True)
class _Heartbeat:
    """What one round sends of one attempt."""

    attempt: RunningAttempt
    snapshots: list[ProgressSnapshot]
    events: list[BufferedEvent]


class HeartbeatThread(Thread):
    """Sends a heartbeat for all running jobs every `heartbeat_interval_s`.

    Jobs continue while Redis is unavailable.
    """

    def __init__(
        self,
        running_attempts: Callable[[], Sequence[RunningAttempt]],
        store: WorkerJobStore,
        registry: RqRegistrySync,
        config: Settings,
        suspended: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self._clock = clock
        self._running_attempts = running_attempts
        self._store = store
        self._registry = registry
        self._suspended = suspended
        self._interval_s = config.heartbeat_interval_s
        self._renew_interval_s = config.lease_s / 3
        self._max_silence_s = min(MAX_SILENCE_S, self._renew_interval_s)
        self._last_heartbeat = float("-inf")
        self._last_running = 0
        self._last_sent: dict[QueueEntry, _LastSent] = {}
        self._stopping, self._woken = Event(), Event()

    def stop(self) -> None:
        """Stops the thread, waits for the current round, and shows the last ended jobs to RQ."""
        self._stopping.set()
        self._woken.set()
        self.join()
        with suppress(StoreError):
            self._registry.flush()

    def wake(self) -> None:
        """Lets the thread send the urgent events of attempts soon. Any thread may call it."""
        self._woken.set()

    def run_once(self) -> None:
        """Sends one round. Raises RedisError; the next round then sends the same again."""
        now = self._clock()
        attempts = self._running_attempts()
        self._track(attempts)
        due = [heartbeat for attempt in attempts if (heartbeat := self._due(attempt, now))]
        self._renew_entries(due, now)
        is_late = now - self._last_heartbeat >= self._renew_interval_s
        if due or is_late or len(attempts) != self._last_running:
            self._send(due, now, len(attempts))
        self._registry.heartbeat(busy=bool(self._running_attempts()), suspended=self._suspended())

    def send_urgent(self) -> None:
        """Sends the attempts with urgent events, between two rounds. Raises RedisError."""
        now = self._clock()
        attempts = self._running_attempts()
        self._track(attempts)
        urgent = [attempt for attempt in attempts if attempt.events.is_urgent]
        if due := [heartbeat for attempt in urgent if (heartbeat := self._due(attempt, now))]:
            self._send(due, now, len(attempts))

    def _track(self, attempts: Sequence[RunningAttempt]) -> None:
        """Keeps the last snapshots of running attempts only."""
        self._last_sent = {
            attempt.entry: self._last_sent.get(attempt.entry)
            or _LastSent(attempt.claimed_snapshot, attempt.started_at, attempt.started_at)
            for attempt in attempts
        }

    def _due(self, attempt: RunningAttempt, now: float) -> _Heartbeat | None:
        """Returns what to send of an attempt that changed, or was not sent for too long."""
        last = self._last_sent[attempt.entry]
        snapshots = attempt.snapshots_above(last.snapshot.progress)
        events = attempt.events.pending()
        changed = snapshots[-1] != last.snapshot or events
        if changed or now - last.sent_at >= self._max_silence_s:
            return _Heartbeat(attempt, snapshots, events)
        return None

    def _renew_entries(self, heartbeats: Sequence[_Heartbeat], now: float) -> None:
        """Renews RQ's entries before the leases: see `_apply` for a job that ends in between."""
        entries = [
            heartbeat.attempt.entry
            for heartbeat in heartbeats
            if now - self._last_sent[heartbeat.attempt.entry].renewed_at >= self._renew_interval_s
        ]
        if entries:
            self._registry.renew(entries)
            for entry in entries:
                self._last_sent[entry].renewed_at = now

    def _send(self, heartbeats: Sequence[_Heartbeat], now: float, running: int) -> None:
        answers = self._store.heartbeat(
            [
                (heartbeat.attempt.job, snapshot)
                for heartbeat in heartbeats
                for snapshot in heartbeat.snapshots
            ],
            [(heartbeat.attempt.job, heartbeat.events) for heartbeat in heartbeats],
            running,
        )
        self._last_heartbeat, self._last_running = now, running
        remaining = iter(answers)
        for heartbeat in heartbeats:
            *_, answer = islice(remaining, len(heartbeat.snapshots))
            attempt = heartbeat.attempt
            attempt.events.clear_pending()
            self._apply(attempt, answer)
            last = self._last_sent[attempt.entry]
            last.snapshot, last.sent_at = heartbeat.snapshots[-1], now

    def _apply(self, attempt: RunningAttempt, answer: str) -> None:
        """Applies the answer about an attempt.

        A job that has just ended is "lost" too; then only its RQ entry matters, which may have been
        renewed after it was removed.
        """
        match answer:
            case "lost":
                attempt.stop(JobLost())
                self._registry.remove(attempt.entry)
            case "now":
                attempt.stop(CancelRequested())
            case "after_current_call":
                attempt.cancel_after_current_call()

    def run(self) -> None:
        """Sends rounds at a fixed rate, so that the progress shows each step; and between them
        what a client reads as it is written.
        """
        due_at = time.monotonic()
        while not self._stopping.is_set():
            self._woken.wait(max(0.0, due_at - time.monotonic()))
            self._woken.clear()
            if self._stopping.is_set():
                return
            if (now := time.monotonic()) >= due_at:
                due_at = max(due_at + self._interval_s, now)
                self._try(self.run_once)
            else:
                self._try(self.send_urgent)
                self._stopping.wait(MIN_URGENT_INTERVAL_S)

    def _try(self, send: Callable[[], None]) -> None:
        try:
            send()
            REDIS_OUTAGE.succeeded()
        except StoreError as error:
            REDIS_OUTAGE.failed(error)
        except Exception:
            log.exception("internal error in the heartbeat thread; it continues")
