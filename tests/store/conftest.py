"""One suite, two backends: a real server, and fakeredis, which `make test` adds: it is slower."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakeredis import FakeRedis, FakeServer
from hypothesis import Phase, settings
from redis import Redis

from tests.conftest import in_ci
from tests.servers import RedisServer, free_port, redis_binary
from tests.store.driver import Store
from tests.store.gate_harness import Slots
from tests.store.leaks import leaks

settings.register_profile("unshrunk", phases=[Phase.generate])  # for `make mutants`

BACKENDS = ["real", pytest.param("fake", marks=pytest.mark.thorough)]


def missing(what: str) -> None:
    """Skips on a developer's machine, fails in CI, where a skip would hide that nothing was
    tested.
    """
    if in_ci():
        pytest.fail(f"{what}; in CI it must be there")
    pytest.skip(what)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """This session's own server: nobody else's keys are in it, so it may be flushed."""
    try:
        redis_binary()
    except (ImportError, OSError, RuntimeError) as error:
        missing(f"no Redis-compatible server to test against ({error})")
    yield from _running(tmp_path_factory.mktemp("redis"))


def _running(directory: Path) -> Iterator[RedisServer]:
    server = RedisServer(free_port(), directory)
    server.start("--appendonly", "no")  # what is tested here is not the disk
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def client(server: RedisServer) -> Iterator[Redis]:
    """The connections to it, for all tests: a new one costs more than most of them."""
    with Redis.from_url(server.url, decode_responses=True) as client:
        yield client


@pytest.fixture(params=BACKENDS)
def redis(request: pytest.FixtureRequest) -> Iterator[Redis]:
    """An empty Redis that decodes its replies."""
    if request.param == "fake":
        yield FakeRedis(server=FakeServer(), decode_responses=True)
    else:
        client: Redis = request.getfixturevalue("client")
        yield client
        client.flushall()


@pytest.fixture
def store(redis: Redis) -> Store:
    return Store(redis)


@pytest.fixture
def slots(store: Store) -> Slots:
    """A worker of the gate."""
    return Slots(store)


@pytest.fixture(autouse=True)
def no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """After every test each key is the catalogue's, of its type, with the time to live it must
    have.
    """
    redis = request.getfixturevalue("redis") if "redis" in request.fixturenames else None
    yield
    if redis is not None:
        assert leaks(redis) == []
