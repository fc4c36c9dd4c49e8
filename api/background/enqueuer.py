"""Enqueues admitted jobs for the workers.

A request only notes the jobs. If Redis is unavailable then, the queue message is lost and nothing
else: the job is in the index of deadlines, and the reconciler of some process enqueues it later.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from loresmith.jobs.core.logs import REQUEST_ID, get_logger, safe
from loresmith.jobs.store.pipeline import PipelineBatcher, StoreUnavailable
from loresmith.jobs.store.queue import JobMessage, enqueued

log = get_logger(__name__)

BATCH_WINDOW_S = 0.01
"""Minimum seconds between two batches: a single job is enqueued at once, a burst together."""


@dataclass(frozen=True)
class Notification:
    """An admitted job, and the request that admitted it."""

    message: JobMessage
    request_id: str


class JobNotifier(Protocol):
    """Tells the workers about admitted jobs."""

    def notify(self, messages: Sequence[JobMessage]) -> None:
        """Returns at once and never fails."""

    async def flush(self) -> None:
        """Sends what is still noted."""


class Enqueuer:
    """Enqueues the jobs noted within a short window by one script call."""

    def __init__(self, pipeline: PipelineBatcher, queue: str) -> None:
        self._pipeline = pipeline
        self._queue = queue
        self._notifications: list[Notification] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._not_before = 0.0

    def notify(self, messages: Sequence[JobMessage]) -> None:
        is_first = not self._notifications
        request_id = REQUEST_ID.get()
        self._notifications += [Notification(message, request_id) for message in messages]
        if is_first and messages:
            loop = asyncio.get_running_loop()
            loop.call_at(max(self._not_before, loop.time()), self._start_batch)

    async def flush(self) -> None:
        if self._notifications:
            self._start_batch()
        await asyncio.gather(*self._tasks)

    def _start_batch(self) -> None:
        batch, self._notifications = self._notifications, []
        self._not_before = asyncio.get_running_loop().time() + BATCH_WINDOW_S
        task = asyncio.create_task(self._enqueue(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _enqueue(self, batch: list[Notification]) -> None:
        REQUEST_ID.set("")  # the task has the context of the first request
        try:
            for keys, arguments in enqueued(self._queue, (each.message for each in batch)):
                await self._pipeline.script("jobs/enqueue", keys, *arguments)
        except StoreUnavailable:  # the pipeline logs the outage
            return
        except Exception as error:
            log.warning(
                "cannot enqueue jobs; the reconciler will", count=len(batch), error=safe(error)
            )
            return
        for each in batch:
            REQUEST_ID.set(each.request_id)
            job_id, attempt = each.message.job_id, each.message.attempt
            log.info("queued", job_id=job_id, attempt=attempt)
