"""Answering the doorbell: entries are popped from RQ's queues and read, and never believed.

Whoever can write to Redis can put an entry in the queue. So nothing in it is ever imported or
unpickled: it names our one task with a job id and an attempt, as JSON, or it is refused. Popping
destroys an entry; one that is lost on the way is rung for again, because the job is still due.
"""

import json
import logging
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from rq.job import Job
from rq.queue import Queue
from rq.suspension import WORKERS_SUSPENDED

from jobs.doorbell import TASK, Ring
from worker.patience import raise_passing

log = logging.getLogger(__name__)

LONGEST_DATA = 4096
"""Bytes of an entry's data, unpacked. Ours has about 80."""
ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class Refused(ValueError):
    """An entry that is none of ours; the message says why."""


@dataclass(frozen=True)
class Entry:
    """An entry popped from a queue, by the id of its RQ job."""

    queue: str
    id: str


class Suspended(Exception):
    """`rq suspend` was said; the entries were put back."""


class Bell:
    """The receiving end of jobs.doorbell."""

    def __init__(self, redis: Redis, queues: Sequence[str]) -> None:
        self._redis = redis
        self._queues = {Queue.redis_queue_namespace_prefix + name: name for name in queues}

    def pop(self, at_most: int, wait_s: float) -> list[Entry]:
        """Takes entries from the first queue that has any; waits for the first one."""
        names = list(self._queues)
        options: dict[str, Any] = {"direction": "LEFT", "count": at_most}
        if wait_s:
            reply = self._redis.blmpop(wait_s, len(names), *names, **options)
        else:
            reply = self._redis.lmpop(len(names), *names, **options)
        if not reply:
            return []
        queue = self._queues[_text(reply[0])]
        return [Entry(queue, _text(entry)) for entry in reply[1]]

    def read(self, entries: Sequence[Entry]) -> dict[Entry, Ring]:
        """What the entries ring for; the refused ones are logged and left out. Raises Suspended."""
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.exists(WORKERS_SUSPENDED)
            for entry in entries:
                pipeline.hget(Job.key_for(entry.id), "data")
            suspended, *found = pipeline.execute(raise_on_error=False)
        raise_passing([suspended, *found])
        if suspended:
            self._put_back(entries)
            raise Suspended
        rings: dict[Entry, Ring] = {}
        for entry, data in zip(entries, found, strict=True):
            try:
                rings[entry] = ring_of(entry.id, data)
            except Refused as why:
                log.warning("refused the entry %.100r of queue %s: %s", entry.id, entry.queue, why)
        return rings

    def suspended(self) -> bool:
        """Whether `rq suspend` was said."""
        return bool(self._redis.exists(WORKERS_SUSPENDED))

    def _put_back(self, entries: Sequence[Entry]) -> None:
        key = Queue.redis_queue_namespace_prefix + entries[0].queue
        self._redis.lpush(key, *(entry.id for entry in reversed(entries)))


def ring_of(entry: str, data: Any) -> Ring:
    """What an entry rings for. `data` is the field of its RQ job; None when that is gone, and then
    the entry's name says it as well. Raises Refused.
    """
    try:
        ring = Ring.parse(entry)
    except ValueError:
        raise Refused("its name is not that of a job and an attempt") from None
    if not ID.fullmatch(ring.job_id) or ring.attempt < 1 or ring.entry != entry:
        raise Refused("its name is not that of a job and an attempt")
    if data is not None and _decoded(data) != [TASK, None, [ring.job_id, ring.attempt], {}]:
        raise Refused(f"it does not call {TASK} with this job and attempt")
    return ring


def _decoded(data: Any) -> Any:
    if not isinstance(data, bytes):
        raise Refused("its data cannot be read")
    unpacker = zlib.decompressobj()
    try:
        unpacked = unpacker.decompress(data, LONGEST_DATA)
        if not unpacker.eof:
            raise Refused("its data is too long")
        return json.loads(unpacked)
    except (zlib.error, ValueError, RecursionError) as error:
        if isinstance(error, Refused):
            raise
        raise Refused("its data is not JSON") from None


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
