"""Bounded, blocking connection pools made from the client that RQ was given.

redis-py's own default, 100 connections that nobody waits for, fails the 101st thread.
"""

from redis import BlockingConnectionPool, ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq.connections import get_connection_kwargs

CONNECTIONS = 16
WAIT_FOR_CONNECTION_S = 30
SOCKET_S = 5.0
"""Time limit of one command; must be longer than the longest blocking pop."""


def pooled(given: Redis, *, decode: bool, connections: int = CONNECTIONS) -> Redis:
    """A client of the same server for many threads, which tries a command twice.

    Raises ValueError for a client with a pool of its own kind (Sentinel, for example).
    """
    pool = given.connection_pool
    if type(pool) not in (ConnectionPool, BlockingConnectionPool):
        raise ValueError(f"{type(pool).__name__} is not supported; use REDIS_URL with redis://")
    settings = get_connection_kwargs(given) | {
        "decode_responses": decode,
        "encoding_errors": "replace",
        "socket_timeout": SOCKET_S,
        "socket_connect_timeout": SOCKET_S,
        "retry": Retry(NoBackoff(), 1),
    }
    return Redis(
        connection_pool=BlockingConnectionPool(  # type: ignore[no-untyped-call]
            max_connections=connections,
            timeout=WAIT_FOR_CONNECTION_S,
            connection_class=pool.connection_class,
            **settings,
        )
    )


def address(client: Redis) -> str:
    """host:port or path of the server, without its password."""
    known = client.connection_pool.connection_kwargs
    return str(known.get("path") or f"{known.get('host', '?')}:{known.get('port', '?')}")
