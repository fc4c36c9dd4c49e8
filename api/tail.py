"""The one reader of what happens to all jobs, for all who watch through this process.

One connection blocks on the common stream, however many clients there are; each has a queue of its
own with an end, so that one that does not read costs a little memory and then its connection.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.batching import StoreAway
from jobs import keys

log = logging.getLogger(__name__)

LONGEST_QUEUE = 256
"""Updates that wait for one client; one more, and it is cut off (it can resume)."""
BLOCK_S = 5.0
PATIENCE_S = 2.0
"""Seconds beyond BLOCK_S after which Redis is taken to hang."""
AGAIN_S = 0.2

Fields = dict[str, str]
Entry = tuple[str, Fields]
"""The id of an entry of a stream, and its fields."""


class Over(Exception):
    """No more will come: Redis is away, the server stops, or the client is slow."""


class Watch:
    """The updates for one client, as they come, until it is cut off.

    A list and a future: an asyncio.Queue with its four deques would be a tenth of what a client
    costs.
    """

    def __init__(self, wanted: Callable[[Fields], bool]) -> None:
        self.over = False
        """Whether it was cut off."""
        self.cutting: Callable[[], object] | None = None
        """Called when it is cut off."""
        self._wanted = wanted
        self._entries: list[Entry] = []
        self._waiter: asyncio.Future[None] | None = None

    async def next(self) -> Entry:
        """The next update; waits for it. Raises Over."""
        while not self._entries:
            if self.over:
                raise Over
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._entries.pop(0)

    def offer(self, entry: Entry) -> None:
        if not self._wanted(entry[1]):
            return
        if len(self._entries) >= LONGEST_QUEUE:
            self.cut()
            return
        self._entries.append(entry)
        self._wake()

    def cut(self) -> None:
        """Ends it from outside."""
        self.over = True
        self._wake()
        if self.cutting:
            self.cutting()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


class Tail:
    """Reads the common stream from where it is now; starts with the server, ends with it."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        """By the job that they are about; those about all jobs under ''."""
        self._at: str | None = None
        self._stopped = False
        self._reading: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._reading = asyncio.create_task(self._read_on())

    def stop(self) -> None:
        """Cuts everybody off, at once and for good."""
        self._stopped = True
        self._cut_all()

    async def close(self) -> None:
        self.stop()
        if self._reading:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)
        await self._redis.aclose()

    async def ready(self) -> None:
        """Waits a little for a Redis that is coming back: a browser gives a stream up for good
        that is answered with an error.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while self._at is None and not self._stopped:
                    await asyncio.sleep(AGAIN_S / 4)

    @contextmanager
    def watch(self, wanted: Callable[[Fields], bool], job_id: str = "") -> Iterator[Watch]:
        """Every update from now on that is wanted, of one job or of all. Raises StoreAway when
        nothing is read now.
        """
        if self._at is None or self._stopped:
            raise StoreAway("Updates cannot be followed now; look at the job, or try again.")
        watch = Watch(wanted)
        self._watches[job_id].add(watch)
        try:
            yield watch
        finally:
            self._watches[job_id].discard(watch)
            if not self._watches[job_id]:
                del self._watches[job_id]

    async def _read_on(self) -> None:
        """Outlives whatever goes wrong: those who watch are cut off and may resume."""
        while True:
            try:
                await self._read()
            except (RedisError, OSError) as error:
                log.warning("the updates cannot be read: %s", error or "time is over")
            except Exception:
                log.exception("reading the updates failed")
            self._at = None
            self._cut_all()
            await asyncio.sleep(AGAIN_S)

    async def _read(self) -> None:
        async with asyncio.timeout(PATIENCE_S):
            last: Any = await self._redis.xrevrange(keys.UPDATES, count=1)
        self._at = at = str(last[0][0]) if last else "0-0"
        while True:
            async with asyncio.timeout(BLOCK_S + PATIENCE_S):
                found: Any = await self._redis.xread(_after(at), block=int(BLOCK_S * 1000))
            for entry in found[0][1] if found else ():
                self._at = at = entry[0]
                for key in ("", entry[1].get("job", "")):
                    for watch in self._watches.get(key, ()):
                        watch.offer(entry)

    def _cut_all(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.cut()


def _after(entry_id: str) -> Any:
    return {keys.UPDATES: entry_id}
