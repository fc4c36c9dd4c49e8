"""The worker class that RQ starts: takes jobs while there is room, and hands them back at the end.

Of RQ's own worker it keeps the row that `rq info` shows, the commands, `rq suspend` and the command
line; not its loop, its bookkeeping of jobs, its retries or its timeouts, because the record in
`job:{id}` rules (docs/decisions).
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

from redis.client import PubSub, PubSubWorkerThread
from redis.exceptions import RedisError
from rq.defaults import DEFAULT_LOGGING_DATE_FORMAT, DEFAULT_LOGGING_FORMAT
from rq.logutils import setup_loghandlers
from rq.serializers import JSONSerializer
from rq.utils import as_text, utcformat
from rq.worker import BaseWorker, DequeueStrategy

from jobs.config import Config
from worker.bell import Suspended
from worker.connections import address
from worker.parts import Parts, assemble
from worker.patience import START_S, after, patiently

log = logging.getLogger(__name__)

WAIT_S = 1.0
"""The longest time that a signal or `rq suspend` goes unnoticed."""
REDIS_PAUSE_S = 0.5


@dataclass(frozen=True)
class Limits:
    """When a worker stops by itself."""

    burst: bool
    jobs: int | None
    idle_s: float | None


class LoreWorker(BaseWorker):
    """Runs up to `LORESMITH_CONCURRENCY` jobs at once, each on a thread."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"serializer": JSONSerializer})
        self._signals = 0
        self._paused = False
        self._taken = 0
        self._found_none = False
        self._busy_at = self._asked_at = 0.0
        self._parts: Parts

    @property
    def dequeue_timeout(self) -> int:
        return int(WAIT_S)

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
        """Works until stopped; in a burst, until the queues are empty. Answers whether it did any.

        Raises ConfigError, and SystemExit on a server that would lose jobs.
        """
        for name in ("worker", "jobs", "archive"):
            setup_loghandlers(logging_level or "INFO", date_format, log_format, name=name)
        self._config = Config.from_env()
        self._parts = assemble(self, self.connection, self._config, lambda: self._paused)
        self._when_there(lambda: self._check_setup(with_scheduler))
        self.bootstrap(logging_level, date_format, log_format)
        self._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._parts.side_thread.start()
        self._parts.housekeeping.start()
        try:
            self._take_jobs(Limits(burst, max_jobs, max_idle_time))
        except Exception:
            self._signals = 2  # a fault of ours: what runs is handed back at once
            raise
        finally:
            self._parts.crew.wind_up(lambda: self._signals, self._config.grace_s)
            self.teardown()
        return self._taken > 0

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """The first signal stops taking jobs, the second hands them back. A flag and no more: a
        handler that used Redis could meet its own lock.
        """
        self._signals += 1
        self._stop_requested = True

    def teardown(self) -> None:
        """Takes the worker off all lists. A server that is away forgets it by itself."""
        self._parts.housekeeping.stop()
        self._parts.side_thread.stop()
        try:
            self._parts.store.leave()
            super().teardown()  # type: ignore[no-untyped-call]
        except RedisError as error:
            log.warning("could not sign off: %s", error)
        self._parts.close()

    def bootstrap(self, *args: Any, **kwargs: Any) -> None:
        """As RQ's, again until Redis was there for all of it. Raises RedisError."""
        sign_on = super().bootstrap
        self._when_there(lambda: sign_on(*args, **kwargs))

    def register_birth(self) -> None:
        """As RQ's. A row that is there already is ours when only its answer was lost."""
        try:
            super().register_birth()  # type: ignore[no-untyped-call]
        except ValueError:
            born = self.birth_date and utcformat(self.birth_date)
            if not born or as_text(self.connection.hget(self.key, "birth") or b"") != born:
                raise

    def subscribe(self) -> None:
        """As RQ's, but listens once, however often the start is tried."""
        if not self.pubsub_thread:
            super().subscribe()  # type: ignore[no-untyped-call]

    @staticmethod
    def _when_there(step: Callable[[], None]) -> None:
        patiently(step, after(START_S), "the start of this worker")

    def _check_setup(self, with_scheduler: bool) -> None:
        findings = self._parts.check.ask()
        if any(finding.fatal for finding in findings) and not self._config.unsafe_redis:
            log.error("not starting; LORESMITH_UNSAFE_REDIS=1 starts all the same")
            raise SystemExit(1)
        if self._config.queue not in self.queue_names():
            names = ", ".join(self.queue_names())
            log.error("listens on %s, but jobs are rung for on %s", names, self._config.queue)
        if with_scheduler:
            log.warning("--with-scheduler is ignored: jobs are not scheduled through RQ")

    def _take_jobs(self, limits: Limits) -> None:
        """Takes as many as there is room for; never one that would wait here for a thread."""
        while not self._is_over(limits):
            places = self._parts.in_flight.wait_for_places(WAIT_S)
            if limits.jobs is not None:
                places = min(places, limits.jobs - self._taken)
            try:
                if places and not self._rests():
                    self._take(places, 0 if limits.burst else WAIT_S)
            except RedisError as error:
                log.warning("cannot take jobs from %s: %s", address(self.connection), error)
                time.sleep(REDIS_PAUSE_S)
            if limits.burst and self._found_none:
                self._parts.in_flight.wait_until_empty(WAIT_S)

    def _take(self, places: int, wait_s: float) -> None:
        try:
            runs = self._parts.intake.take(places, wait_s)
        except Suspended:
            self._paused = True
            return
        self._found_none = runs is None
        for run in runs or ():
            self._taken += 1
            self._parts.crew.start(run)

    def _is_over(self, limits: Limits) -> bool:
        idle = self._found_none and not len(self._parts.in_flight)
        if not idle:
            self._busy_at = time.monotonic()
        idle_s = time.monotonic() - self._busy_at
        return (
            self._stop_requested
            or (limits.jobs is not None and self._taken >= limits.jobs)
            or (limits.burst and (idle or self._paused))
            or (limits.idle_s is not None and idle_s >= limits.idle_s)
        )

    def _rests(self) -> bool:
        """Whether `rq suspend` was said; asked about once a second."""
        if time.monotonic() - self._asked_at >= WAIT_S:
            self._paused = self._parts.bell.suspended()
            self._asked_at = time.monotonic()
        if self._paused:
            time.sleep(REDIS_PAUSE_S)
        return self._paused

    def _pubsub_exception_handler(
        self, exc: Exception, pubsub: PubSub, pubsub_thread: PubSubWorkerThread
    ) -> None:
        """RQ's own gives up listening for commands when Redis is merely slow."""
        log.debug("listening for commands again after: %s", exc)
        time.sleep(REDIS_PAUSE_S)
