"""Reads the stream of all job events once per process and passes it to every subscriber.

One Redis connection blocks on the stream, however many clients follow it. Each subscriber has a
bounded queue, so a client that does not read costs little memory and is then disconnected.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import REDIS_OUTAGE
from loresmith.jobs.core.principal import LOCAL, Principal
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import StoreUnavailable

log = get_logger(__name__)

MAX_QUEUED_EVENTS = 256
"""Events queued for one subscriber; with one more it is disconnected, and can resume."""
BLOCK_TIMEOUT_S = 5.0
REDIS_TIMEOUT_S = 2.0
"""Seconds, beyond BLOCK_TIMEOUT_S where a command blocks, after which Redis counts as hung."""
RETRY_INTERVAL_S = 0.2

ESSENTIAL = {"job", "type", "version", "status", "phase", "progress", "message", "source"}
"""Fields of every event; an entry without them is damaged, and skipped."""

OWNERS = ("user_id", "team_id", "delegate")
"""Fields of an event that name the owner of its job."""

Fields = dict[str, str]
Entry = tuple[str, Fields]
"""The id of a stream entry, and its fields."""


def owner_topic(field: str, value: str) -> str:
    """Returns what a subscriber to the jobs of one user, team or delegate follows."""
    return f"{field}:{value}"


class SubscriptionClosed(Exception):
    """The subscription has ended: Redis is unavailable, the server stops, or the client is slow."""


class Subscriber:
    """A queue of the events that one client follows.

    A list and a future instead of an asyncio.Queue, whose four deques would be a tenth of what a
    client costs.
    """

    def __init__(self, accepts: Callable[[Fields], bool]) -> None:
        self.closed = False
        self.credentials: tuple[str | None, ...] = ()
        """The API key and the session of the client; its stream ends when one of them changes.
        `local` of who has none: with the first key, the local admin is gone.
        """
        self.ends_ms: int | None = None
        """When its credential ends, and with it the stream."""
        self.on_close: Callable[[], object] | None = None
        self._accepts = accepts
        self._entries: list[Entry] = []
        self._waiter: asyncio.Future[None] | None = None

    def set_principal(self, principal: Principal) -> None:
        """Notes by whose credential the stream is open."""
        self.credentials = (principal.key_id, principal.session_id)
        if principal.id == LOCAL.id:
            self.credentials = (LOCAL.id,)
        self.ends_ms = principal.ends_ms

    @property
    def seconds_left(self) -> float | None:
        """Until its credential ends."""
        return None if self.ends_ms is None else max(0.0, self.ends_ms / 1000 - time.time())

    async def next(self) -> Entry:
        """Waits for the next event. Raises SubscriptionClosed."""
        while not self._entries:
            if self.closed:
                raise SubscriptionClosed
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._entries.pop(0)

    def put_nowait(self, entry: Entry) -> None:
        """Queues an event that the client wants; disconnects it when the queue is full."""
        if not self._accepts(entry[1]):
            return
        if len(self._entries) >= MAX_QUEUED_EVENTS:
            self.disconnect()
            return
        self._entries.append(entry)
        self._wake()

    def disconnect(self) -> None:
        self.closed = True
        self._wake()
        if self.on_close:
            self.on_close()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


class EventBroadcaster:
    """Follows the stream from its present end, from the start of the server to its end."""

    def __init__(self, redis: Redis) -> None:
        self.on_key_change: Callable[[str | None], object] = lambda key_id: None
        """Called with the id of an API key that has changed; None: any may have."""
        self._redis = redis
        self._subscribers: defaultdict[str, set[Subscriber]] = defaultdict(set)
        """By what they follow: a job's id, the `owner_topic` of its owner, or '' for all jobs."""
        self._last_id: str | None = None
        """The last entry that was read; None while Redis is unavailable."""
        self._stopped = False
        self._reader: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._reader = asyncio.create_task(self._run())

    def stop(self) -> None:
        """Disconnects all subscribers for good."""
        self._stopped = True
        self._disconnect_all()

    async def close(self) -> None:
        self.stop()
        if self._reader:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
        await self._redis.aclose()

    @property
    def is_stopped(self) -> bool:
        """Whether the server stops, so that no client can follow any more."""
        return self._stopped

    @property
    def alive(self) -> bool:
        """Whether the reader runs."""
        return self._reader is None or not self._reader.done()

    async def ready(self) -> None:
        """Waits a short time for Redis to recover: browsers never retry a failed event stream."""
        with suppress(TimeoutError):
            async with asyncio.timeout(REDIS_TIMEOUT_S):
                while self._last_id is None and not self._stopped:
                    await asyncio.sleep(RETRY_INTERVAL_S / 4)

    @contextmanager
    def subscribe(self, accepts: Callable[[Fields], bool], topic: str = "") -> Iterator[Subscriber]:
        """Subscribes to the events of one job, of an owner or of all jobs, from now on.

        Raises StoreUnavailable while the stream cannot be read.
        """
        if self._last_id is None or self._stopped:
            raise StoreUnavailable("Events are unavailable; poll the job meanwhile")
        subscriber = Subscriber(accepts)
        self._subscribers[topic].add(subscriber)
        try:
            yield subscriber
        finally:
            self._subscribers[topic].discard(subscriber)
            if not self._subscribers[topic]:
                del self._subscribers[topic]

    async def _run(self) -> None:
        """Reads until it is cancelled. After an error subscribers are disconnected and resume."""
        while True:
            try:
                await self._read()
            except (RedisError, OSError) as error:
                REDIS_OUTAGE.failed(error)
            except Exception:
                log.exception("cannot read job events")
            self._last_id = None
            self.on_key_change(None)
            self._disconnect_all()
            await asyncio.sleep(RETRY_INTERVAL_S)

    async def _read(self) -> None:
        async with asyncio.timeout(REDIS_TIMEOUT_S):
            newest: Any = await self._redis.xrevrange(keys.UPDATES, count=1)
            changed: Any = await self._redis.xrevrange(keys.API_KEY_CHANGES, count=1)
        positions: dict[Any, Any] = {
            keys.UPDATES: str(newest[0][0]) if newest else "0-0",
            keys.API_KEY_CHANGES: str(changed[0][0]) if changed else "0-0",
        }
        self._last_id = positions[keys.UPDATES]
        self.on_key_change(None)
        while True:
            async with asyncio.timeout(BLOCK_TIMEOUT_S + REDIS_TIMEOUT_S):
                reply: Any = await self._redis.xread(positions, block=int(BLOCK_TIMEOUT_S * 1000))
            for stream, entries in reply or ():
                positions[stream] = entries[-1][0]
                for entry in entries:
                    self._receive(stream, entry)

    def _receive(self, stream: str, entry: Entry) -> None:
        if stream == keys.API_KEY_CHANGES:
            self._end_streams_of(entry[1].get("id"))
            return
        self._last_id = entry[0]
        if entry[1].keys() >= ESSENTIAL:
            self._publish(entry)

    def _end_streams_of(self, credential: str | None) -> None:
        """Makes the clients of a changed API key, or of a session that has ended, connect again: if
        it still lets them in.
        """
        self.on_key_change(credential)
        ended = {credential, LOCAL.id} - {None}
        for subscribers in self._subscribers.values():
            for subscriber in subscribers:
                if not ended.isdisjoint(subscriber.credentials):
                    subscriber.disconnect()

    def _publish(self, entry: Entry) -> None:
        fields = entry[1]
        owners = (owner_topic(name, fields[name]) for name in OWNERS if fields.get(name))
        for topic in ("", fields["job"], *owners):
            for subscriber in self._subscribers.get(topic, ()):
                subscriber.put_nowait(entry)

    def _disconnect_all(self) -> None:
        for subscribers in self._subscribers.values():
            for subscriber in subscribers:
                subscriber.disconnect()
