"""Finds the jobs that may start, and claims them."""

import logging
from collections.abc import Mapping, Sequence

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.redis_retry import StoreError
from loresmith.worker.adapters.rq_registry import RqRegistrySync
from loresmith.worker.adapters.store_types import Claim, QueueEntry
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.hand_over import HandOver
from loresmith.worker.execution.running_jobs import RunningJobs
from loresmith.worker.intake.queue_consumer import QueueConsumer, QueueSuspended

log = get_logger(__name__)

EXPECTED_REFUSALS = ("gone", "terminal", "stale", "busy", "late", "other_queue", "paused")
"""Answers of claim.lua to a message that arrives late or twice."""


class Fetcher:
    """Finds jobs that may start, and claims those of a batch in one round trip."""

    def __init__(
        self,
        consumer: QueueConsumer,
        store: WorkerJobStore,
        registry: RqRegistrySync,
        running: RunningJobs,
        hand_over: HandOver,
        queues: Sequence[str],
    ) -> None:
        self._consumer = consumer
        self._store = store
        self._registry = registry
        self._running = running
        self._hand_over = hand_over
        self._queues = queues
        self._popped: list[QueueEntry] = []
        self._found: dict[QueueEntry, JobMessage] = {}

    def fetch(self, max_jobs: int, wait_s: float) -> list[JobAttempt] | None:
        """Returns claimed jobs; None when the queues stay empty.

        Raises QueueSuspended; RedisError, and then the next call continues with the same entries.
        """
        if not self._find(max_jobs, wait_s):
            return None
        attempts = self._claim(self._found)
        entries = [*self._popped, *(entry for entry in self._found if entry not in self._popped)]
        try:
            self._registry.record_started(entries, [attempt.entry for attempt in attempts])
        except StoreError as error:
            log.warning("RQ's registry is not updated yet", error=safe(error))
        self._popped, self._found = [], {}
        return attempts

    def _find(self, max_jobs: int, wait_s: float) -> bool:
        """Returns whether there are entries: handed over, enqueued, or admitted for this worker."""
        if self._popped or self._found:
            return self._read()
        self._found = _entries(self._hand_over.take(max_jobs))
        if self._found or self._pop(max_jobs, 0):
            return True
        self._found = _entries(self._store.admit(max_jobs, max_jobs, self._queues))
        return bool(self._found) or bool(wait_s and self._pop(max_jobs, wait_s))

    def _pop(self, max_jobs: int, wait_s: float) -> bool:
        self._popped = self._consumer.pop(max_jobs, wait_s)
        return bool(self._popped) and self._read()

    def _read(self) -> bool:
        """Reads the entries of RQ's queue. Raises QueueSuspended."""
        if self._popped and not self._found:
            try:
                self._found = self._consumer.read(self._popped)
            except QueueSuspended:
                self._popped = []
                raise
        return True

    def _claim(self, messages: dict[QueueEntry, JobMessage]) -> list[JobAttempt]:
        """Claims jobs, but not those that run here: the script would grant them a second time."""
        queues = {job: entry.queue for entry, job in messages.items() if entry not in self._running}
        claims = self._store.claim(queues)
        return [attempt for claim in claims if (attempt := _attempt_of(claim, queues[claim.job]))]


def _entries(messages: Mapping[JobMessage, str]) -> dict[QueueEntry, JobMessage]:
    return {QueueEntry(queue, message.entry): message for message, queue in messages.items()}


def _attempt_of(claim: Claim, queue: str) -> JobAttempt | None:
    if claim.record is None:
        level = logging.DEBUG if claim.refusal in EXPECTED_REFUSALS else logging.ERROR
        log.log(level, "queue entry not claimed", entry_id=claim.job.entry, code=claim.refusal)
        return None
    try:
        return JobAttempt(claim.record, queue)
    except (KeyError, ValueError) as error:
        log.error("the record of a job is damaged", job_id=claim.job.job_id, error=safe(error))
        return None
