"""The connection of a lore_service to Redis."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.jobs.store.role_change import leave_former_primary

SOCKET_TIMEOUT_S = 5.0
MAX_SCRIPT_CALLS = 128
"""Script calls in one pipeline, and so in one fsync of Redis."""


def connect(
    redis_url: str, guard: PrimaryGuard, ack_replicas: int
) -> tuple[Redis, PipelineBatcher]:
    """Returns a client that retries once, and its pipeline."""
    redis: Redis = Redis.from_url(
        redis_url,
        decode_responses=True,
        socket_timeout=SOCKET_TIMEOUT_S,
        socket_connect_timeout=SOCKET_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),  # for connections that a restart of the server has closed
        redis_connect_func=guard.connect_async,
    )
    leave_former_primary(redis)
    options = {"max_in_flight": 1, "max_commands": MAX_SCRIPT_CALLS, "ack_replicas": ack_replicas}
    return redis, PipelineBatcher(redis, SOCKET_TIMEOUT_S, **options, guard=guard)
