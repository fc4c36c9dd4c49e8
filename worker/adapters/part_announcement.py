"""Announces this worker and its job types to the apis."""

import time

from redis import Redis

from loresmith.jobs.store.parts import ANNOUNCE_INTERVAL_S, LivePart
from loresmith.jobs.store.scripts import run_script
from loresmith.jobs.types.registry import REGISTRY


class WorkerAnnouncement:
    """Written by the maintenance thread. `redis` must decode its replies."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis = redis
        self._part = LivePart("worker", name, REGISTRY.fingerprint)
        self._announced_at = float("-inf")

    def announce(self) -> None:
        """Announces the worker when that is due. Raises RedisError."""
        if time.monotonic() - self._announced_at < ANNOUNCE_INTERVAL_S:
            return
        script = self._part.announcement(REGISTRY.fingerprints)
        run_script(self._redis, script.name, script.keys, *script.arguments)
        self._announced_at = time.monotonic()

    def withdraw(self) -> None:
        """Says that the worker stops. Raises RedisError."""
        self._redis.execute_command(*self._part.withdrawal)  # type: ignore[no-untyped-call]
