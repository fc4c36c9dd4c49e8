"""Batches the commands of concurrent requests into pipelines.

A command costs the redis client four times the CPU that Redis needs for it. The commands of all
requests in one turn of the event loop share a pipeline; under load it carries dozens.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from hiredis import pack_command
from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError, NoScriptError, RedisError, ResponseError

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.outage_log import REDIS_OUTAGE
from loresmith.jobs.core.settings import SettingsError
from loresmith.jobs.store import keys
from loresmith.jobs.store.acknowledgement import ACKNOWLEDGED, COUNTED_BY_SCRIPT
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.jobs.store.role_change import leave_former_primary
from loresmith.jobs.store.scripts import ScriptCall

log = get_logger(__name__)

MAX_IN_FLIGHT = 3
"""Pipelines at once; later commands wait for the next one."""
MAX_COMMANDS = 16
"""Commands in one pipeline."""
PIPELINE_TIMEOUT_S = 1.0
"""Seconds for one pipeline, connecting included."""

LOG_INTERVAL_S = 10.0
"""Seconds between two lines in the log about refused commands; there may be thousands of them."""

MISFIT = re.compile(
    "WRONGTYPE|: attempt to |not an integer|not a valid float|would overflow|bad argument"
    "|arguments must be strings or integers"
)
"""Errors of a command that does not fit the data, so that it is refused again and again."""
ACK_TIMEOUT_MS = 500
UNACKNOWLEDGED = (
    "Too few replicas of Redis have confirmed the write in time. "
    "Send the request again; a create with the same Idempotency-Key."
)

UNAVAILABLE = "Redis is unavailable"

Command = tuple[Any, ...]


class StoreUnavailable(Exception):
    """Redis is unavailable or refuses commands; a retry may succeed."""


class CommandRefused(StoreUnavailable):
    """The command does not fit the data; a retry is refused too."""


class InvalidCommand(Exception):
    """A value of the command cannot be stored in Redis."""


@dataclass(frozen=True)
class Waiter:
    """A command, and who waits for its reply."""

    command: Command
    reply: "asyncio.Future[Any]"
    acknowledged: bool
    """Whether the epoch counts it, and replicas must confirm it where that is asked for."""


def connect(url: str, guard: PrimaryGuard | None = None) -> Redis:
    """Makes a client that decodes replies, and neither retries nor times out by itself.

    Raises SettingsError for an invalid URL.
    """
    options: dict[str, Any] = {"redis_connect_func": guard.connect_async} if guard else {}
    options |= {"retry": Retry(NoBackoff(), 0), "socket_timeout": None}
    try:
        client = Redis.from_url(url, decode_responses=True, **options)
    except ValueError as error:
        raise SettingsError(f"REDIS_URL: {error}") from None
    leave_former_primary(client)
    return client


class PipelineBatcher:
    """Sends the commands that wait together in one pipeline. One for each event loop."""

    def __init__(
        self,
        redis: Redis,
        timeout_s: float = PIPELINE_TIMEOUT_S,
        max_in_flight: int = MAX_IN_FLIGHT,
        max_commands: int = MAX_COMMANDS,
        *,
        guard: PrimaryGuard | None = None,
        ack_replicas: int = 0,
    ) -> None:
        self.guard = guard or PrimaryGuard()
        self.error: Exception | None = None
        """Why Redis is unavailable; None while it is available."""
        self._ack_replicas = ack_replicas
        self._used: WeakSet[AbstractConnection] = WeakSet()
        self._redis = redis
        self._timeout_s = timeout_s
        self._max_in_flight = max_in_flight
        self._max_commands = max_commands
        self._waiting: list[Waiter] = []
        self._in_flight: set[asyncio.Task[None]] = set()
        self._scheduled = False
        self._quiet_until = 0.0

    async def execute(self, *command: Any, acknowledged: bool = False) -> Any:
        """Returns the reply to one command. Raises StoreUnavailable, and NoScriptError for
        an unknown script.
        """
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiter(command, reply, acknowledged))
        self._schedule()
        return await reply

    async def script(self, name: str, names: Sequence[str], *arguments: Any) -> Any:
        """Returns the reply of `jobs/store/lua/{name}.lua`. Raises StoreUnavailable."""
        call = ScriptCall(name, names, arguments)
        counted = name in COUNTED_BY_SCRIPT and not self._ack_replicas
        acknowledged = name in ACKNOWLEDGED and not counted
        try:
            return await self.execute(*call.by_sha(), acknowledged=acknowledged)
        except NoScriptError:
            return await self.execute(*call.by_source(), acknowledged=acknowledged)

    async def close(self) -> None:
        await self._redis.aclose()

    def _schedule(self) -> None:
        if not self._scheduled and len(self._in_flight) < self._max_in_flight:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._scheduled = False
        group = self._waiting[: self._max_commands]
        self._waiting = self._waiting[self._max_commands :]
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
        """Answers every waiter, whatever happens."""
        sent, encoded = _encode(group)
        try:
            replies = await self._replies(sent, encoded)
        except (RedisError, OSError) as error:
            self._give_up(group, error)
        except Exception as error:
            log.exception("a pipeline failed")
            _settle(sent, [error] * len(sent))
        else:
            self._log_recovery(replies)
            _settle(sent, replies)
        finally:  # also when it is cancelled
            _settle(group, [StoreUnavailable(UNAVAILABLE) for _ in group])

    async def _replies(self, sent: list[Waiter], encoded: list[bytes]) -> list[Any]:
        """Sends a group, and counts what a failover must not forget; where asked for, waits until
        replicas have it.

        The INCR makes WAIT cover a script that found its work done by an earlier request.
        """
        if not any(waiter.acknowledged for waiter in sent):
            return await self._pipeline(encoded)
        commands: list[Command] = [("INCR", keys.EPOCH)]
        if self._ack_replicas:
            commands.append(("WAIT", self._ack_replicas, ACK_TIMEOUT_MS))
        answers = await self._pipeline([*encoded, *map(pack_command, commands)])
        replies, (epoch, *confirmed) = answers[: len(sent)], answers[len(sent) :]
        if all(isinstance(count, int) and count >= self._ack_replicas for count in confirmed):
            if isinstance(epoch, int):
                self.guard.saw(epoch)
            return replies
        return [
            StoreUnavailable(UNACKNOWLEDGED) if waiter.acknowledged else reply
            for waiter, reply in zip(sent, replies, strict=True)
        ]

    async def _pipeline(self, commands: list[bytes]) -> list[Any]:
        """Sends commands; once more where the connection had died unnoticed, as it does when Redis
        restarts. Every script may be sent twice.
        """
        if not commands:
            return []
        pool = self._redis.connection_pool
        async with asyncio.timeout(self._timeout_s):
            while True:
                connection = await pool.get_connection()  # type: ignore[no-untyped-call]
                try:
                    await connection.send_packed_command(b"".join(commands))
                    replies = [await _reply(connection) for _ in commands]
                    self._used.add(connection)
                    if connection.should_reconnect():  # so must those that wait in the pool
                        await pool.disconnect(inuse_connections=False)
                    return replies
                except BaseException as error:
                    await connection.disconnect(nowait=True)
                    died = isinstance(error, ConnectionError | OSError) and connection in self._used
                    if not died:
                        raise
                    self._used.clear()
                finally:
                    await pool.release(connection)
                await pool.disconnect(inuse_connections=False)

    def _give_up(self, group: list[Waiter], error: Exception) -> None:
        """Fails the waiting commands too, so that none waits for two timeouts."""
        REDIS_OUTAGE.failed(error)
        self.error = error
        group, self._waiting = group + self._waiting, []
        _settle(group, [StoreUnavailable(UNAVAILABLE) for _ in group])

    def _log_recovery(self, replies: list[Any]) -> None:
        REDIS_OUTAGE.succeeded()
        self.error = None
        refused = next((reply for reply in replies if _is_refusal(reply)), None)
        if refused and (now := time.monotonic()) > self._quiet_until:
            self._quiet_until = now + LOG_INTERVAL_S
            log.warning("Redis refuses commands", error=safe(refused))


def _encode(group: list[Waiter]) -> tuple[list[Waiter], list[bytes]]:
    """Encodes the commands; fails the waiters of those that cannot be encoded."""
    sent, encoded = [], []
    for waiter in group:
        try:
            encoded.append(pack_command(waiter.command))
        except (TypeError, ValueError) as error:
            _settle([waiter], [InvalidCommand(f"Redis cannot store a value: {error}")])
        else:
            sent.append(waiter)
    return sent, encoded


async def _reply(connection: AbstractConnection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        return error


def _settle(group: list[Waiter], replies: Sequence[Any]) -> None:
    for waiter, reply in zip(group, replies, strict=True):
        if waiter.reply.done():
            continue
        if isinstance(reply, BaseException):
            waiter.reply.set_exception(_translated(reply))
        else:
            waiter.reply.set_result(reply)


def _translated(error: BaseException) -> BaseException:
    if not _is_refusal(error):
        return error
    if MISFIT.search(str(error)):
        refusal: StoreUnavailable = CommandRefused(f"Redis refuses a command: {error}")
    else:
        refusal = StoreUnavailable(f"Redis refuses to work now: {error}")
    refusal.__cause__ = error
    return refusal


def _is_refusal(reply: Any) -> bool:
    return isinstance(reply, RedisError) and not isinstance(reply, NoScriptError)
