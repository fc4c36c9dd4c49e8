"""A failover that leaves connections to the old primary open: no client stays with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from redis import Redis
from redis.exceptions import ReadOnlyError, RedisError

from chaos.proxy import AckDroppingProxy
from loresmith.api.background.maintenance import _connect as api_client
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable, connect
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.worker.adapters.redis_connections import pooled
from loresmith.worker.rq_worker import LoreWorker
from tests.servers import RedisServer, free_port, redis_server
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


class Failover:
    """A proxy whose new connections go to the new primary; open ones stay with the old one."""

    def __init__(self, old: RedisServer, new: RedisServer) -> None:
        self._old, self._new = old, new
        self._proxy = AckDroppingProxy(old.port, 0, seed=1)
        self._proxy.start()
        self.url = self._proxy.url

    def happens(self) -> None:
        self._proxy.upstream = self._new.port  # first: a client may connect again at once
        with Redis(port=self._old.port) as old:
            old.replicaof("127.0.0.1", self._new.port)

    def happens_to_a_waiting_client(self) -> None:
        with Redis(port=self._old.port) as old:
            wait_until(lambda: old.info("clients")["blocked_clients"], "a client waits")
        self.happens()

    def stop(self) -> None:
        self._proxy.stop()


@pytest.fixture
def failover(tmp_path: Path) -> Iterator[Failover]:
    other = RedisServer(free_port(), tmp_path / "other")
    other.directory.mkdir()
    with redis_server(tmp_path) as server:
        other.start()
        failover = Failover(server, other)
        try:
            yield failover
        finally:
            failover.stop()
            other.kill()  # a stop would wait for its replica


@pytest.mark.anyio
async def test_a_pipeline_leaves_a_server_that_refuses_writes(failover: Failover) -> None:
    """Given two connections in the pool / I expect one refusal, and then neither used again."""
    client = connect(failover.url, PrimaryGuard())
    batcher = PipelineBatcher(client)
    pool = client.connection_pool
    held = [await pool.get_connection() for _ in range(2)]
    for connection in held:
        await pool.release(connection)
    try:
        assert await batcher.execute("SET", "key", "before") == "OK"
        failover.happens()
        with pytest.raises(StoreUnavailable):
            await batcher.execute("SET", "key", "refused")
        assert await batcher.execute("SET", "key", "after") == "OK"
    finally:
        await batcher.close()


@contextmanager
def opened(client: Redis) -> Iterator[Redis]:
    """Closes also the pool of a client that did not make it."""
    try:
        yield client
    finally:
        client.connection_pool.disconnect()


def worker_client(url: str) -> Redis:
    with Redis.from_url(url) as redis:
        return pooled(redis, PrimaryGuard(), decode=True)


def client_of_rq(url: str) -> Redis:
    return LoreWorker(["lore"], connection=Redis.from_url(url)).connection


def maintenance_client(url: str) -> Redis:
    return api_client(Settings(redis_url=url), PrimaryGuard(), decode=True)


@pytest.mark.parametrize("make", [worker_client, client_of_rq, maintenance_client])
@pytest.mark.parametrize("in_pipeline", [False, True])
def test_a_client_leaves_a_server_that_refuses_writes(
    failover: Failover, make: Callable[[str], Redis], in_pipeline: bool
) -> None:
    """Given errors that are raised, or returned among the replies / I expect the next command on
    the new primary.
    """
    with opened(make(failover.url)) as redis:
        redis.set("key", "before")
        failover.happens()
        if in_pipeline:
            with redis.pipeline(transaction=False) as pipeline:
                pipeline.set("key", "refused")
                assert isinstance(pipeline.execute(raise_on_error=False)[0], ReadOnlyError)
        else:
            with pytest.raises(ReadOnlyError):
                redis.set("key", "refused")
        assert redis.set("key", "after")


def test_a_client_leaves_a_server_that_changes_while_it_waits(failover: Failover) -> None:
    """Given a blocking pop, as of a worker without jobs / I expect the next command on the new
    primary.
    """
    with opened(worker_client(failover.url)) as redis:
        redis.ping()
        Thread(target=failover.happens_to_a_waiting_client).start()
        with pytest.raises(RedisError, match="UNBLOCKED"):
            redis.blpop(["nothing"], timeout=30)
        assert redis.set("key", "after")
