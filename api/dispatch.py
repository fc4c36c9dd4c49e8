"""The thread that rings for new jobs, in groups, and looks after what is due.

A request only leaves a note. When Redis or RQ is away the note is lost and nothing else: the job is
in the due index, and the sweep of some process rings for it again.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from threading import Event, Thread
from typing import Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from jobs.config import Config
from jobs.doorbell import Doorbell, Ring
from jobs.sweeper import Sweeper

log = logging.getLogger(__name__)

GATHER_S = 0.01
"""Seconds between two rings at least: a lone job is rung for at once, a crowd together."""
PATIENCE_S = 5.0
LAST_RING_S = 2.0
"""Seconds that a stop waits for the thread."""
MOST_NOTES = 10_000


class Bell(Protocol):
    """Where a request leaves word that a job wants a worker."""

    def start(self) -> None:
        """Comes before the first ring."""

    def stop(self) -> None:
        """Rings for what is noted, then ends."""

    def ring(self, job_id: str, attempt: int) -> None:
        """Returns at once; never fails."""


class Dispatcher:
    """A Bell with a thread behind it."""

    def __init__(self, doorbell: Doorbell, sweeper: Sweeper, sweep_s: float) -> None:
        self._doorbell = doorbell
        self._sweeper = sweeper
        self._sweep_s = sweep_s
        self._notes: deque[Ring] = deque(maxlen=MOST_NOTES)
        self._word = Event()
        self._stopping = False
        self._thread = Thread(target=self._run, name="dispatcher", daemon=True)

    @classmethod
    def of(cls, config: Config) -> "Dispatcher":
        """One with connections of its own, because the thread must not share the event loop's."""
        doorbell = Doorbell(_connect(config, decode=False), config.queue)
        sweeper = Sweeper(_connect(config, decode=True), doorbell, config)
        return cls(doorbell, sweeper, config.sweep_s)

    def start(self) -> None:
        self._thread.start()

    def ring(self, job_id: str, attempt: int) -> None:
        self._notes.append(Ring(job_id, attempt))
        self._word.set()

    def stop(self) -> None:
        self._stopping = True
        self._word.set()
        self._thread.join(LAST_RING_S)

    def _run(self) -> None:
        sweep_at = time.monotonic()
        while not self._stopping:
            self._word.wait(max(0.0, sweep_at - time.monotonic()))
            self._word.clear()
            self._ring_noted()
            if time.monotonic() >= sweep_at:
                self._sweep()
                sweep_at = time.monotonic() + self._sweep_s
            time.sleep(GATHER_S)
        self._ring_noted()

    def _ring_noted(self) -> None:
        rings = [self._notes.popleft() for _ in range(len(self._notes))]
        if rings:
            self._safely("ringing for new jobs", lambda: self._doorbell.ring(rings))

    def _sweep(self) -> None:
        self._safely("looking after due jobs", self._sweeper.sweep)

    def _safely(self, what: str, act: Callable[[], object]) -> None:
        """The thread outlives whatever goes wrong; the next sweep tries again."""
        try:
            act()
        except RedisError as error:
            log.warning("%s failed: %s", what, error)
        except Exception:
            log.exception("%s failed", what)


def _connect(config: Config, *, decode: bool) -> Redis:
    return Redis.from_url(
        config.redis_url,
        decode_responses=decode,
        socket_timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 0),
    )
