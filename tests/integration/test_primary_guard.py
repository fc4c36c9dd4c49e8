"""Real servers that must not be used: each process refuses them, and says why."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from loresmith.api.auth.api_key_store import ApiKeyStore
from loresmith.api.schemas.keys import KeyRequest
from loresmith.jobs.core.settings import Settings, SettingsError
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable, connect
from loresmith.jobs.store.primary import PrimaryGuard, PrimaryRefused, check_at_start
from tests.servers import RedisServer, free_port, redis_server
from tests.stack import ROOT
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

PROCESSES = {"api": ["--port", "0"], "worker": [], "lore_service": []}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


def guarded(server: RedisServer, guard: PrimaryGuard) -> Redis:
    return Redis(port=server.port, decode_responses=True, redis_connect_func=guard.connect)


def exit_of(process: str, url: str, folder: Path) -> tuple[int, str]:
    """Starts a process that must exit by itself; returns its exit code and its output."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "REDIS_URL": url,
        "DATABASE_URL": f"sqlite:///{folder}/worlds.db",
        "LORESMITH_DATA_DIR": str(folder),
        "LORESMITH_LORE_SERVICE_ADDRESS": f"127.0.0.1:{free_port()}",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    }
    command = [sys.executable, "-m", f"loresmith.{process}", *PROCESSES[process]]
    ended = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=60)
    return ended.returncode, ended.stdout + ended.stderr


