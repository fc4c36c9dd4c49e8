"""A workshop for each test: a Redis server, a fake lore_service, and workers as real processes.

For tests of an api: a server for a file, and hands in place of workers.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.workshop import Workshop, workshop
from tests.servers import RedisServer, redis_server
from tests.store.driver import Store as Scripts


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """With leases short enough for a test to see them pass."""
    with workshop(
        tmp_path,
        LORESMITH_LEASE_S="2",
        LORESMITH_BEAT_S="0.2",
        LORESMITH_SWEEP_S="0.2",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One for the tests of a file."""
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
def scripts(server: RedisServer) -> Iterator[Scripts]:
    """What workers and lore_services do, done by the test."""
    with Redis(port=server.port, decode_responses=True) as redis:
        yield Scripts(redis)
