"""What RQ's own tools are shown of us, so that `rq info` tells the truth, at a small price.

Per job that is one entry in the registry of started jobs while it runs. Nothing here decides
anything: when these keys are lost, wrong or late, no job is.
"""

import time
from collections import Counter
from collections.abc import Iterable
from threading import Lock

from redis import Redis
from redis.client import Pipeline
from rq import worker_registration
from rq.job import Job
from rq.queue import Queue
from rq.registry import StartedJobRegistry
from rq.utils import now, utcformat
from rq.worker import BaseWorker, WorkerStatus

from jobs.states import Status
from worker.bell import Entry
from worker.run import Run

ROW_LEASES = 2
"""The row of a worker that was killed is gone after so many leases."""
ROW_BEAT_S = 5.0
COUNTERS = {
    Status.COMPLETED.value: "successful_job_count",
    Status.FAILED.value: "failed_job_count",
}


class RqBooks:
    """The worker's row with its state and counters, and an entry for each job that it runs."""

    def __init__(self, worker: BaseWorker, redis: Redis, lease_s: float) -> None:
        self._worker = worker
        self._redis = redis
        self._lease_s = lease_s
        self._row_ttl = max(10, int(lease_s * ROW_LEASES))
        self._state: str = ""
        self._beaten_at = 0.0
        self._writing = Lock()
        self._ended: Counter[str] = Counter()
        self._seconds = 0.0
        self._counting = Lock()

    def answered(self, entries: Iterable[Entry], started: Iterable[Run]) -> None:
        """The entries were popped and read; for some of them a job was started."""
        started = list(started)
        with self._writing, self._redis.pipeline(transaction=False) as pipeline:
            pipeline.unlink(*(Job.key_for(entry.id) for entry in entries))
            self._enter(pipeline, started)
            if started and self._state != WorkerStatus.BUSY:
                pipeline.hset(self._worker.key, "state", WorkerStatus.BUSY.value)
            pipeline.execute()
            self._state = WorkerStatus.BUSY if started else self._state

    def renew(self, runs: Iterable[Run]) -> None:
        """Moves the end of the entries' time, as the leases are moved."""
        with self._redis.pipeline(transaction=False) as pipeline:
            self._enter(pipeline, runs)
            pipeline.execute()

    def ended(self, run: Run, status: str = "") -> None:
        """Strikes out a job that runs here no more, and counts how it ended."""
        with self._counting:
            if counter := COUNTERS.get(status):
                self._ended[counter] += 1
                self._seconds += run.seconds
        self._redis.zrem(_registry(run.queue), self._member(run))

    def beat(self, state: WorkerStatus) -> None:
        """Shows the state, the counters and that the worker lives; often nothing is to be sent."""
        late = time.monotonic() - self._beaten_at > ROW_BEAT_S
        if late or state != self._state or self._ended:
            with self._writing:
                self._write_row(state)

    def tidy(self) -> None:
        """Strikes out what workers that were killed left behind."""
        for queue in self._worker.queues:
            self._redis.zremrangebyscore(_registry(queue.name), "-inf", time.time())
            worker_registration.clean_worker_registry(Queue(queue.name, connection=self._redis))

    def _write_row(self, state: WorkerStatus) -> None:
        counted, seconds = self._take_counters()
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.expire(self._worker.key, self._row_ttl)
                pipeline.hset(
                    self._worker.key,
                    mapping={"state": state.value, "last_heartbeat": utcformat(now())},
                )
                for counter, number in counted.items():
                    pipeline.hincrby(self._worker.key, counter, number)
                if seconds:
                    pipeline.hincrbyfloat(self._worker.key, "total_working_time", seconds)
                known = pipeline.execute()[0]
        except Exception:
            self._give_back(counted, seconds)
            raise
        self._state, self._beaten_at = state, time.monotonic()
        if not known:
            self._register_again()

    def _register_again(self) -> None:
        """The row had expired while Redis was away."""
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hset(self._worker.key, mapping=self._worker.serialize())
            pipeline.expire(self._worker.key, self._row_ttl)
            worker_registration.register(self._worker, pipeline)
            pipeline.execute()

    def _take_counters(self) -> tuple[Counter[str], float]:
        with self._counting:
            taken = self._ended, self._seconds
            self._ended, self._seconds = Counter(), 0.0
        return taken

    def _give_back(self, counted: Counter[str], seconds: float) -> None:
        with self._counting:
            self._ended += counted
            self._seconds += seconds

    def _enter(self, pipeline: Pipeline, runs: Iterable[Run]) -> None:
        end = time.time() + self._lease_s
        by_queue: dict[str, dict[str, float]] = {}
        for run in runs:
            by_queue.setdefault(run.queue, {})[self._member(run)] = end
        for queue, members in by_queue.items():
            pipeline.zadd(_registry(queue), members)

    def _member(self, run: Run) -> str:
        return f"{run.entry}:{self._worker.name}"


def _registry(queue: str) -> str:
    return StartedJobRegistry.key_template.format(queue)
