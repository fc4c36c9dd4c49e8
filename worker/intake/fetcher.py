"""Fetches queue messages and claims their jobs."""

import logging

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.redis_retry import StoreError
from loresmith.worker.adapters.rq_registry import RqRegistrySync
from loresmith.worker.adapters.store_types import Claim, QueueEntry
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.running_jobs import RunningJobs
from loresmith.worker.intake.queue_consumer import QueueConsumer, QueueSuspended

log = get_logger(__name__)

EXPECTED_REFUSALS = ("gone", "terminal", "stale", "busy", "late", "other_queue")
"""Answers of claim.lua to a message that arrives late or twice."""


class Fetcher:
    """Pops queue entries and claims the jobs of a batch in one round trip."""

    def __init__(
        self,
        consumer: QueueConsumer,
        store: WorkerJobStore,
        registry: RqRegistrySync,
        running: RunningJobs,
    ) -> None:
        self._consumer = consumer
        self._store = store
        self._registry = registry
        self._running = running
        self._popped: list[QueueEntry] = []

    def fetch(self, max_jobs: int, wait_s: float) -> list[JobAttempt] | None:
        """Returns claimed jobs; None when the queues stay empty.

        Raises QueueSuspended; RedisError, and then the next call continues with the same entries.
        """
        self._popped = self._popped or self._consumer.pop(max_jobs, wait_s)
        if not self._popped:
            return None
        try:
            messages = self._consumer.read(self._popped)
        except QueueSuspended:
            self._popped = []
            raise
        attempts = self._claim(messages)
        try:
            self._registry.record_started(self._popped, [attempt.entry for attempt in attempts])
        except StoreError as error:
            log.warning("RQ's registry is not updated yet", error=safe(error))
        self._popped = []
        return attempts

    def _claim(self, messages: dict[QueueEntry, JobMessage]) -> list[JobAttempt]:
        """Claims jobs, but not those that run here: the script would grant them a second time."""
        queues = {job: entry.queue for entry, job in messages.items() if entry not in self._running}
        claims = self._store.claim(queues)
        return [attempt for claim in claims if (attempt := _attempt_of(claim, queues[claim.job]))]


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
