"""Leaves a server that has lost its role as primary.

A failover can leave our connections to the old primary open, and they would refuse every write for
as long as they live. A connection that hears of the change is closed when it returns to its pool,
so the next command resolves the address again and checks the server it reaches.
"""

from functools import cache
from typing import Any

from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.exceptions import MasterDownError, ReadOnlyError, ResponseError

UNBLOCKED = "UNBLOCKED"
"""The code of a command that blocked while its server became a replica."""


def leave_former_primary(client: Redis | AsyncRedis) -> None:
    """Makes the connections that a client opens from now on close after an error of a former
    primary.
    """
    pool: Any = client.connection_pool
    pool.connection_class = _leaving(pool.connection_class)


class _Leaving:
    """Marks a connection that hears of the change; the pool closes it."""

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().read_response(*args, **kwargs)  # type: ignore[misc]
        except ResponseError as error:
            _mark(self, error)
            raise


class _LeavingAsync:
    """Does the same for redis.asyncio."""

    async def read_response(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await super().read_response(*args, **kwargs)  # type: ignore[misc]
        except ResponseError as error:
            _mark(self, error)
            raise


@cache
def _leaving(connection_class: type) -> type:
    if issubclass(connection_class, _Leaving | _LeavingAsync):
        return connection_class
    is_async = connection_class.__module__.startswith("redis.asyncio")
    base = _LeavingAsync if is_async else _Leaving
    return type(connection_class.__name__, (base, connection_class), {})


def _mark(connection: Any, error: ResponseError) -> None:
    """A replica answers writes with READONLY, and with MASTERDOWN while it has no primary."""
    if isinstance(error, ReadOnlyError | MasterDownError) or str(error).startswith(UNBLOCKED):
        connection.mark_for_reconnect()
