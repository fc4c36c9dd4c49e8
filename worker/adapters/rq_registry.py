"""Shows this worker and its jobs to RQ's own tools, so that `rq info` tells the truth.

Each running job has an entry in RQ's registry of started jobs, each ended one in that of finished
or failed jobs, and a hash that describes it. Nothing here decides anything: when these keys are
lost, wrong or late, no job is.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import worker_registration
from rq.job import Job, JobStatus
from rq.queue import Queue
from rq.registry import FailedJobRegistry, FinishedJobRegistry, StartedJobRegistry
from rq.utils import now, utcformat
from rq.worker import BaseWorker, WorkerStatus

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.status import Status
from loresmith.jobs.store.keys import DAY_MS
from loresmith.jobs.store.queue import JobMessage, data_of
from loresmith.worker.adapters.store_types import QueueEntry

log = get_logger(__name__)

MAX_ROW_INTERVAL_S = 5.0
EXPIRY_MARGIN_S = 2.0
"""The entry of a started job outlives its hash by this time. RQ's cleaners drop an expired entry
without a hash, but move one with a hash to the failed jobs.
"""
MAX_ENDED = 10_000
"""Ended jobs that each registry shows; older ones are removed, with their hashes."""
COUNTERS = {
    Status.COMPLETED.value: "successful_job_count",
    Status.FAILED.value: "failed_job_count",
}
ENDED = {
    Status.COMPLETED.value: (FinishedJobRegistry.key_template, JobStatus.FINISHED),
    Status.FAILED.value: (FailedJobRegistry.key_template, JobStatus.FAILED),
}


@dataclass(frozen=True)
class _Removed:
    """A job that no longer runs here."""

    entry: QueueEntry
    status: str
    at: str
    """When it ended, as RQ writes times."""


class RqRegistrySync:
    """Writes the worker's row with its state and counters, and an entry for each running job."""

    def __init__(self, worker: BaseWorker, redis: Redis, lease_s: float) -> None:
        self._worker = worker
        self._redis = redis
        self._lease_s = lease_s
        self._lease_ms = int(lease_s * 1000)
        self._row_interval_s = min(MAX_ROW_INTERVAL_S, lease_s / 3)
        self._state: str = ""
        self._row_written_at = 0.0
        self._row_lock = Lock()
        self._ended: Counter[str] = Counter()
        self._working_s = 0.0
        self._removed: list[_Removed] = []
        self._counters_lock = Lock()

    def record_started(self, popped: Iterable[QueueEntry], started: Iterable[QueueEntry]) -> None:
        """Deletes RQ's data of the popped entries, and describes those whose jobs started."""
        started = list(started)
        with self._row_lock, self._redis.pipeline(transaction=False) as pipeline:
            pipeline.unlink(*(Job.key_for(entry.id) for entry in popped))
            self._register(pipeline, started)
            self._describe(pipeline, started)
            if started and self._state != WorkerStatus.BUSY:
                pipeline.hset(self._worker.key, "state", WorkerStatus.BUSY.value)
            pipeline.execute()
            self._state = WorkerStatus.BUSY if started else self._state

    def renew(self, entries: Iterable[QueueEntry]) -> None:
        """Extends the registry entries and hashes, as the leases are extended."""
        entries = list(entries)
        with self._redis.pipeline(transaction=False) as pipeline:
            self._register(pipeline, entries)
            for entry in entries:  # not below the TTL of a job that has just ended
                pipeline.pexpire(Job.key_for(entry.id), self._lease_ms, gt=True)
            renewed = pipeline.execute()[-len(entries) :]
        lost = [entry for entry, is_renewed in zip(entries, renewed, strict=True) if not is_renewed]
        missing = [entry for entry in lost if not self._redis.exists(Job.key_for(entry.id))]
        if missing:
            with self._redis.pipeline(transaction=False) as pipeline:
                self._describe(pipeline, missing)
                pipeline.execute()

    def remove(self, entry: QueueEntry, status: str = "", elapsed_s: float = 0.0) -> None:
        """Notes a job that no longer runs here, and how it ended; `flush` shows it."""
        with self._counters_lock:
            self._removed.append(_Removed(entry, status, utcformat(now())))
            if counter := COUNTERS.get(status):
                self._ended[counter] += 1
                self._working_s += elapsed_s

    def flush(self) -> None:
        """Removes the jobs that no longer run here, and shows those that ended, in one round trip.

        Raises RedisError for an unavailable server; the next call then sends the same again. What
        the server refuses, as for a damaged key, is dropped, so that it keeps nothing else from
        being shown.
        """
        with self._counters_lock:
            removed, self._removed = self._removed, []
        if not removed:
            return
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                self._unregister(pipeline, [each.entry for each in removed])
                _show_ended(pipeline, [each for each in removed if each.status in ENDED])
                replies = pipeline.execute(raise_on_error=False)
        except Exception:
            with self._counters_lock:
                self._removed = removed + self._removed
            raise
        for reply in replies:
            if isinstance(reply, RedisError):
                log.debug("an ended job is not shown to the tools of RQ", error=safe(reply))

    def heartbeat(self, *, busy: bool, suspended: bool) -> None:
        """Shows the jobs that ended, and writes the worker's row when it is due or changed."""
        self.flush()
        state = WorkerStatus.BUSY if busy else WorkerStatus.IDLE
        if suspended:
            state = WorkerStatus.SUSPENDED
        due = time.monotonic() - self._row_written_at > self._row_interval_s
        if due or state != self._state or self._ended:
            with self._row_lock:
                self._write_row(state)

    def prune(self) -> None:
        """Removes the entries and rows of killed workers, and the oldest ended jobs."""
        for queue in self._worker.queues:
            lease_end = time.time() + EXPIRY_MARGIN_S
            self._redis.zremrangebyscore(_started_key(queue.name), "-inf", lease_end)
            worker_registration.clean_worker_registry(Queue(queue.name, connection=self._redis))
            for template, _ in ENDED.values():
                self._prune_ended(template.format(queue.name))

    def _prune_ended(self, key: str) -> None:
        """Removes expired entries, and those above the maximum with their hashes."""
        self._redis.zremrangebyscore(key, "-inf", time.time())
        excess = self._redis.zcard(key) - MAX_ENDED
        if excess > 0:
            oldest: Any = self._redis.zpopmin(key, excess)
            self._redis.unlink(*(Job.key_for(entry.decode()) for entry, _ in oldest))

    def _write_row(self, state: WorkerStatus) -> None:
        ended, working_s = self._take_counters()
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.pexpire(self._worker.key, self._lease_ms)
                pipeline.hset(
                    self._worker.key,
                    mapping={"state": state.value, "last_heartbeat": utcformat(now())},
                )
                for counter, number in ended.items():
                    pipeline.hincrby(self._worker.key, counter, number)
                if working_s:
                    pipeline.hincrbyfloat(self._worker.key, "total_working_time", working_s)
                row_exists = pipeline.execute()[0]
        except Exception:
            self._restore_counters(ended, working_s)
            raise
        self._state, self._row_written_at = state, time.monotonic()
        if not row_exists:
            self._register_worker_again()

    def _register_worker_again(self) -> None:
        """Restores the row, which expired while Redis was unavailable."""
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hset(self._worker.key, mapping=self._worker.serialize())
            pipeline.pexpire(self._worker.key, self._lease_ms)
            worker_registration.register(self._worker, pipeline)
            pipeline.execute()

    def _take_counters(self) -> tuple[Counter[str], float]:
        with self._counters_lock:
            taken = self._ended, self._working_s
            self._ended, self._working_s = Counter(), 0.0
        return taken

    def _restore_counters(self, ended: Counter[str], working_s: float) -> None:
        with self._counters_lock:
            self._ended += ended
            self._working_s += working_s

    def _register(self, pipeline: Pipeline, entries: Iterable[QueueEntry]) -> None:
        expires_at = time.time() + self._lease_s + EXPIRY_MARGIN_S
        by_queue: dict[str, dict[str, float]] = {}
        for entry in entries:
            by_queue.setdefault(entry.queue, {})[self._member(entry)] = expires_at
        for queue, members in by_queue.items():
            pipeline.zadd(_started_key(queue), members)

    def _unregister(self, pipeline: Pipeline, entries: Iterable[QueueEntry]) -> None:
        by_queue: dict[str, list[str]] = {}
        for entry in entries:
            by_queue.setdefault(entry.queue, []).append(self._member(entry))
        for queue, members in by_queue.items():
            pipeline.zrem(_started_key(queue), *members)

    def _describe(self, pipeline: Pipeline, entries: Iterable[QueueEntry]) -> None:
        """Writes the hashes that RQ's tools read of running jobs; they expire with the lease."""
        moment = utcformat(now())
        for entry in entries:
            message = JobMessage.parse(entry.id)
            fields: dict[str, str | bytes] = {
                "data": data_of(message),
                "description": f"{entry.job_type} {message.job_id}",
                "origin": entry.queue,
                "status": JobStatus.STARTED.value,
                "created_at": moment,
                "started_at": moment,
                "worker_name": self._worker.name,
            }
            pipeline.hset(Job.key_for(entry.id), mapping=fields)  # type: ignore[arg-type]
            pipeline.pexpire(Job.key_for(entry.id), self._lease_ms)

    def _member(self, entry: QueueEntry) -> str:
        return f"{entry.id}:{self._worker.name}"


def _show_ended(pipeline: Pipeline, ended: Iterable[_Removed]) -> None:
    expires_at = time.time() + DAY_MS / 1000
    by_registry: dict[str, dict[str, float]] = {}
    for each in ended:
        template, rq_status = ENDED[each.status]
        by_registry.setdefault(template.format(each.entry.queue), {})[each.entry.id] = expires_at
        key = Job.key_for(each.entry.id)
        pipeline.hset(key, mapping={"status": rq_status.value, "ended_at": each.at})
        pipeline.pexpire(key, DAY_MS)
    for registry, entries in by_registry.items():
        pipeline.zadd(registry, entries)


def _started_key(queue: str) -> str:
    return StartedJobRegistry.key_template.format(queue)
