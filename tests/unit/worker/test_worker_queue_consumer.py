"""Queue entries are validated, never trusted."""

import json
import pickle
import zlib
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer
from rq.suspension import suspend

from loresmith.jobs.store.queue import PICKLE_PROTOCOL, TASK, JobMessage, JobQueue, call_of
from loresmith.worker.adapters.store_types import QueueEntry
from loresmith.worker.intake.queue_consumer import (
    InvalidMessage,
    QueueConsumer,
    QueueSuspended,
    parse_message,
)

JOB = "0198c1d2-0000-7000-8000-000000000001"
MESSAGE = JobMessage(JOB, 2)


class PickleTrap:
    """Sets `unpickled` when it is unpickled."""

    unpickled = False

    def __reduce__(self) -> Any:
        return setattr, (PickleTrap, "unpickled", True)


def compressed(value: Any) -> bytes:
    return zlib.compress(pickle.dumps(value, PICKLE_PROTOCOL))


def test_an_entry_of_ours_is_a_message() -> None:
    data = compressed((TASK, None, (JOB, 2), {}))

    assert parse_message(MESSAGE.entry, data) == MESSAGE


def test_an_entry_without_data_is_identified_by_its_id() -> None:
    """Given an RQ job that expired while it waited / I expect its id to be enough."""
    assert parse_message(MESSAGE.entry, None) == MESSAGE


@pytest.mark.parametrize(
    "call",
    [
        ("os.system", None, (JOB, 2), {}),
        ("loresmith.worker.rq_task.run_job.__globals__", None, (JOB, 2), {}),
        (TASK, "instance", (JOB, 2), {}),
        (TASK, None, (JOB, 3), {}),
        (TASK, None, (JOB.replace("1", "2"), 2), {}),
        (TASK, None, (JOB, "2"), {}),
        (TASK, None, (JOB, 2, "more"), {}),
        (TASK, None, (JOB, 2), {"more": 1}),
        (TASK, None, (JOB,), {}),
        [TASK, None, [JOB, 2], {}],
        [TASK],
        [],
        {},
        "text",
        None,
    ],
)
def test_any_other_call_is_rejected(call: Any) -> None:
    with pytest.raises(InvalidMessage):
        parse_message(MESSAGE.entry, compressed(call))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not compressed",
        zlib.compress(json.dumps([TASK, None, [JOB, 2], {}]).encode()),
        zlib.compress(b"\xff\xfe"),
        zlib.compress(b"[" * 4_000),
        zlib.compress(call_of(MESSAGE) + b" " * 5_000),
        zlib.compress(b" " * 100_000_000),
        zlib.compress(call_of(MESSAGE)[:-1]),
        "text",
        RuntimeError("WRONGTYPE"),
    ],
)
def test_other_data_is_rejected(data: Any) -> None:
    with pytest.raises(InvalidMessage):
        parse_message(MESSAGE.entry, data)


def test_a_pickle_is_rejected_and_never_loaded() -> None:
    with pytest.raises(InvalidMessage):
        parse_message(
            MESSAGE.entry, zlib.compress(pickle.dumps((TASK, None, (JOB, 2), PickleTrap())))
        )

    assert not PickleTrap.unpickled


@pytest.mark.parametrize(
    "entry_id", ["", "x", "_", "job_", "_1", f"{JOB}_x", f"{JOB}_01", f"{JOB}_-1", f"{JOB}_ 1",
             "a:updates_1", f"{JOB}_١", "a" * 65 + "_1"]
)  # fmt: skip
def test_an_id_other_than_job_and_attempt_is_rejected(entry_id: str) -> None:
    with pytest.raises(InvalidMessage):
        parse_message(entry_id, None)


@pytest.fixture
def redis() -> FakeRedis:
    return FakeRedis(server=FakeServer())


@pytest.fixture
def consumer(redis: FakeRedis) -> QueueConsumer:
    return QueueConsumer(redis, ["lore"])


def entries(*messages: JobMessage) -> list[QueueEntry]:
    return [QueueEntry("lore", message.entry) for message in messages]


def test_enqueued_messages_are_read(redis: FakeRedis, consumer: QueueConsumer) -> None:
    messages = [JobMessage("a", 1), JobMessage("b", 7)]
    JobQueue(redis, "lore").enqueue(messages)

    assert list(consumer.read(entries(*messages)).values()) == messages


def test_a_forged_entry_is_skipped_and_logged_without_its_content(
    redis: FakeRedis, consumer: QueueConsumer, caplog: pytest.LogCaptureFixture
) -> None:
    JobQueue(redis, "lore").enqueue([JobMessage("a", 1), JobMessage("b", 1)])
    redis.hset("rq:job:a_1", "data", compressed(("os.system", None, ("rm secret",), {})))

    assert list(consumer.read(entries(JobMessage("a", 1), JobMessage("b", 1))).values()) == [
        JobMessage("b", 1)
    ]
    assert "rejected a queue entry entry_id=a_1 queue=lore" in caplog.text
    assert "secret" not in caplog.text


def test_a_suspended_worker_puts_entries_back_in_order(
    redis: FakeRedis, consumer: QueueConsumer
) -> None:
    redis.rpush("rq:queue:lore", "later_1")
    suspend(redis)

    with pytest.raises(QueueSuspended):
        consumer.read(entries(JobMessage("a", 1), JobMessage("b", 1)))

    assert redis.lrange("rq:queue:lore", 0, -1) == [b"a_1", b"b_1", b"later_1"]
