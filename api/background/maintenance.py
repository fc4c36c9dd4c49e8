"""The maintenance thread of an api process: reconciles jobs and archives those that ended."""

import time
from collections.abc import Callable
from functools import partial
from threading import Event, Thread

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, RedisError, TimeoutError
from redis.retry import Retry

from loresmith.api.background.archiver import Archiver
from loresmith.archive import Archive
from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.outage_log import REDIS_OUTAGE
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.jobs.store.queue import JobQueue
from loresmith.jobs.store.reconciler import Reconciler
from loresmith.jobs.store.role_change import leave_former_primary

log = get_logger(__name__)

REDIS_TIMEOUT_S = 5.0
STOP_TIMEOUT_S = 2.0
"""Seconds that a stop waits for a round that is running."""
LATE_AFTER_S = 10.0
"""Seconds beyond its interval after which a missing round makes this process not ready."""
STUCK_AFTER_S = 300.0
"""Seconds in one round after which the thread counts as dead."""


class MaintenanceThread:
    """Runs a round at each interval, on a Redis connection of its own."""

    def __init__(
        self,
        reconciler: Reconciler,
        archiver: Archiver,
        interval_s: float,
        watch: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`watch` looks after the server at the beginning of each round."""
        self._reconciler = reconciler
        self._archiver = archiver
        self._interval_s = interval_s
        self._watch = watch
        self._clock = clock
        self._began = self._succeeded = clock()
        self._running = False
        self._error = "no round has ended yet"
        self._stop = Event()
        self._thread = Thread(target=self._run, name="maintenance", daemon=True)

    @classmethod
    def of(cls, settings: Settings, archive: Archive, guard: PrimaryGuard) -> "MaintenanceThread":
        queue = JobQueue(_connect(settings, guard, decode=False), settings.rq_queue)
        redis = _connect(settings, guard, decode=True)
        reconciler, archiver = Reconciler(redis, queue, settings), Archiver(redis, archive)
        interval_s = settings.reconcile_interval_s
        return cls(reconciler, archiver, interval_s, partial(guard.watch, redis))

    @property
    def alive(self) -> bool:
        """Whether the thread runs, and is not stuck in a round."""
        stuck = self._running and self._clock() - self._began > STUCK_AFTER_S
        return self._thread.is_alive() and not stuck

    @property
    def fault(self) -> str:
        """Why no round has succeeded lately, or the archive is refused; '' when all is well."""
        if not self.alive:
            return "the maintenance thread is dead"
        age_s = self._clock() - self._succeeded
        late = age_s > self._interval_s + LATE_AFTER_S
        if late:
            return f"no round has succeeded for {age_s:.0f} s: {self._error}"
        return self._archiver.mismatch

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits for the thread to end, for a limited time."""
        self._stop.set()
        self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._began, self._running = self._clock(), True
            self._run_round()
            self._running = False
            self._stop.wait(max(0.0, self._began + self._interval_s - self._clock()))

    def _run_round(self) -> None:
        """Logs a new error; the next round tries again."""
        try:
            self._watch()
            self._reconciler.reconcile()
            self._archiver.drain_quietly()
        except (ConnectionError, TimeoutError) as error:
            self._error = "Redis is unavailable"
            REDIS_OUTAGE.failed(error)
        except RedisError as error:
            if str(error) != self._error:
                log.warning("maintenance failed", error=safe(error))
            self._error = str(error)
        except Exception as error:
            self._error = type(error).__name__
            log.exception("maintenance failed")
        else:
            self._succeeded, self._error = self._clock(), ""
            REDIS_OUTAGE.succeeded()


def _connect(settings: Settings, guard: PrimaryGuard, *, decode: bool) -> Redis:
    client = Redis.from_url(
        settings.redis_url,
        decode_responses=decode,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),  # for a connection that a restart of Redis has closed
        redis_connect_func=guard.connect,
    )
    leave_former_primary(client)
    return client
