"""Authenticates API keys, with a short cache in front of Redis."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from loresmith.api.auth.api_key import ApiKey, unknown_key
from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.auth.authenticator import rate_limited
from loresmith.api.auth.key_format import PREFIX, hash_of, id_of
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.store.pipeline import StoreUnavailable

log = get_logger(__name__)

CACHE_S = 5.0
"""How long a record is used without asking Redis. A change of a key arrives sooner."""
NOTE_USE_INTERVAL_MS = 60_000
MINUTE_S = 60
DAY_MS = 86_400_000


class ApiKeyCheck:
    """Knows API keys. `forget` must be called when a key has changed."""

    def __init__(
        self,
        store: ApiKeyStore,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        store.on_change = self.forget
        self._store = store
        self._monotonic = monotonic
        self._clock = clock
        self._cache: dict[str, tuple[float, ApiKey]] = {}
        """By key id: until when it is used, and the record."""
        self.changes = 0
        """Counts `forget`, so that what was read before one is not kept after it."""
        self._any_until = 0.0
        self._any = False
        self._noted: dict[str, float] = {}
        """By hash: when its use was last noted, in ms."""
        self._warned: dict[str, float] = {}
        """By key id: when the log last warned of its end, in ms."""
        self._tasks: set[asyncio.Task[None]] = set()

    def forget(self, key_id: str | None = None) -> None:
        """Drops one record, or all of them: changes may have been missed."""
        self.changes += 1
        self._any_until = 0.0
        if key_id is None:
            self._cache.clear()
        else:
            self._cache.pop(key_id, None)

    async def any(self) -> bool:
        """Whether a key has ever been made. Raises StoreUnavailable."""
        now = self._monotonic()
        if not self._any and self._any_until <= now:
            changes = self.changes
            self._any = await self._store.any()
            if changes == self.changes:
                self._any_until = now + CACHE_S
        return self._any

    async def authenticate(self, credential: str) -> Principal | None:
        """Raises Problem, StoreUnavailable."""
        if not credential.startswith(PREFIX):
            return None
        return await self.principal_of(id_of(credential), hash_of(credential))

    async def principal_of(self, key_id: str | None, digest: str) -> Principal:
        """Returns whom a key acts for, from its id and the hash of its secret.

        Raises Problem, StoreUnavailable.
        """
        key = await self._record(key_id) if key_id else None
        if key is None:
            raise unknown_key()
        now_ms = self._clock() * 1000
        key.require_valid(digest, now_ms)
        await self._count_request(key)
        self._note_use(key, digest, now_ms)
        self._warn_of_expiry(key, now_ms)
        return key.principal_by(digest)

    async def count_for(self, key_id: str, digest: str | None) -> None:
        """Counts a request of something that a key has made. Raises Problem when the key, or the
        secret of this hash, has ended or has no requests left; StoreUnavailable.
        """
        key = await self._record(key_id)
        if key is None:
            raise unknown_key()
        now_ms = self._clock() * 1000
        if digest is None:
            key.require_active(now_ms)
        else:
            key.require_valid(digest, now_ms)
        await self._count_request(key)

    async def _record(self, key_id: str) -> ApiKey | None:
        now = self._monotonic()
        until, key = self._cache.get(key_id, (0.0, None))
        if key and now < until:
            return key
        changes = self.changes
        key = await self._store.read(key_id)
        if key and changes == self.changes:
            self._cache[key_id] = (now + CACHE_S, key)
        return key

    async def _count_request(self, key: ApiKey) -> None:
        """Raises Problem when the key has used up its requests of the minute."""
        if key.rpm is None:
            return
        minute, second = divmod(int(self._clock()), MINUTE_S)
        if await self._store.count_request(key.id, minute) > key.rpm:
            wait_s = MINUTE_S - second
            raise rate_limited(
                f"The API key {key.id} may send {key.rpm} requests a minute. Retry in {wait_s} s.",
                wait_s,
            )

    def _note_use(self, key: ApiKey, digest: str, now_ms: float) -> None:
        """Writes at most once a minute, without a request waiting for it."""
        last_ms = max(self._noted.get(digest, 0), key.last_use_ms(digest))
        if now_ms - last_ms >= NOTE_USE_INTERVAL_MS:
            self._noted[digest] = now_ms
            self._start(self._store.note_use(key.id, digest))

    def _start(self, coroutine: Any) -> None:
        async def run() -> None:
            with suppress(StoreUnavailable):  # the next use is noted
                await coroutine

        task = asyncio.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _warn_of_expiry(self, key: ApiKey, now_ms: float) -> None:
        """Logs once a day."""
        if key.state(now_ms) == "expiring" and now_ms - self._warned.get(key.id, 0) >= DAY_MS:
            self._warned[key.id] = now_ms
            days = (key.expires_ms - now_ms) / DAY_MS
            log.warning("key.expiring", key_id=key.id, days=round(days, 1))
