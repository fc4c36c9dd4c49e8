"""Entries of the queue are read, and never believed."""

import json
import pickle
import zlib
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer
from rq.suspension import suspend

from jobs.doorbell import TASK, Doorbell, Ring
from worker.bell import Bell, Entry, Refused, Suspended, ring_of

JOB = "0198c1d2-0000-7000-8000-000000000001"
RING = Ring(JOB, 2)


class Trap:
    """Says so when it is unpickled."""

    sprung = False

    def __reduce__(self) -> Any:
        return setattr, (Trap, "sprung", True)


def packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value).encode())


def test_our_own_entry_is_a_ring() -> None:
    data = packed([TASK, None, [JOB, 2], {}])

    assert ring_of(RING.entry, data) == RING


def test_an_entry_whose_data_is_gone_rings_by_its_name() -> None:
    """Given an RQ job that expired while it waited / I expect its name to say enough."""
    assert ring_of(RING.entry, None) == RING


@pytest.mark.parametrize(
    "call",
    [
        ["os.system", None, [JOB, 2], {}],
        ["worker.tasks.run_job.__globals__", None, [JOB, 2], {}],
        [TASK, "instance", [JOB, 2], {}],
        [TASK, None, [JOB, 3], {}],
        [TASK, None, [JOB.replace("1", "2"), 2], {}],
        [TASK, None, [JOB, "2"], {}],
        [TASK, None, [JOB, 2, "more"], {}],
        [TASK, None, [JOB, 2], {"more": 1}],
        [TASK, None, [JOB], {}],
        [TASK],
        [],
        {},
        "text",
        None,
    ],
)
def test_any_other_call_is_refused(call: Any) -> None:
    with pytest.raises(Refused):
        ring_of(RING.entry, packed(call))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not compressed",
        zlib.compress(b"not JSON"),
        zlib.compress(b"\xff\xfe"),
        zlib.compress(b"[" * 4_000),
        zlib.compress(b" " * 5_000 + b"[]"),
        zlib.compress(b" " * 100_000_000),
        packed([TASK, None, [JOB, 2], {}])[:-4],
        "text",
        RuntimeError("WRONGTYPE"),
    ],
)
def test_data_that_is_no_small_json_is_refused(data: Any) -> None:
    with pytest.raises(Refused):
        ring_of(RING.entry, data)


def test_a_pickle_is_refused_and_never_loaded() -> None:
    with pytest.raises(Refused):
        ring_of(RING.entry, zlib.compress(pickle.dumps((TASK, None, (JOB, 2), Trap()))))

    assert not Trap.sprung


@pytest.mark.parametrize(
    "name", ["", "x", "_", "job_", "_1", f"{JOB}_x", f"{JOB}_01", f"{JOB}_-1", f"{JOB}_ 1",
             "a:updates_1", f"{JOB}_١", "a" * 65 + "_1"]
)  # fmt: skip
def test_a_name_that_is_no_job_and_attempt_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        ring_of(name, None)


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis(server=FakeServer())


@pytest.fixture
def bell(redis: FakeRedis) -> Bell:
    return Bell(redis, ["lore"])


def entries(*rings: Ring) -> list[Entry]:
    return [Entry("lore", ring.entry) for ring in rings]


def test_what_the_doorbell_rings_is_what_the_bell_reads(redis: FakeRedis, bell: Bell) -> None:
    rings = [Ring("a", 1), Ring("b", 7)]
    Doorbell(redis, "lore").ring(rings)

    assert list(bell.read(entries(*rings)).values()) == rings


def test_a_forged_entry_is_left_out_and_logged_without_its_content(
    redis: FakeRedis, bell: Bell, caplog: pytest.LogCaptureFixture
) -> None:
    Doorbell(redis, "lore").ring([Ring("a", 1), Ring("b", 1)])
    redis.hset("rq:job:a_1", "data", packed(["os.system", None, ["rm secret"], {}]))

    assert list(bell.read(entries(Ring("a", 1), Ring("b", 1))).values()) == [Ring("b", 1)]
    assert "refused the entry 'a_1' of queue lore" in caplog.text
    assert "secret" not in caplog.text


def test_a_suspended_worker_puts_entries_back_in_their_order(redis: FakeRedis, bell: Bell) -> None:
    redis.rpush("rq:queue:lore", "later_1")
    suspend(redis)

    with pytest.raises(Suspended):
        bell.read(entries(Ring("a", 1), Ring("b", 1)))

    assert redis.lrange("rq:queue:lore", 0, -1) == [b"a_1", b"b_1", b"later_1"]
