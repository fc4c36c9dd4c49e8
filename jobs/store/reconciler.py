"""Admits, enqueues, takes over or fails unfinished jobs that are due. Runs in workers and apis.

It is why no accepted job is lost: after a dropped message, a dead worker or a restarted server, the
job is still in `jobs:deadlines`.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

from loresmith.jobs.core.errors import ExpiredBeforeStart, TimedOut, WorkerLost
from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.core.status import Message
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage, JobQueue
from loresmith.jobs.store.scripts import KEYS, run_script

log = get_logger(__name__)

MAX_UNINDEXED = 1_000
"""Jobs whose record was deleted by hand, that one round removes from all indexes."""
PAGE = 25
"""Jobs in one script call: about 1.5 ms, in which Redis serves no one else."""


@dataclass(frozen=True)
class ReconcileResult:
    """What the reconciler did with one job."""

    job_id: str
    attempt: int
    what: str
    queue: str = ""
    """RQ's queue of the job; empty for a record without one."""


class Reconciler:
    """The reconciler of one process. `redis` must decode its replies."""

    def __init__(
        self,
        redis: Redis,
        queue: JobQueue,
        config: Settings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = redis
        self._queue = queue
        self._config = config
        self._clock = clock
        self._checked_at = self._settled_at = clock()
        self._reservations_cursor = "0"
        lost, late = WorkerLost(), ExpiredBeforeStart()
        overdue = TimedOut("The job waited until its deadline, and no worker could go on with it.")
        self._arguments: list[int] = [
            PAGE,
            int(config.requeue_after_s * 1000),
            config.max_worker_losses,
        ]
        self._words: list[str] = [
            Message.RECOVERING,
            str(lost),
            json_text(lost.as_detail()),
            str(late),
            json_text(late.as_detail()),
            Message.FAILED,
            Message.CANCELLED,
            str(overdue),
            json_text(overdue.as_detail()),
            config.rq_queue,
        ]

    def reconcile(self) -> list[ReconcileResult]:
        """Handles all jobs that are due, and enqueues those that were admitted."""
        take_over = self._settled()
        matches: list[ReconcileResult] = []
        while len(page := self.handle_page(take_over)) >= PAGE:
            matches += page
        matches += page
        self.expire()
        self.remove_content()
        self.release_orphaned_reservations()
        self._enqueue([job for job in matches if job.what == "enqueue"])
        self._unindex([job.job_id for job in matches if job.what == "deleted"])
        for job in matches:
            if job.what in ("recovered", "failed", "cancelled", "gone", "deleted"):
                log.warning(
                    "handled by the reconciler",
                    job_id=job.job_id,
                    attempt=int(job.attempt),
                    action=job.what,
                )
        return matches

    def _unindex(self, job_ids: list[str]) -> None:
        """Removes unfinished jobs without a record from the indexes that only the record named."""
        if not job_ids:
            return
        names = self._redis.scan_iter(f"{KEYS['BY']}*", count=1_000, _type="zset")
        while page := list(islice(names, 1_000)):
            with self._redis.pipeline(transaction=False) as pipeline:
                for name in page:
                    pipeline.zrem(name, *job_ids[:MAX_UNINDEXED])
                pipeline.execute(raise_on_error=False)

    def _settled(self) -> bool:
        """Whether a lease has passed since the server or this process was away.

        Until then, live workers may not have had the time to renew their leases.
        """
        lease_s = self._config.lease_s
        try:
            uptime_s = float(self._redis.info("server")["uptime_in_seconds"])
        except ResponseError:  # INFO is refused, which LORESMITH_UNSAFE_REDIS=1 accepts
            uptime_s = math.inf
        now = self._clock()
        if now - self._checked_at > lease_s / 2:
            self._settled_at = now + lease_s
        self._checked_at = now
        return uptime_s > lease_s and now >= self._settled_at

    def expire(self) -> int:
        """Deletes the ended jobs whose retention is over; returns their number."""
        return self._all_pages("jobs/expire", [keys.EXPIRY, keys.UPDATES], PAGE)

    def remove_content(self) -> int:
        """Removes the content of ended jobs that are not stored; returns their number."""
        return self._all_pages("jobs/remove_content", [keys.CONTENT], "", PAGE)

    def _all_pages(self, name: str, names: list[str], *arguments: str | int) -> int:
        number = 0
        while (page := int(run_script(self._redis, name, names, *arguments)[0])) >= PAGE:
            number += page
        return number + page

    def release_orphaned_reservations(self) -> int:
        """Releases reservations without a live holder; returns their number."""
        cursor, freed = self._run(
            "budgets/reap_reservations", keys.RESERVATIONS, self._reservations_cursor, PAGE
        )
        self._reservations_cursor = str(cursor)
        if int(freed):
            log.warning("released the reservations of ended jobs or calls", count=int(freed))
        return int(freed)

    def handle_page(self, take_over: bool) -> list[ReconcileResult]:
        """Handles the jobs that have been due for the longest; `take_over`: also from workers whose
        lease has expired.
        """
        reply = self._run(
            "jobs/reconcile", keys.DEADLINES, *self._arguments, int(take_over), *self._words
        )
        return [
            ReconcileResult(reply[i], int(reply[i + 1]), reply[i + 2], reply[i + 3])
            for i in range(0, len(reply), 4)
        ]

    def _run(self, name: str, key: str, *arguments: str | int) -> Any:
        return run_script(self._redis, name, [key], *arguments)

    def _enqueue(self, jobs: list[ReconcileResult]) -> None:
        if not jobs:
            return
        queues = {job.queue for job in jobs}
        waiting = {entry for queue in queues for entry in self._queue.waiting(queue)}
        messages = [JobMessage(job.job_id, job.attempt) for job in jobs]
        self._queue.enqueue(message for message in messages if message.entry not in waiting)
