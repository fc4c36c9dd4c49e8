"""Pops messages from RQ's queues and validates them.

Any client of Redis can enqueue anything. Nothing in an entry is imported or unpickled: its bytes
are those of a call of our one task with its job id and attempt, or it is rejected. Popping deletes
an entry; a lost one is enqueued again, because the job is still due.
"""

import re
import zlib
from collections.abc import Sequence
from typing import Any, ClassVar

from redis import Redis
from rq.job import Job
from rq.queue import Queue

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.store.queue import SUSPENDED, TASK, JobMessage, call_of
from loresmith.worker.adapters.redis_retry import raise_transient
from loresmith.worker.adapters.store_types import QueueEntry

log = get_logger(__name__)

MAX_DATA_BYTES = 4096
"""Size of an entry's data, unpacked. Ours has about 80 bytes."""
JOB_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class InvalidMessage(ValueError):
    """An entry that the worker did not enqueue; the message says why."""

    safe_to_log: ClassVar[bool] = True


class QueueSuspended(Exception):
    """RQ is suspended; the entries were put back."""


class QueueConsumer:
    """Consumes the messages of jobs.store.queue."""

    def __init__(self, redis: Redis, queues: Sequence[str]) -> None:
        self._redis = redis
        self._queues = {Queue.redis_queue_namespace_prefix + name: name for name in queues}

    def pop(self, max_entries: int, wait_s: float) -> list[QueueEntry]:
        """Waits for entries and pops them from the first queue that has any."""
        names = list(self._queues)
        options: dict[str, Any] = {"direction": "LEFT", "count": max_entries}
        if wait_s:
            reply = self._redis.blmpop(wait_s, len(names), *names, **options)
        else:
            reply = self._redis.lmpop(len(names), *names, **options)
        if not reply:
            return []
        queue = self._queues[_text(reply[0])]
        return [QueueEntry(queue, _text(entry)) for entry in reply[1]]

    def read(self, entries: Sequence[QueueEntry]) -> dict[QueueEntry, JobMessage]:
        """Returns the valid messages, and logs the invalid ones. Raises QueueSuspended."""
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.exists(SUSPENDED)
            for entry in entries:
                pipeline.hget(Job.key_for(entry.id), "data")
            suspended, *all_data = pipeline.execute(raise_on_error=False)
        raise_transient([suspended, *all_data])
        if suspended:
            self._put_back(entries)
            raise QueueSuspended
        messages: dict[QueueEntry, JobMessage] = {}
        for entry, data in zip(entries, all_data, strict=True):
            try:
                messages[entry] = parse_message(entry.id, data)
            except InvalidMessage as error:
                log.warning(
                    "rejected a queue entry",
                    entry_id=entry.id[:100],
                    queue=entry.queue,
                    error=safe(error),
                )
        return messages

    def is_suspended(self) -> bool:
        """Whether `rq suspend` is in effect."""
        return bool(self._redis.exists(SUSPENDED))

    def _put_back(self, entries: Sequence[QueueEntry]) -> None:
        key = Queue.redis_queue_namespace_prefix + entries[0].queue
        self._redis.lpush(key, *(entry.id for entry in reversed(entries)))


def parse_message(entry_id: str, data: Any) -> JobMessage:
    """Validates an entry. Raises InvalidMessage.

    `data` is the field of its RQ job; None when that has expired, and then the id is enough.
    """
    try:
        message = JobMessage.parse(entry_id)
    except ValueError:
        raise InvalidMessage("its id is not a job and an attempt") from None
    if not JOB_ID.fullmatch(message.job_id) or message.attempt < 1 or message.entry != entry_id:
        raise InvalidMessage("its id is not a job and an attempt")
    if data is not None and _unpacked(data) != call_of(message):
        raise InvalidMessage(f"it does not call {TASK} with this job and attempt")
    return message


def _unpacked(data: Any) -> bytes:
    if not isinstance(data, bytes):
        raise InvalidMessage("its data is not bytes")
    unpacker = zlib.decompressobj()
    try:
        return unpacker.decompress(data, MAX_DATA_BYTES)
    except zlib.error:
        raise InvalidMessage("its data is not compressed") from None


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