@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_starts_on_a_cluster(tmp_path: Path, process: str) -> None:
    server = RedisServer(free_port(), tmp_path)
    server.start("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
    try:
        code, output = exit_of(process, server.url, tmp_path)
    finally:
        server.stop()

    assert code == 1
    assert "node of a Redis Cluster" in output
    assert "cluster mode disabled" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("process", PROCESSES)
def test_no_process_starts_with_a_wrong_password(
    server: RedisServer, tmp_path: Path, process: str
) -> None:
    url = f"redis://someone:wrong@127.0.0.1:{server.port}/0"

    code, output = exit_of(process, url, tmp_path)

    assert code == 1
    assert "REDIS_URL" in output
    assert "password" in output
    assert "Traceback" not in output


BAD_SERVERS = {
    "a replica": (["REPLICAOF 127.0.0.1 1"], "is a replica"),
    "no append-only file": (["CONFIG SET appendonly no"], "CONFIG SET appendonly yes"),
    "eviction": (["CONFIG SET maxmemory-policy allkeys-lru"], "maxmemory-policy noeviction"),
    "INFO refused": (["ACL SETUSER default -info"], "refuses INFO"),
}


@pytest.mark.parametrize("name", BAD_SERVERS)
def test_a_bad_server_is_refused_unless_told_otherwise(server: RedisServer, name: str) -> None:
    commands, reason = BAD_SERVERS[name]
    with Redis(port=server.port) as redis:
        for command in commands:
            redis.execute_command(*command.split())

    with pytest.raises(SettingsError, match=reason):
        check_at_start(Settings(redis_url=server.url), PrimaryGuard())
    check_at_start(Settings(redis_url=server.url), PrimaryGuard(unsafe=True))


def test_a_restarted_server_that_kept_everything_is_accepted(server: RedisServer) -> None:
    guard = PrimaryGuard()
    with guarded(server, guard) as redis:
        redis.incrby(keys.EPOCH, 5)
        guard.watch(redis)
        server.kill()
        server.start()

        assert redis.get(keys.EPOCH) == "5"
        assert guard.refusal == ""


@contextmanager
def in_its_place(server: RedisServer, directory: Path, epoch: int) -> Iterator[Redis]:
    """Kills a server; runs one with another epoch on its port, for a with block."""
    server.kill()
    other = RedisServer(server.port, directory / "other")
    other.directory.mkdir()
    other.start()
    try:
        with Redis(port=server.port) as redis:
            redis.set(keys.EPOCH, epoch)
            yield redis
    finally:
        other.kill()


def test_a_primary_that_has_forgotten_work_is_refused_and_not_written(
    server: RedisServer, tmp_path: Path
) -> None:
    """Given a process that has seen epoch 5 / when a server with epoch 3 is in its place
    / I expect every command refused, by the synchronous and the asyncio client, until a server
    with epoch 5 is back.
    """
    guard = PrimaryGuard()
    with guarded(server, guard) as redis:
        redis.incrby(keys.EPOCH, 5)
        guard.watch(redis)
        with in_its_place(server, tmp_path, epoch=3) as stale:
            with pytest.raises(PrimaryRefused, match="its epoch is 3, and 5 was seen"):
                redis.set("written", 1)
            asyncio.run(refused(server.url, guard))
            assert stale.keys() == [keys.EPOCH.encode()]
        server.start()

        assert redis.set("written", 1)
        assert guard.refusal == ""


def test_work_that_others_add_does_not_hide_what_was_forgotten(
    server: RedisServer, tmp_path: Path
) -> None:
    """Given two processes, of which one has seen epoch 5 and the other 3 / when a server with epoch
    3 is in its place, and the other is first to use it and adds to it
    / I expect the one that knows of more to refuse it all the same.
    """
    knows_more, knows_less = PrimaryGuard(), PrimaryGuard()
    with guarded(server, knows_less) as less, guarded(server, knows_more) as more:
        less.incrby(keys.EPOCH, 3)
        knows_less.watch(less)
        more.incrby(keys.EPOCH, 2)
        knows_more.watch(more)
        with in_its_place(server, tmp_path, epoch=3):
            less.incrby(keys.EPOCH, 9)
            with pytest.raises(PrimaryRefused, match="its epoch is 3, and 5 was seen"):
                more.ping()


def test_a_primary_that_has_forgotten_a_revoked_key_is_refused(
    server: RedisServer, tmp_path: Path
) -> None:
    """Given a key that was made and revoked / when a server that lacks the revocation is in its
    place / I expect it refused: on it the key would be valid again.
    """
    guard = PrimaryGuard()
    with guarded(server, guard) as redis:
        epoch_before = asyncio.run(make_and_revoke_key(server.url, guard))
        assert epoch_before < guard.epoch == int(redis.get(keys.EPOCH))
        with in_its_place(server, tmp_path, epoch=epoch_before):
            asyncio.run(refused(server.url, guard))


async def make_and_revoke_key(url: str, guard: PrimaryGuard) -> int:
    """Returns the epoch between the two."""
    batch = PipelineBatcher(connect(url, guard), guard=guard)
    store = ApiKeyStore(batch)
    key, _ = await store.create(KeyRequest(name="ci"), "test")
    epoch = guard.epoch
    await store.revoke(key.id)
    await batch.close()
    return epoch


def test_a_server_that_is_promoted_again_is_accepted(server: RedisServer, tmp_path: Path) -> None:
    """Given a primary that becomes a replica of another, and later the primary again, without a
    restart / I expect it accepted each time, with the work that was done meanwhile.
    """
    other = RedisServer(free_port(), tmp_path / "other")
    other.directory.mkdir()
    other.start()
    guard = PrimaryGuard()
    try:
        with Redis(port=server.port) as first, Redis(port=other.port) as second:
            used(server, guard, 5)
            second.replicaof("127.0.0.1", server.port)
            wait_until(lambda: second.get(keys.EPOCH) == b"5", "it follows", timeout=30)
            second.replicaof("NO", "ONE")
            first.replicaof("127.0.0.1", other.port)
            used(other, guard, 5)
            wait_until(lambda: first.get(keys.EPOCH) == b"10", "it follows", timeout=30)
            first.replicaof("NO", "ONE")
            used(server, guard, 5)
    finally:
        other.stop()

    assert guard.epoch == 15


def used(server: RedisServer, guard: PrimaryGuard, jobs: int) -> None:
    """Accepts jobs on a server, over a connection of its own."""
    with guarded(server, guard) as redis:
        redis.incrby(keys.EPOCH, jobs)
        guard.watch(redis)


async def refused(url: str, guard: PrimaryGuard) -> None:
    batch = PipelineBatcher(connect(url, guard), guard=guard)
    with pytest.raises(StoreUnavailable):
        await batch.execute("SET", "written", 1)
    assert isinstance(batch.error, PrimaryRefused)
    await batch.close()


def test_an_emptied_database_is_not_a_failover(server: RedisServer) -> None:
    """Given somebody who empties the database / when the server restarts / I expect it accepted."""
    guard = PrimaryGuard()
    with guarded(server, guard) as redis:
        redis.incrby(keys.EPOCH, 5)
        guard.watch(redis)
        redis.delete(keys.EPOCH)
        guard.watch(redis)
        server.kill()
        server.start()

        assert redis.ping()
