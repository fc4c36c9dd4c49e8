"""The doorbell: RQ entries that say "somebody look at attempt n of this job", and nothing more."""

import json
import re
import zlib
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer
from rq import Queue
from rq.job import JobStatus
from rq.serializers import JSONSerializer

from jobs.doorbell import ENTRY_TTL_S, TASK, Doorbell, Ring


@pytest.fixture
def redis() -> Any:
    return FakeRedis(server=FakeServer())


@pytest.fixture
def doorbell(redis: Any) -> Doorbell:
    return Doorbell(redis, "lore")


def test_a_ring_and_its_entry_are_the_same() -> None:
    ring = Ring("0190-a_b", 12)

    assert ring.entry == "0190-a_b_12"
    assert Ring.parse(ring.entry) == ring


@pytest.mark.parametrize("entry", ["", "nothing", "j_", "j_x"])
def test_what_is_no_ring_is_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        Ring.parse(entry)


def test_rings_lie_in_the_queue_in_order(redis: Any, doorbell: Doorbell) -> None:
    doorbell.ring([Ring("a", 1), Ring("b", 2)])

    assert redis.lrange("rq:queue:lore", 0, -1) == [b"a_1", b"b_2"]
    assert doorbell.waiting() == {"a_1", "b_2"}


def test_the_same_ring_twice_in_a_breath_is_one(doorbell: Doorbell, redis: Any) -> None:
    doorbell.ring([Ring("a", 1), Ring("a", 1)])

    assert redis.llen("rq:queue:lore") == 1


def test_nothing_to_ring_for_touches_nothing(redis: Any, doorbell: Doorbell) -> None:
    doorbell.ring([])

    assert redis.keys() == []
    assert doorbell.waiting() == set()


def test_an_entry_is_json_with_the_id_and_the_attempt(redis: Any, doorbell: Doorbell) -> None:
    """Given a ring
    / I expect our one function and two arguments, as JSON: no pickle, no payload.
    """
    doorbell.ring([Ring("a", 3)])

    stored = redis.hget("rq:job:a_3", "data")
    assert json.loads(zlib.decompress(stored)) == [TASK, None, ["a", 3], {}]


def test_rqs_own_timeouts_are_off(redis: Any, doorbell: Doorbell) -> None:
    """Our leases and deadlines rule."""
    doorbell.ring([Ring("a", 1)])

    assert redis.hget("rq:job:a_1", "timeout") == b"-1"
    assert redis.hget("rq:job:a_1", "retries_left") is None


def test_an_entry_is_what_rq_would_have_written(redis: Any, doorbell: Doorbell) -> None:
    """Given that we write RQ's hash ourselves, because RQ takes 80 µs for it
    / when RQ enqueues the same
    / I expect the same fields, values, time to live, queue and list of queues.
    """
    doorbell.ring([Ring("a", 3)])
    ours = stored(redis)
    redis.flushall()

    queue = Queue("lore", connection=redis, serializer=JSONSerializer)
    options = {"timeout": -1, "ttl": ENTRY_TTL_S, "result_ttl": 0, "failure_ttl": 60}
    data = Queue.prepare_data(TASK, ("a", 3), job_id="a_3", description="a_3", **options)
    queue.enqueue_many([data])

    assert ours == stored(redis)


def test_rq_reads_an_entry_as_its_own(redis: Any, doorbell: Doorbell) -> None:
    """Given a ring / I expect RQ's tools to see a queued job with its function and arguments."""
    doorbell.ring([Ring("a", 3)])

    job = Queue("lore", connection=redis, serializer=JSONSerializer).jobs[0]
    assert (job.id, job.get_status(), job.origin) == ("a_3", JobStatus.QUEUED, "lore")
    assert (job.func_name, job.args) == (TASK, ["a", 3])
    assert job.enqueued_at is not None


def stored(redis: Any) -> dict[str, Any]:
    """All that an enqueue leaves behind, with times as words and the data as text."""
    found: dict[str, Any] = redis.hgetall("rq:job:a_3")
    for name in (b"created_at", b"enqueued_at"):
        assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", found[name])
        found[name] = "a time"
    found[b"data"] = zlib.decompress(found[b"data"])
    return {
        "keys": sorted(redis.keys()),
        "hash": found,
        "ttl": redis.ttl("rq:job:a_3"),
        "queue": redis.lrange("rq:queue:lore", 0, -1),
        "queues": redis.smembers("rq:queues"),
    }
