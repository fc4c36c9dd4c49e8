"""The doorbell: RQ entries that say "somebody look at attempt n of this job", and nothing more."""

import json
import zlib
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer

from jobs.doorbell import TASK, Doorbell, Ring


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
