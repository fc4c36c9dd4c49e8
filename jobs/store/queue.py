"""Enqueues job messages in RQ; no other module does.

A message holds job id and attempt. Redis holds the record, so a lost, repeated or late message is
harmless: the claim script refuses it.
"""

import json
import pickle
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from redis import Redis
from rq import Queue
from rq.command import PUBSUB_CHANNEL_TEMPLATE
from rq.defaults import CALLBACK_TIMEOUT
from rq.job import Job, JobStatus
from rq.suspension import WORKERS_SUSPENDED
from rq.utils import now, utcformat

from loresmith.jobs.store.scripts import flat, run_script

TASK = "loresmith.worker.rq_task.run_job"
"""The only function that messages name: `run_job(job_id, attempt)`."""
ON_FAILURE = "loresmith.worker.rq_task.on_failure"
"""RQ's own worker calls it when it cannot read a message."""
ENTRY_TTL_S = 86_400
"""TTL of an RQ job's hash. A message that waits longer still works: its name has id and attempt."""
SUSPENDED = WORKERS_SUSPENDED
"""The key that exists while `rq suspend` is in effect."""
RQ_PREFIXES = (Queue.redis_queue_namespace_prefix, Job.redis_job_namespace_prefix)
PICKLE_PROTOCOL = 5
MAX_BATCH = 500
"""Messages in one script call, so that no call blocks the server for long."""


@dataclass(frozen=True)
class JobMessage:
    """A queue message: a job and the attempt to run."""

    job_id: str
    attempt: int

    @property
    def entry(self) -> str:
        """The id of the RQ job. RQ allows letters, digits, _ and -."""
        return f"{self.job_id}_{self.attempt}"

    @classmethod
    def parse(cls, entry: str) -> "JobMessage":
        """Parses the id of an RQ job. Raises ValueError."""
        job_id, _, attempt = entry.rpartition("_")
        return cls(job_id, int(attempt))


def messages_of(reply: Sequence[str]) -> list[JobMessage]:
    """Reads the admitted jobs of a script's reply: ids and attempts in turn."""
    attempts = map(int, reply[1::2])
    return [
        JobMessage(job_id, attempt) for job_id, attempt in zip(reply[::2], attempts, strict=True)
    ]


class JobQueue:
    """The messages of RQ's queues: each job has its own, and `queue` is for one that has none."""

    def __init__(self, redis: Redis, queue: str) -> None:
        self._redis = redis
        self._queue = Queue(queue, connection=redis)

    def enqueue(self, messages: Iterable[JobMessage]) -> None:
        """Enqueues messages, many in one round trip. A repeated message is harmless."""
        for keys, arguments in enqueued(self._queue.name, messages):
            run_script(self._redis, "jobs/enqueue", keys, *arguments)

    def waiting(self, queue: str = "") -> set[str]:
        """Returns the ids of the RQ jobs in a queue."""
        key = _queue_key(queue) if queue else self._queue.key
        entries = self._redis.lrange(key, 0, -1)
        return {entry.decode() if isinstance(entry, bytes) else entry for entry in entries}


def listens(worker: str, queue: str) -> bool:
    """Whether a member of `keys.WORKERS` consumes a queue; one that names no queues may."""
    _, separator, queues = worker.rpartition("@")
    return not separator or queue in queues.split(",")


def rq_name(worker: str) -> str:
    """Returns the name that RQ's tools know, of a member of `keys.WORKERS`."""
    unique_name, _, _ = worker.rpartition("@")
    return unique_name.rpartition(".")[0] or unique_name or worker


def shutdown_command(name: str) -> tuple[str, str, str]:
    """Returns the command with which RQ asks a worker to finish its jobs and stop."""
    return "PUBLISH", PUBSUB_CHANNEL_TEMPLATE % name, json.dumps({"command": "shutdown"})


def enqueued(queue: str, messages: Iterable[JobMessage]) -> Iterator[tuple[list[str], list[Any]]]:
    """Yields KEYS and ARGV of each enqueue script call, for callers with a client of their own."""
    keys = [_queue_key(queue), Queue.redis_queues_keys]
    unique = list(dict.fromkeys(messages))
    for first in range(0, len(unique), MAX_BATCH):
        shared = flat(_shared())
        head = [*RQ_PREFIXES, ENTRY_TTL_S, len(shared), *shared]
        some = unique[first : first + MAX_BATCH]
        yield keys, head + [part for message in some for part in (message.entry, data_of(message))]


def _queue_key(queue: str) -> str:
    return Queue.redis_queue_namespace_prefix + queue


def _shared() -> dict[str, str | int]:
    """Returns the fields that all RQ jobs share; RQ's own timeouts and retries are off."""
    moment = utcformat(now())
    unused = ("success_callback_name", "stopped_callback_name")
    later = ("started_at", "ended_at", "last_heartbeat", "worker_name", "group_id")
    return {
        "created_at": moment,
        "enqueued_at": moment,
        "status": JobStatus.QUEUED.value,
        "timeout": -1,
        "ttl": ENTRY_TTL_S,
        "result_ttl": 0,
        "failure_ttl": 0,
        "failure_callback_name": ON_FAILURE,
        "failure_callback_timeout": CALLBACK_TIMEOUT,
        **dict.fromkeys((*unused, *later), ""),
    }


def call_of(message: JobMessage) -> bytes:
    """Returns the call as RQ's default serializer writes it, which RQ's own tools read. We never
    unpickle: a reader compares bytes.
    """
    return pickle.dumps((TASK, None, (message.job_id, message.attempt), {}), PICKLE_PROTOCOL)


def data_of(message: JobMessage) -> bytes:
    """Returns the call in zlib's format but uncompressed: a compressor takes 30 µs and makes so
    short a text longer.
    """
    packer = zlib.compressobj(level=0, wbits=9, memLevel=1)
    return packer.compress(call_of(message)) + packer.flush()
