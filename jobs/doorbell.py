"""The one module that enqueues for RQ.

RQ is the doorbell, never the record: an entry says "somebody look at attempt n of this job", as
JSON. Lost, doubled or late entries are harmless, because the claim script knows better.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError
from rq import Queue
from rq.job import Job, JobStatus
from rq.utils import now, utcformat

from jobs.scripts import flat, script

TASK = "worker.tasks.run_job"
"""The only function a worker of ours runs: `run_job(job_id, attempt)`."""
ENTRY_TTL_S = 86_400
"""What is left of an entry that was popped and never answered is gone after this. A ring that waits
longer still counts: the entry's name says it too.
"""
MOST_AT_ONCE = 500
"""Entries in one script call, so that no call holds the server for long."""


@dataclass(frozen=True)
class Ring:
    """One entry of the queue: which attempt of which job wants a worker."""

    job_id: str
    attempt: int

    @property
    def entry(self) -> str:
        """The id of the RQ job. RQ allows letters, digits, _ and -."""
        return f"{self.job_id}_{self.attempt}"

    @classmethod
    def parse(cls, entry: str) -> "Ring":
        """The ring of an RQ job id. Raises ValueError."""
        job_id, _, attempt = entry.rpartition("_")
        return cls(job_id, int(attempt))


class Doorbell:
    """Rings for jobs on one RQ queue."""

    def __init__(self, redis: Redis, queue: str) -> None:
        self._redis = redis
        self._queue = Queue(queue, connection=redis)

    def ring(self, rings: Iterable[Ring]) -> None:
        """Enqueues all of them, many in one round trip. Ringing twice is harmless."""
        ring = script("ring")
        for keys, arguments in enqueued(self._queue.name, rings):
            try:
                self._redis.evalsha(ring.sha, len(keys), *keys, *arguments)
            except NoScriptError:
                self._redis.eval(ring.source, len(keys), *keys, *arguments)

    def waiting(self) -> set[str]:
        """The entries that lie in the queue now, so that they are not rung for again."""
        entries = self._redis.lrange(self._queue.key, 0, -1)
        return {entry.decode() if isinstance(entry, bytes) else entry for entry in entries}


def enqueued(queue: str, rings: Iterable[Ring]) -> Iterator[tuple[list[str], list[Any]]]:
    """KEYS and ARGV of the ring script for some rings, for each call of it that is needed.

    For those whose client is not the Doorbell's.
    """
    keys = [Queue.redis_queue_namespace_prefix + queue, Queue.redis_queues_keys]
    unique = list(dict.fromkeys(rings))
    for first in range(0, len(unique), MOST_AT_ONCE):
        shared = flat(_shared(queue))
        head = [Job.redis_job_namespace_prefix, ENTRY_TTL_S, len(shared), *shared]
        some = unique[first : first + MOST_AT_ONCE]
        yield keys, head + [part for ring in some for part in (ring.entry, _data(ring))]


def _shared(queue: str) -> dict[str, str | int]:
    """What RQ writes into the hash of every entry; its own time-outs and retries are off."""
    moment = utcformat(now())
    unused = ("success_callback_name", "failure_callback_name", "stopped_callback_name")
    later = ("started_at", "ended_at", "last_heartbeat", "worker_name", "group_id")
    return {
        "created_at": moment,
        "enqueued_at": moment,
        "status": JobStatus.QUEUED.value,
        "origin": queue,
        "timeout": -1,
        "ttl": ENTRY_TTL_S,
        "result_ttl": 0,
        "failure_ttl": 60,
        **dict.fromkeys((*unused, *later), ""),
    }


def _data(ring: Ring) -> bytes:
    """The call, as RQ's JSONSerializer writes it, in zlib's format; not compressed, because setting
    up a compressor takes 30 µs and would make this text longer.
    """
    text = json.dumps([TASK, None, [ring.job_id, ring.attempt], {}])
    packer = zlib.compressobj(level=0, wbits=9, memLevel=1)
    return packer.compress(text.encode()) + packer.flush()
