"""Requests that wait together share one round trip to Redis.

A command of the redis client costs this process four times what Redis needs for it, so a command
of its own for each request would be the ceiling of an api. Here the commands of all requests of one
turn of the event loop go out as one pipeline; under load a pipeline carries dozens.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from typing import Any

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from jobs.config import ConfigError
from jobs.scripts import script

log = logging.getLogger(__name__)

MOST_AT_ONCE = 3
"""Pipelines in flight; what comes meanwhile waits for the next one."""
LONGEST = 16
"""Commands in one pipeline."""
PATIENCE_S = 1.0
"""Seconds for one pipeline, connecting included."""

QUIET_S = 10.0
"""Seconds between two lines in the log about refused commands; there may be thousands of them."""
AWAY = "Redis does not answer now. Send the request again; a create with the same Idempotency-Key."

Command = tuple[Any, ...]
Waiter = tuple[Command, "asyncio.Future[Any]"]


class StoreAway(Exception):
    """Redis does not answer, or refuses to work now; trying again may help."""


def connect(url: str) -> Redis:
    """A client that answers in strings, never waits on its own and never sends twice by itself.

    Raises ConfigError for a URL that is none.
    """
    retry = Retry(NoBackoff(), 0)
    try:
        return Redis.from_url(url, decode_responses=True, retry=retry, socket_timeout=None)
    except ValueError as error:
        raise ConfigError(f"REDIS_URL: {error}") from None


class Batch:
    """Sends to Redis, what waits together in one pipeline. One for each event loop."""

    def __init__(self, redis: Redis, patience_s: float = PATIENCE_S) -> None:
        self._redis = redis
        self._patience_s = patience_s
        self._waiting: list[Waiter] = []
        self._in_flight: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._away = False
        self._quiet_until = 0.0

    async def execute(self, *command: Any) -> Any:
        """The reply to one command. Raises StoreAway, and NoScriptError for an unknown script."""
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, reply))
        self._schedule()
        return await reply

    async def script(self, name: str, keys: Sequence[str], *arguments: Any) -> Any:
        """The reply of `jobs/lua/{name}.lua`. Raises StoreAway."""
        lua = script(name)
        try:
            return await self.execute("EVALSHA", lua.sha, len(keys), *keys, *arguments)
        except NoScriptError:
            return await self.execute("EVAL", lua.source, len(keys), *keys, *arguments)

    async def close(self) -> None:
        await self._redis.aclose()

    def _schedule(self) -> None:
        if not self._scheduled and len(self._in_flight) < MOST_AT_ONCE:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._scheduled = False
        group, self._waiting = self._waiting[:LONGEST], self._waiting[LONGEST:]
        if group:
            task = asyncio.create_task(self._round_trip(group))
            self._in_flight.add(task)
            task.add_done_callback(self._next)
        if self._waiting:
            self._schedule()

    def _next(self, done: "asyncio.Task[None]") -> None:
        self._in_flight.discard(done)
        if self._waiting:
            self._schedule()

    async def _round_trip(self, group: list[Waiter]) -> None:
        try:
            replies = await self._pipeline([command for command, _ in group])
        except (RedisError, OSError) as error:
            self._give_up(group, error)
        except Exception as error:  # a request must not wait for ever for a fault of ours
            log.exception("a pipeline failed")
            _settle(group, [error] * len(group))
        else:
            self._note_answer(replies)
            _settle(group, replies)

    async def _pipeline(self, commands: list[Command]) -> list[Any]:
        pool = self._redis.connection_pool
        async with asyncio.timeout(self._patience_s):
            connection = await pool.get_connection()  # type: ignore[no-untyped-call]
            try:
                await connection.send_packed_command(b"".join(map(pack_command, commands)))
                return [await _reply(connection) for _ in commands]
            except BaseException:
                await connection.disconnect(nowait=True)
                raise
            finally:
                await pool.release(connection)

    def _give_up(self, group: list[Waiter], error: Exception) -> None:
        """Those who wait for a pipeline are told too, so that nobody waits for two time-outs."""
        if not self._away:
            log.warning("Redis does not answer: %s", str(error) or "its time is over")
        self._away = True
        group, self._waiting = group + self._waiting, []
        _settle(group, [StoreAway(AWAY) for _ in group])

    def _note_answer(self, replies: list[Any]) -> None:
        if self._away:
            log.warning("Redis answers again")
        self._away = False
        refused = next((reply for reply in replies if _is_refusal(reply)), None)
        if refused and (now := time.monotonic()) > self._quiet_until:
            self._quiet_until = now + QUIET_S
            log.warning("Redis refuses commands: %s", refused)


async def _reply(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


def _settle(group: list[Waiter], replies: Sequence[Any]) -> None:
    for (_, waiter), reply in zip(group, replies, strict=True):
        if waiter.done():
            continue
        if isinstance(reply, BaseException):
            waiter.set_exception(_translated(reply))
        else:
            waiter.set_result(reply)


def _translated(error: BaseException) -> BaseException:
    return StoreAway(f"Redis refuses to work now: {error}") if _is_refusal(error) else error


def _is_refusal(reply: Any) -> bool:
    return isinstance(reply, RedisError) and not isinstance(reply, NoScriptError)
