"""Fixtures: a worker system for the worker tests; a server and its scripts for the others."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.lore_service_harness import LoreHarness, lore_harness
from tests.integration.worker_processes import WorkerSystem, worker_system
from tests.servers import RedisServer, redis_server
from tests.store.driver import Store as Scripts


@pytest.fixture
def system(tmp_path: Path) -> Iterator[WorkerSystem]:
    """Uses leases short enough for a test to wait for their end."""
    with worker_system(
        tmp_path,
        LORESMITH_LEASE_S="2",
        LORESMITH_HEARTBEAT_INTERVAL_S="0.2",
        LORESMITH_RECONCILE_INTERVAL_S="0.2",
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


@pytest.fixture(scope="module")
def harness(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LoreHarness]:
    """One for the tests of a file, with its LORE_SERVICE_ENV."""
    env = getattr(request.module, "LORE_SERVICE_ENV", {})
    with lore_harness(tmp_path_factory.mktemp("lore"), **env) as started:
        yield started
