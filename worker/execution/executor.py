"""Runs jobs on threads: starts them, waits for them, gives them back at shutdown."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from loresmith.jobs.core.errors import JobLost
from loresmith.jobs.core.logs import ATTEMPT, JOB_ID, get_logger, safe
from loresmith.jobs.core.status import Message
from loresmith.jobs.store.queue import JobQueue
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.redis_retry import StoreError
from loresmith.worker.adapters.rq_registry import RqRegistrySync
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.execution import Execution
from loresmith.worker.execution.running_jobs import RunningJobs

log = get_logger(__name__)

DRAIN_POLL_INTERVAL_S = 0.1
STOP_TIMEOUT_S = 2.0
"""How long stopped threads may take to end."""


class JobThreadPool:
    """Runs each job on a daemon thread of its own."""

    def __init__(
        self,
        running: RunningJobs,
        execution: Execution,
        store: WorkerJobStore,
        registry: RqRegistrySync,
        queue: JobQueue,
        on_urgent: Callable[[], None],
    ) -> None:
        """`on_urgent` is called when events of a job are to be sent soon."""
        self._on_urgent = on_urgent
        self._running = running
        self._execution = execution
        self._store = store
        self._registry = registry
        self._queue = queue

    def start(self, attempt: JobAttempt) -> None:
        """Starts a claimed job, or releases it when the process can have no more threads."""
        attempt.events.on_urgent = self._on_urgent
        self._running.add(attempt)
        job_id = attempt.job_id
        try:
            threading.Thread(target=self._run, args=(attempt,), name=job_id, daemon=True).start()
        except RuntimeError as error:
            log.error(
                "no thread for a job; lower LORESMITH_CONCURRENCY",
                job_id=job_id,
                error=safe(error),
            )
            self._release([attempt])
            self._running.remove(attempt)

    def drain(self, signals: Callable[[], int], shutdown_grace_s: float) -> None:
        """Waits until no job runs.

        After one signal the jobs have the grace period, after a second none; then they are
        released.
        """
        deadline: float | None = None
        while not self._running.wait_until_empty(DRAIN_POLL_INTERVAL_S):
            if signals() and deadline is None:
                deadline = time.monotonic() + shutdown_grace_s
                log.info("finishing jobs; a second signal releases them", count=len(self._running))
            expired = deadline is not None and time.monotonic() >= deadline
            if expired or signals() > 1:
                self._release(self._running.all())
                self._running.wait_until_empty(STOP_TIMEOUT_S)
                return

    def _run(self, attempt: JobAttempt) -> None:
        status = ""
        JOB_ID.set(attempt.job_id)
        ATTEMPT.set(attempt.job.attempt)
        try:
            status = self._execution.execute(attempt)
            log.log(
                logging.DEBUG if status == "waiting" else logging.INFO,
                "attempt ended",
                type=attempt.record["type"],
                status=status,
                seconds=round(attempt.elapsed_s, 1),
            )
        except StoreError as error:
            log.error("the outcome of a job could not be stored", error=safe(error))
        except Exception:
            log.exception("internal error in a job; another worker will run it")
        self._registry.remove(attempt.entry, status, attempt.elapsed_s)
        self._running.remove(attempt)

    def _release(self, attempts: Sequence[JobAttempt]) -> None:
        """Stops jobs here and enqueues them for other workers; their calls continue."""
        log.warning("releasing jobs to other workers", count=len(attempts))
        for attempt in attempts:
            attempt.stop(JobLost())
        try:
            next_attempts = self._store.release(
                [attempt.job for attempt in attempts], Message.HANDED_BACK
            )
            self._queue.enqueue(next_attempts)
        except StoreError as error:
            log.error("could not release the jobs; their leases will expire", error=safe(error))
