"""The one module that enqueues through RQ.

RQ is the doorbell, never the record: an entry says "somebody look at attempt n of this job", as
JSON. Lost, doubled or late entries are harmless, because the claim script knows better.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

TASK = "worker.tasks.run_job"
"""The only function a worker of ours runs: `run_job(job_id, attempt)`."""
ENTRY_TTL_S = 86_400
"""What is left of an entry that was popped and never answered is gone after this. A ring that waits
longer still counts: the entry's name says it too.
"""


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
        self._queue = Queue(queue, connection=redis, serializer=JSONSerializer)

    def ring(self, rings: Iterable[Ring]) -> None:
        """Enqueues all of them in one pipeline. Ringing twice is harmless."""
        unique = {ring.entry: ring for ring in rings}
        if unique:
            self._queue.enqueue_many([_entry(ring) for ring in unique.values()])

    def waiting(self) -> set[str]:
        """The entries that lie in the queue now, so that they are not rung for again."""
        entries = self._redis.lrange(self._queue.key, 0, -1)
        return {entry.decode() if isinstance(entry, bytes) else entry for entry in entries}


def _entry(ring: Ring) -> Any:
    return Queue.prepare_data(
        TASK,
        args=(ring.job_id, ring.attempt),
        job_id=ring.entry,
        description=ring.entry,
        timeout=-1,
        ttl=ENTRY_TTL_S,
        result_ttl=0,
        failure_ttl=60,
    )
