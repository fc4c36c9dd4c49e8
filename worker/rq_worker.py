"""The worker class that RQ starts: fetches jobs while there are free slots, drains at shutdown.

It keeps the row of `rq info`, the commands, `rq suspend` and the command line of RQ's own worker.
It replaces RQ's loop, job bookkeeping, retries and timeouts, because the record in `job:{id}` is
authoritative (docs/decisions).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from types import FrameType
from typing import Any

from redis.client import PubSub, PubSubWorkerThread
from redis.exceptions import RedisError
from rq.defaults import DEFAULT_LOGGING_DATE_FORMAT, DEFAULT_LOGGING_FORMAT
from rq.serializers import JSONSerializer
from rq.utils import as_text, utcformat
from rq.worker import BaseWorker, DequeueStrategy

from loresmith.jobs.core.file_limit import raise_file_limit
from loresmith.jobs.core.logs import configure_logging, get_logger, own_text, safe
from loresmith.jobs.core.outage_log import REDIS_OUTAGE
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store.role_change import leave_former_primary
from loresmith.jobs.types.registry import log_job_types
from loresmith.worker.adapters.redis_retry import (
    START_TIMEOUT_S,
    retry_until_available,
    timeout_after,
)
from loresmith.worker.intake.queue_consumer import QueueSuspended
from loresmith.worker.wiring import WorkerComponents, build

log = get_logger(__name__)

POLL_TIMEOUT_S = 1.0
"""A signal or `rq suspend` is noticed within this time."""
RETRY_INTERVAL_S = 0.5


@dataclass(frozen=True)
class RunLimits:
    """When a worker stops by itself."""

    burst: bool
    max_jobs: int | None
    max_idle_s: float | None


class LoreWorker(BaseWorker):
    """Runs up to `LORESMITH_CONCURRENCY` jobs at once, each on its own thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if connection := kwargs.get("connection"):
            leave_former_primary(connection)
        super().__init__(*args, **kwargs | {"serializer": JSONSerializer})
        self._signals = 0
        self._paused = False
        self._started_jobs = 0
        self._queues_empty = False
        self._last_busy_at = self._pause_checked_at = 0.0
        self._components: WorkerComponents

    @cached_property
    def _config(self) -> Settings:
        return Settings.from_env()

    @property
    def dequeue_timeout(self) -> int:
        return int(POLL_TIMEOUT_S)

    def work(
        self,
        burst: bool = False,
        logging_level: str | None = None,
        date_format: str = DEFAULT_LOGGING_DATE_FORMAT,
        log_format: str = DEFAULT_LOGGING_FORMAT,
        max_jobs: int | None = None,
        max_idle_time: int | None = None,
        with_scheduler: bool = False,
        dequeue_strategy: DequeueStrategy = DequeueStrategy.DEFAULT,
    ) -> bool:
        """Runs jobs until stopped, or in a burst until the queues are empty.

        Returns whether it ran any. Raises SettingsError, and SystemExit when the server can lose
        jobs.
        """
        chosen = logging_level not in (None, "INFO")  # INFO is what RQ's command line passes
        level = logging_level if chosen and logging_level else self._config.log_level
        configure_logging("worker", level, self._config.log_format)
        log_job_types()
        raise_file_limit()
        self._components = build(
            self,
            self.connection,
            self._config,
            lambda: self._paused,
            lambda: not (self._stop_requested or self._paused),
        )
        self._retry(lambda: self._check_setup(with_scheduler))
        self.bootstrap(logging_level, date_format, log_format)
        self._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._components.heartbeat.start()
        self._components.maintenance.start()
        try:
            self._run_jobs(RunLimits(burst, max_jobs, max_idle_time))
        except Exception:
            self._signals = 2  # internal error: the running jobs are released at once
            raise
        finally:
            self._components.thread_pool.drain(lambda: self._signals, self._config.shutdown_grace_s)
            self.teardown()
        return self._started_jobs > 0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Counts signals: the first stops fetching, the second releases the running jobs.

        It only sets flags: a signal handler that used Redis could wait for its own lock.
        """
        self._signals += 1
        self._stop_requested = True

    def teardown(self) -> None:
        """Unregisters the worker. While Redis is unavailable, its keys expire instead."""
        self._components.maintenance.stop()
        self._components.heartbeat.stop()
        try:
            self._components.hand_over.enqueue()
            self._components.store.unregister()
            self._components.announcement.withdraw()
            super().teardown()  # type: ignore[no-untyped-call]
        except RedisError as error:
            log.warning("could not unregister this worker", error=safe(error))
        self._components.close()

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        """Registers the worker, like RQ's, and waits for Redis. Raises RedisError."""
        bootstrap = super().bootstrap
        self._retry(lambda: bootstrap(*args, **kwargs))

    def register_birth(self) -> None:
        """Like RQ's, but accepts its own row, which exists when only the reply was lost."""
        try:
            super().register_birth()  # type: ignore[no-untyped-call]
        except ValueError:
            born = self.birth_date and utcformat(self.birth_date)
            if not born or as_text(self.connection.hget(self.key, "birth") or b"") != born:
                raise
        self.connection.pexpire(self.key, int(self._config.lease_s * 1000))

    def subscribe(self) -> None:
        """Like RQ's, but subscribes once even when the start is retried."""
        if not self.pubsub_thread:
            super().subscribe()  # type: ignore[no-untyped-call]

    @staticmethod
    def _retry(step: Callable[[], None]) -> None:
        retry_until_available(step, timeout_after(START_TIMEOUT_S))

    def _check_setup(self, with_scheduler: bool) -> None:
        if refusal := self._components.server_check.refusal():
            log.error("the worker does not start", reason=own_text(refusal))
            raise SystemExit(1)
        queue = self._config.rq_queue
        if queue not in self.queue_names():
            names = ", ".join(self.queue_names())
            log.error(
                "this worker does not consume the queue of the jobs",
                queue=queue,
                reason=own_text(
                    f"this worker consumes {names}, but jobs go to {queue}; start it with "
                    f"`rq worker -w worker.LoreWorker {queue}`"
                ),
            )
        if with_scheduler:
            log.warning("--with-scheduler is ignored: RQ does not schedule the jobs")

    def _run_jobs(self, limits: RunLimits) -> None:
        """Fetches a job only when a thread is free for it."""
        while not self._is_finished(limits):
            self._components.report_alive()
            slots = self._components.running.wait_for_free_slots(POLL_TIMEOUT_S)
            if limits.max_jobs is not None:
                slots = min(slots, limits.max_jobs - self._started_jobs)
            try:
                if slots and not self._is_paused():
                    self._start_jobs(slots, 0 if limits.burst else POLL_TIMEOUT_S)
                REDIS_OUTAGE.succeeded()
            except RedisError as error:
                REDIS_OUTAGE.failed(error)
                time.sleep(RETRY_INTERVAL_S)
            if limits.burst and self._queues_empty:
                self._components.running.wait_until_empty(POLL_TIMEOUT_S)

    def _start_jobs(self, max_jobs: int, wait_s: float) -> None:
        try:
            attempts = self._components.fetcher.fetch(max_jobs, wait_s)
        except QueueSuspended:
            self._paused = True
            return
        self._queues_empty = attempts is None
        for attempt in attempts or ():
            self._started_jobs += 1
            self._components.thread_pool.start(attempt)

    def _is_finished(self, limits: RunLimits) -> bool:
        idle = self._queues_empty and not len(self._components.running)
        if not idle:
            self._last_busy_at = time.monotonic()
        idle_s = time.monotonic() - self._last_busy_at
        return (
            self._stop_requested
            or (limits.max_jobs is not None and self._started_jobs >= limits.max_jobs)
            or (limits.burst and (idle or self._paused))
            or (limits.max_idle_s is not None and idle_s >= limits.max_idle_s)
        )

    def _is_paused(self) -> bool:
        """Whether `rq suspend` is in effect; asks about once a second."""
        if time.monotonic() - self._pause_checked_at >= POLL_TIMEOUT_S:
            self._paused = self._components.consumer.is_suspended()
            self._pause_checked_at = time.monotonic()
        if self._paused:
            time.sleep(RETRY_INTERVAL_S)
        return self._paused

    def _pubsub_exception_handler(
        self, exc: Exception, pubsub: PubSub, pubsub_thread: PubSubWorkerThread
    ) -> None:
        """Keeps listening for commands; RQ's own handler stops when Redis is only slow."""
        log.debug("listening for commands again", error=safe(exc))
        time.sleep(RETRY_INTERVAL_S)
