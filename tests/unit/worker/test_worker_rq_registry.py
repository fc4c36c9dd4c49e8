"""What RQ's own tools are shown of a worker's jobs."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer
from redis.client import Pipeline
from redis.exceptions import RedisError

from loresmith.worker.adapters import rq_registry
from loresmith.worker.adapters.rq_registry import RqRegistrySync
from loresmith.worker.adapters.store_types import QueueEntry

LEASE_S = 15.0


@pytest.fixture
def redis() -> Any:
    return FakeRedis(server=FakeServer())


@pytest.fixture
def registry(redis: Any) -> RqRegistrySync:
    queues = [SimpleNamespace(name="lore")]
    worker: Any = SimpleNamespace(name="anna", key="rq:worker:anna", queues=queues)
    return RqRegistrySync(worker, redis, LEASE_S)


def entry(number: int = 1) -> QueueEntry:
    return QueueEntry("lore", f"j{number}_1", "generate_relics")


def test_the_hash_of_a_running_job_expires_before_its_entry(
    redis: Any, registry: RqRegistrySync
) -> None:
    """Or RQ's cleaners would move the job of a killed worker to the failed ones."""
    registry.record_started([entry()], [entry()])

    ((_, expires_at),) = redis.zrange("rq:wip:lore", 0, -1, withscores=True)
    seconds, micros = redis.time()
    assert 0 < redis.pttl("rq:job:j1_1") / 1000 < expires_at - seconds - micros / 1e6


def test_a_renewed_job_gets_back_a_lost_hash(redis: Any, registry: RqRegistrySync) -> None:
    """Given an outage longer than a lease / I expect the list of running jobs whole after it."""
    registry.record_started([entry(1), entry(2)], [entry(1), entry(2)])
    redis.delete("rq:job:j1_1")

    registry.renew([entry(1), entry(2)])

    assert redis.hget("rq:job:j1_1", "description") == b"generate_relics j1"
    assert redis.hget("rq:job:j2_1", "status") == b"started"


def test_a_late_renewal_does_not_shorten_the_life_of_an_ended_job(
    redis: Any, registry: RqRegistrySync
) -> None:
    registry.record_started([entry()], [entry()])
    registry.remove(entry(), "completed", 1.0)
    registry.flush()

    registry.renew([entry()])

    assert redis.ttl("rq:job:j1_1") > LEASE_S
    assert redis.hget("rq:job:j1_1", "status") == b"finished"


def test_a_job_that_is_retried_later_is_not_shown_as_ended(
    redis: Any, registry: RqRegistrySync
) -> None:
    registry.record_started([entry()], [entry()])

    registry.remove(entry(), "lost", 1.0)
    registry.flush()

    assert redis.exists("rq:wip:lore", "rq:finished:lore", "rq:failed:lore") == 0


def test_the_registries_of_ended_jobs_are_bounded(
    redis: Any, registry: RqRegistrySync, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given more ended jobs than are shown / I expect the oldest gone, with their hashes."""
    monkeypatch.setattr(rq_registry, "MAX_ENDED", 2)
    for number in range(1, 6):
        registry.remove(entry(number), "failed" if number == 5 else "completed", 1.0)
    registry.flush()
    redis.zadd("rq:failed:lore", {"expired_1": 1})

    registry.prune()

    assert redis.zrange("rq:finished:lore", 0, -1) == [b"j3_1", b"j4_1"]
    assert redis.zrange("rq:failed:lore", 0, -1) == [b"j5_1"]
    assert sorted(redis.keys("rq:job:*")) == [b"rq:job:j3_1", b"rq:job:j4_1", b"rq:job:j5_1"]


def test_jobs_that_end_together_are_shown_together(redis: Any, registry: RqRegistrySync) -> None:
    """Given three jobs that end while Redis is away / when it is back / I expect all of them shown
    by one write to each registry.
    """
    entries = [entry(number) for number in range(1, 4)]
    registry.record_started(entries, entries)
    for each in entries:
        registry.remove(each, "completed", 1.0)
    redis.connection_pool.connection_kwargs["server"].connected = False
    with pytest.raises(RedisError):
        registry.flush()
    redis.connection_pool.connection_kwargs["server"].connected = True

    with watched(redis) as commands:
        registry.heartbeat(busy=False, suspended=False)

    assert redis.zcard("rq:finished:lore") == 3
    assert redis.exists("rq:wip:lore") == 0
    assert commands.count("ZREM") == commands.count("ZADD") == 1


def test_a_damaged_key_hides_no_other_job(redis: Any, registry: RqRegistrySync) -> None:
    """Given a registry of another type / I expect other jobs and the worker shown all the same, and
    nothing sent again.
    """
    redis.hset("rq:worker:anna", "birth", "today")
    redis.set("rq:finished:lore", "damaged")
    registry.remove(entry(1), "completed", 1.0)
    registry.remove(entry(2), "failed", 1.0)

    registry.heartbeat(busy=False, suspended=False)

    assert redis.zrange("rq:failed:lore", 0, -1) == [b"j2_1"]
    assert redis.hget("rq:worker:anna", "failed_job_count") == b"1"
    with watched(redis) as commands:
        registry.flush()
    assert commands == []


@contextmanager
def watched(redis: Any) -> Iterator[list[str]]:
    """Yields the names of the commands that pipelines send."""
    sent: list[str] = []
    execute = Pipeline.execute

    def recorded(pipeline: Any, *args: Any, **kwargs: Any) -> Any:
        sent.extend(command[0][0] for command in pipeline.command_stack)
        return execute(pipeline, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pipeline, "execute", recorded)
        yield sent
