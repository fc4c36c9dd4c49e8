"""The queue: RQ entries that say "somebody look at attempt n of this job", and nothing more."""

import pickle
import re
import zlib
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer
from rq import Callback, Queue
from rq.job import JobStatus

from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import ENTRY_TTL_S, TASK, JobMessage, JobQueue
from loresmith.worker.rq_task import on_failure


@pytest.fixture
def redis() -> Any:
    return FakeRedis(server=FakeServer())


@pytest.fixture
def queue(redis: Any) -> JobQueue:
    return JobQueue(redis, "lore")


def test_a_ring_and_its_entry_are_the_same() -> None:
    ring = JobMessage("0190-a_b", 12)

    assert ring.entry == "0190-a_b_12"
    assert JobMessage.parse(ring.entry) == ring


@pytest.mark.parametrize("entry", ["", "nothing", "j_", "j_x"])
def test_what_is_no_ring_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        JobMessage.parse(entry)


def test_rings_lie_in_the_queue_in_order(redis: Any, queue: JobQueue) -> None:
    queue.enqueue([JobMessage("a", 1), JobMessage("b", 2)])

    assert redis.lrange("rq:queue:lore", 0, -1) == [b"a_1", b"b_2"]
    assert queue.waiting() == {"a_1", "b_2"}


def test_the_same_ring_twice_in_a_breath_is_one(queue: JobQueue, redis: Any) -> None:
    queue.enqueue([JobMessage("a", 1), JobMessage("a", 1)])

    assert redis.llen("rq:queue:lore") == 1


def test_a_job_is_enqueued_into_its_own_queue(redis: Any, queue: JobQueue) -> None:
    """Given a record that names a queue / when a process of another queue enqueues the job
    / I expect the message in the job's queue, and RQ to know that queue.
    """
    redis.hset(keys.job("a"), "queue", "slow")

    queue.enqueue([JobMessage("a", 1), JobMessage("b", 1)])

    assert redis.lrange("rq:queue:slow", 0, -1) == [b"a_1"]
    assert redis.lrange("rq:queue:lore", 0, -1) == [b"b_1"]
    assert redis.hget("rq:job:a_1", "origin") == b"slow"
    assert {each.name for each in Queue.all(connection=redis)} == {"lore", "slow"}
    assert queue.waiting("slow") == {"a_1"}


def test_a_damaged_record_does_not_stop_the_others(redis: Any, queue: JobQueue) -> None:
    redis.set(keys.job("a"), "text")

    queue.enqueue([JobMessage("a", 1), JobMessage("b", 1)])

    assert queue.waiting() == {"a_1", "b_1"}


def test_nothing_to_ring_for_touches_nothing(redis: Any, queue: JobQueue) -> None:
    queue.enqueue([])

    assert redis.keys() == []
    assert queue.waiting() == set()


def test_an_entry_has_the_id_and_the_attempt_only(redis: Any, queue: JobQueue) -> None:
    """Given a ring
    / I expect our one function and two arguments, as RQ's own tools read them: no payload.
    """
    queue.enqueue([JobMessage("a", 3)])

    stored = redis.hget("rq:job:a_3", "data")
    assert pickle.loads(zlib.decompress(stored)) == (TASK, None, ("a", 3), {})


def test_rqs_own_timeouts_are_off(redis: Any, queue: JobQueue) -> None:
    """Our leases and deadlines rule."""
    queue.enqueue([JobMessage("a", 1)])

    assert redis.hget("rq:job:a_1", "timeout") == b"-1"
    assert redis.hget("rq:job:a_1", "retries_left") is None


def test_an_entry_is_what_rq_would_have_written(redis: Any, queue: JobQueue) -> None:
    """Given that we write RQ's hash ourselves, because RQ takes 80 µs for it
    / when RQ enqueues the same
    / I expect the same fields, values, time to live, queue and list of queues.
    """
    queue.enqueue([JobMessage("a", 3)])
    ours = stored(redis)
    redis.flushall()

    queue = Queue("lore", connection=redis)
    options = {"timeout": -1, "ttl": ENTRY_TTL_S, "result_ttl": 0, "failure_ttl": 0}
    options["on_failure"] = Callback(on_failure)
    data = Queue.prepare_data(TASK, ("a", 3), job_id="a_3", description="a_3", **options)
    queue.enqueue_many([data])

    assert ours == stored(redis)


def test_rq_reads_an_entry_as_its_own(redis: Any, queue: JobQueue) -> None:
    """Given a ring / I expect RQ's tools to see a queued job with its function and arguments."""
    queue.enqueue([JobMessage("a", 3)])

    job = Queue("lore", connection=redis).jobs[0]
    assert (job.id, job.get_status(), job.origin) == ("a_3", JobStatus.QUEUED, "lore")
    assert (job.func_name, job.args) == (TASK, ("a", 3))
    assert job.enqueued_at is not None


def stored(redis: Any) -> dict[str, Any]:
    """All that an enqueue leaves behind, with times as words and the data as text."""
    matches: dict[str, Any] = redis.hgetall("rq:job:a_3")
    for name in (b"created_at", b"enqueued_at"):
        assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", matches[name])
        matches[name] = "a time"
    matches[b"data"] = zlib.decompress(matches[b"data"])
    return {
        "keys": sorted(redis.keys()),
        "hash": matches,
        "ttl": redis.ttl("rq:job:a_3"),
        "queue": redis.lrange("rq:queue:lore", 0, -1),
        "queues": redis.smembers("rq:queues"),
    }
