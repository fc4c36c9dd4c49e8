"""Holds the jobs that the end of another one handed to this worker, until they are claimed."""

from collections import deque
from collections.abc import Callable, Sequence

from loresmith.jobs.store.queue import JobMessage, JobQueue
from loresmith.worker.execution.running_jobs import RunningJobs


class HandOver:
    """Handed jobs, each with its queue. Threads of jobs add, the main thread takes."""

    def __init__(
        self, running: RunningJobs, queue: JobQueue, takes_jobs: Callable[[], bool]
    ) -> None:
        self._running = running
        self._queue = queue
        self._takes_jobs = takes_jobs
        self._handed: deque[tuple[JobMessage, str]] = deque()

    def free_slots(self) -> int:
        """Returns the free slots once the calling job has ended; 0 when no other may start."""
        return self._running.free_slots + 1 if self._takes_jobs() else 0

    def add(self, messages: Sequence[JobMessage], queue: str) -> None:
        """Adds jobs. Where the worker has other free slots it waits for RQ's queue, so they go
        there.
        """
        if messages and self._running.free_slots:
            self._queue.enqueue(messages)
        else:
            self._handed += [(message, queue) for message in messages]

    def take(self, most: int) -> dict[JobMessage, str]:
        """Removes and returns jobs, with their queues."""
        return dict(self._handed.popleft() for _ in range(min(most, len(self._handed))))

    def enqueue(self) -> None:
        """Gives all handed jobs to other workers. Raises RedisError."""
        self._queue.enqueue(self.take(len(self._handed)))
