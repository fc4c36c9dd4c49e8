"""Refuses a server that cannot keep our promises, or that has forgotten accepted work.

Every new connection is checked before its first command. A restart or a failover breaks the old
connections, so no process writes to a primary that it has not checked.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MovedError,
    RedisError,
    ResponseError,
)
from redis.retry import Retry

from loresmith.jobs.core.logs import get_logger, own_text, safe
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store import keys
from loresmith.jobs.store.server_check import fatal_findings, judge, parse_info

log = get_logger(__name__)

COMMANDS = (("INFO",), ("GET", keys.EPOCH))
START_TIMEOUT_S = 2.0
NOTE_TTL_S = 30 * 86_400
"""Longer than any process goes without a connection."""


MOVED = (
    "This node of the cluster does not hold our keys. Remedy: set REDIS_URL to the node that holds "
    "the slot of LORESMITH_PREFIX"
)


class PrimaryRefused(ConnectionError):
    """The server must not be used. The message says why, and what to do."""

    safe_to_log = True


@dataclass(frozen=True)
class NewPrimary:
    """A server in a role in which this process has not used it."""

    promotion: str
    epoch: int

    def note(self) -> tuple[Any, ...]:
        """Returns the command that notes with which epoch it was first used: others may have added
        to it before a process that has seen more looks at it.
        """
        return ("SET", keys.first_epoch(self.promotion), self.epoch, "NX", "GET", "EX", NOTE_TTL_S)


class PrimaryGuard:
    """The memory of one process: the primary that it uses, and the highest epoch it has seen.

    The epoch counts what must not be forgotten (`acknowledgement.py`). A primary with a lower one
    than we have seen has lost some of it: it is a replica that was behind, or a restored copy.
    """

    def __init__(self, *, unsafe: bool = False, acknowledged: bool = False) -> None:
        """`unsafe`: report what would be refused, and use the server nevertheless.

        `acknowledged`: replicas confirm what is accepted, so only an epoch that they have counts.
        """
        self.refusal = ""
        """Why the last connection was refused; '' when it was accepted."""
        self._unsafe = unsafe
        self._acknowledged = acknowledged
        self._promotion = ""
        self._epoch = 0
        self._lock = Lock()

    @classmethod
    def of(cls, settings: Settings) -> "PrimaryGuard":
        return cls(unsafe=bool(settings.unsafe_redis), acknowledged=settings.ack_replicas > 0)

    @property
    def epoch(self) -> int:
        return self._epoch

    def saw(self, epoch: int) -> None:
        """Notes the epoch that a script has returned."""
        with self._lock:
            self._epoch = max(self._epoch, epoch)

    def watch(self, redis: Redis) -> None:
        """Reads the epoch. Raises RedisError.

        An epoch that goes back on a running server is a database that was emptied.
        """
        before = self._epoch
        self.noticed(before, int(redis.get(keys.EPOCH) or 0))

    def noticed(self, before: int, value: int) -> None:
        """Notes an epoch that was read after `before` was known."""
        with self._lock:
            if value >= before:
                if not self._acknowledged:
                    self._epoch = max(self._epoch, value)
                return
            self._epoch = value
        log.error("the database was emptied", previous_epoch=before, epoch=value)

    def connect(self, connection: Any) -> None:
        """Prepares and checks a connection; give it to redis-py as `redis_connect_func`."""
        seen = self._epoch
        connection.on_connect()
        replies = []
        for command in COMMANDS:
            connection.send_command(*command)
            replies.append(_reply(connection.read_response))
        if primary := self._admit(seen, *replies):
            connection.send_command(*primary.note())
            self._compare(seen, primary, _reply(connection.read_response))

    async def connect_async(self, connection: Any) -> None:
        """Does the same for redis.asyncio."""
        seen = self._epoch
        await connection.on_connect()
        replies = []
        for command in COMMANDS:
            await connection.send_command(*command)
            replies.append(await _reply_async(connection.read_response))
        if primary := self._admit(seen, *replies):
            await connection.send_command(*primary.note())
            self._compare(seen, primary, await _reply_async(connection.read_response))

    def _admit(self, seen: int, info_reply: Any, epoch_reply: Any) -> "NewPrimary | None":
        """Raises PrimaryRefused. `seen` is the epoch before the replies.

        Returns a server that this process has not used yet: its note must be compared.
        """
        info = None if isinstance(info_reply, ResponseError) else parse_info(info_reply)
        reason = fatal_findings(judge(info, None))
        if isinstance(epoch_reply, MovedError):
            reason = reason or MOVED
        if not reason and isinstance(epoch_reply, ResponseError):
            raise epoch_reply
        epoch = 0 if isinstance(epoch_reply, ResponseError) else int(epoch_reply or 0)
        promotion = _promotion(info or {})
        if not reason and promotion != self._promotion and epoch < seen:
            reason = forgotten(epoch, seen)
        self._decide(reason)
        if _run_id(promotion) != _run_id(self._promotion) and promotion and not reason:
            # Not for a new replication id alone: our other connections to the server still work.
            return NewPrimary(promotion, epoch)
        self._accept(promotion, epoch, seen)
        return None

    def _compare(self, seen: int, primary: "NewPrimary", first: Any) -> None:
        """Raises PrimaryRefused for a server that was first used with an epoch below ours.

        `first` is None when this process is the first one, or an error when it cannot be noted.
        """
        known = first is not None and not isinstance(first, ResponseError)
        first_epoch = int(first) if known else primary.epoch
        self._decide(forgotten(first_epoch, seen) if first_epoch < seen else "")
        self._accept(primary.promotion, primary.epoch, seen)

    def _decide(self, reason: str) -> None:
        """Logs each reason once; raises PrimaryRefused."""
        with self._lock:
            if reason and reason != self.refusal:
                if self._unsafe:
                    log.error("Redis breaks a promise", reason=own_text(reason))
                else:
                    log.error("Redis is refused", reason=own_text(reason))
            self.refusal = reason
        if reason and not self._unsafe:
            raise PrimaryRefused(reason)

    def _accept(self, promotion: str, epoch: int, seen: int) -> None:
        with self._lock:
            self._promotion = promotion
            if epoch < seen:
                self._epoch = epoch
            elif not self._acknowledged:
                self._epoch = max(epoch, self._epoch)


def _promotion(info: Mapping[str, str]) -> str:
    """Names a server in its present role: one that is promoted again has a new replication id."""
    run_id = info.get("run_id", "")
    return f"{run_id}.{info.get('master_replid', '')}" if run_id else ""


def _run_id(promotion: str) -> str:
    return promotion.partition(".")[0]


def _reply(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ResponseError as error:
        return error


async def _reply_async(read: Callable[[], Awaitable[Any]]) -> Any:
    try:
        return await read()
    except ResponseError as error:
        return error


def forgotten(epoch: int, seen: int) -> str:
    return (
        f"This Redis has forgotten accepted work: its epoch is {epoch}, and {seen} was seen. "
        "It is a replica that was behind, or an old copy; nothing is written to it. Remedy: bring "
        "back the server that has the newest data, or accept the loss by restarting all "
        "processes (docs/high-availability.md)"
    )


def check_at_start(config: Settings, guard: PrimaryGuard) -> None:
    """Connects once. Raises SettingsError for a server that must not be used.

    A server that is away is not an error: it may start later, and is checked then.
    """
    redis = Redis.from_url(
        config.redis_url,
        socket_timeout=START_TIMEOUT_S,
        socket_connect_timeout=START_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        redis_connect_func=guard.connect,
    )
    try:
        with redis:
            redis.ping()
    except PrimaryRefused as error:
        raise SettingsError(f"REDIS_URL: {error}") from None
    except AuthenticationError:
        raise SettingsError(f"REDIS_URL: {REFUSED_PASSWORD}") from None
    except (BusyLoadingError, ClusterDownError):  # it passes
        return
    except ResponseError as error:
        raise SettingsError(f"REDIS_URL: the server refuses our commands: {error}") from None
    except RedisError as error:
        log.warning("Redis does not respond yet", error=safe(error))


REFUSED_PASSWORD = "the server refuses the user name or the password"
