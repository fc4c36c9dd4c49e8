"""Makes bounded, blocking connection pools from the client that RQ was given.

redis-py's default pool has 100 connections and fails the 101st thread instead of blocking.
"""

from redis import BlockingConnectionPool, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.connections import get_connection_kwargs

from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.jobs.store.role_change import leave_former_primary

MAX_CONNECTIONS = 16
POOL_TIMEOUT_S = 30
SOCKET_TIMEOUT_S = 5.0
"""Time limit of one command; must be longer than the longest blocking pop."""


def pooled(
    client: Redis, guard: PrimaryGuard, *, decode: bool, max_connections: int = MAX_CONNECTIONS
) -> Redis:
    """Returns a client of the same server for many threads, which tries a command twice.

    Raises ValueError for a client with another kind of pool (Sentinel, for example).
    """
    pool = client.connection_pool
    if type(pool) not in (ConnectionPool, BlockingConnectionPool):
        raise ValueError(f"{type(pool).__name__} is not supported; use REDIS_URL with redis://")
    settings = get_connection_kwargs(client) | {
        "decode_responses": decode,
        "encoding_errors": "replace",
        "socket_timeout": SOCKET_TIMEOUT_S,
        "socket_connect_timeout": SOCKET_TIMEOUT_S,
        "retry": Retry(NoBackoff(), 1),
        "redis_connect_func": guard.connect,
    }
    copy = Redis(
        connection_pool=BlockingConnectionPool(  # type: ignore[no-untyped-call]
            max_connections=max_connections,
            timeout=POOL_TIMEOUT_S,
            connection_class=pool.connection_class,
            **settings,
        )
    )
    leave_former_primary(copy)
    return copy


def address(client: Redis) -> str:
    """Returns host:port or path of the server, without its password."""
    options = client.connection_pool.connection_kwargs
    return str(options.get("path") or f"{options.get('host', '?')}:{options.get('port', '?')}")
