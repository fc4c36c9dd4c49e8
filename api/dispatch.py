"""How a job that was accepted gets a worker: it is rung for, and the due index is looked after.

A request only leaves a note. When Redis or RQ is away the note is lost and nothing else: the job is
in the due index, and the sweep of some process rings for it again.
"""

import asyncio
import logging
import time
from threading import Event, Thread
from typing import Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from api.batching import Batch
from api.outbox import Outbox
from archive import Archive
from jobs.config import Config
from jobs.doorbell import Doorbell, Ring, enqueued
from jobs.sweeper import Sweeper

log = logging.getLogger(__name__)

GATHER_S = 0.01
"""Seconds between two rings at least: a lone job is rung for at once, a crowd together."""
PATIENCE_S = 5.0
LAST_SWEEP_S = 2.0
"""Seconds that a stop waits for a sweep under way."""


class Bell(Protocol):
    """Where a request leaves word that a job wants a worker."""

    def ring(self, job_id: str, attempt: int) -> None:
        """Returns at once; never fails."""

    async def finish(self) -> None:
        """Rings for what is still noted; comes last."""


class Ringer:
    """A Bell that rings for all that was noted in a moment, in one script call."""

    def __init__(self, batch: Batch, queue: str) -> None:
        self._batch = batch
        self._queue = queue
        self._notes: list[Ring] = []
        self._ringing: set[asyncio.Task[None]] = set()
        self._not_before = 0.0

    def ring(self, job_id: str, attempt: int) -> None:
        self._notes.append(Ring(job_id, attempt))
        if len(self._notes) == 1:
            loop = asyncio.get_running_loop()
            loop.call_at(max(self._not_before, loop.time()), self._ring_noted)

    async def finish(self) -> None:
        self._ring_noted()
        await asyncio.gather(*self._ringing)

    def _ring_noted(self) -> None:
        rings, self._notes = self._notes, []
        self._not_before = asyncio.get_running_loop().time() + GATHER_S
        task = asyncio.create_task(self._enqueue(rings))
        self._ringing.add(task)
        task.add_done_callback(self._ringing.discard)

    async def _enqueue(self, rings: list[Ring]) -> None:
        try:
            for keys, arguments in enqueued(self._queue, rings):
                await self._batch.script("ring", keys, *arguments)
            log.info("queued %s", " ".join(f"id={ring.job_id}" for ring in rings))
        except Exception as error:
            log.warning("ringing for %d new jobs failed; a sweep will: %s", len(rings), error)


class Sweeping:
    """The thread that looks after due jobs and the books, with a connection of its own."""

    def __init__(self, sweeper: Sweeper, outbox: Outbox, sweep_s: float) -> None:
        self._sweeper = sweeper
        self._outbox = outbox
        self._sweep_s = sweep_s
        self._stop = Event()
        self._thread = Thread(target=self._run, name="sweeping", daemon=True)

    @classmethod
    def of(cls, config: Config, archive: Archive) -> "Sweeping":
        doorbell = Doorbell(_connect(config, decode=False), config.queue)
        redis = _connect(config, decode=True)
        sweeper = Sweeper(redis, doorbell, config)
        return cls(sweeper, Outbox(redis, archive), config.sweep_s)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended, or after a while."""
        self._stop.set()
        self._thread.join(LAST_SWEEP_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.monotonic()
            self._sweep()
            self._stop.wait(max(0.0, began + self._sweep_s - time.monotonic()))

    def _sweep(self) -> None:
        """The thread outlives whatever goes wrong; the next sweep tries again."""
        try:
            self._sweeper.sweep()
            self._outbox.drain_quietly()
        except RedisError as error:
            log.warning("looking after due jobs failed: %s", error)
        except Exception:
            log.exception("looking after due jobs failed")


def _connect(config: Config, *, decode: bool) -> Redis:
    return Redis.from_url(
        config.redis_url,
        decode_responses=decode,
        socket_timeout=PATIENCE_S,
        socket_connect_timeout=PATIENCE_S,
        retry=Retry(NoBackoff(), 0),
    )
