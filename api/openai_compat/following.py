"""Follows a job on behalf of a client that waits for its answer or streams it.

A client that leaves ends the waiting, never the job. A broadcaster that loses Redis is awaited.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from starlette.requests import Request

from loresmith.api.events.backlog import EventLog
from loresmith.api.events.broadcaster import (
    EventBroadcaster,
    Fields,
    Subscriber,
    SubscriptionClosed,
)
from loresmith.api.http.connection_limits import StreamLimits
from loresmith.api.http.principals import confirmed_principal, principal_of
from loresmith.api.http.problems import Problem, unavailable
from loresmith.api.openai_compat.text_position import TextPosition
from loresmith.api.services.job_store import JobStore
from loresmith.jobs.core.job_record import Record, is_active
from loresmith.jobs.store.pipeline import StoreUnavailable

RECONNECT_INTERVAL_S = 0.2
STOPPING = "The server stops, and the job goes on: its answer can be read by its id."
IDLE_S = 10.0
"""After so much silence a stream sends a comment."""


@dataclass(frozen=True)
class Idle:
    """Nothing has happened for a while."""


@dataclass(frozen=True)
class Started:
    """The job runs."""


Step = str | Idle | Started | Record
"""New text, or at last the record of the ended job."""


class JobFollower:
    """Subscribes to jobs, within the limits of open streams."""

    def __init__(self, broadcaster: EventBroadcaster, streams: StreamLimits, log: EventLog) -> None:
        self._broadcaster = broadcaster
        self._streams = streams
        self._log = log

    @contextmanager
    def place(self, request: Request) -> Iterator[None]:
        """Counts a stream of the request's principal. Raises Problem when there are too many."""
        with self._streams.open_stream(principal_of(request).counted_as):
            yield

    async def until_ended(
        self, request: Request, store: JobStore, job_id: str, limit_s: float
    ) -> Record:
        """Returns the job once it has ended.

        Raises TimeoutError after `limit_s`, Problem when the job or the credential has gone.
        """
        async with (
            asyncio.timeout(limit_s),
            aclosing(self.steps(request, store, job_id, None)) as steps,
        ):
            async for step in steps:
                if isinstance(step, dict):
                    return step
        raise TimeoutError

    async def steps(
        self, request: Request, store: JobStore, job_id: str, position: TextPosition | None
    ) -> AsyncGenerator[Step, None]:
        """Yields new text after `position` (None: no text), and at last the job's record.

        Raises Problem when the job or the credential has gone, TextChanged.
        """
        while True:
            try:
                async with aclosing(self._once(request, store, job_id, position)) as steps:
                    async for step in steps:
                        yield step
                        if isinstance(step, dict):
                            return
            except (SubscriptionClosed, StoreUnavailable):
                if self._broadcaster.is_stopped:
                    raise unavailable(STOPPING) from None
                yield Idle()
                await asyncio.sleep(RECONNECT_INTERVAL_S)

    async def _once(
        self, request: Request, store: JobStore, job_id: str, position: TextPosition | None
    ) -> AsyncGenerator[Step, None]:
        def accepts(event: Fields) -> bool:
            return event["type"] in ("done", "status") or (
                position is not None and event["type"] == "delta"
            )

        with self._broadcaster.subscribe(accepts, job_id) as subscriber:
            subscriber.set_principal(await confirmed_principal(request))
            record = await _read(store, job_id)
            if not is_active(record):
                yield record
                return
            if position is not None and record["status"] == "processing":
                yield Started()
                for _, fields in await self._log.of_job(record):
                    if new := _new_text(fields, position):
                        yield new
            while True:
                event = await _next(subscriber)
                if event is None:
                    yield Idle()
                elif event["type"] == "done":
                    yield await _read(store, job_id)
                    return
                elif position is not None and event["status"] == "processing":
                    yield _new_text(event, position) or Started()


def _new_text(event: Fields, position: TextPosition) -> str:
    is_text = event["type"] == "delta"
    return position.add(int(event["offset"]), event["text"]) if is_text else ""


async def _next(subscriber: Subscriber) -> Fields | None:
    """Returns the next event; None after a while without. Raises SubscriptionClosed."""
    left_s = subscriber.seconds_left
    try:
        async with asyncio.timeout(IDLE_S if left_s is None else min(IDLE_S, left_s)):
            return (await subscriber.next())[1]
    except TimeoutError:
        if subscriber.seconds_left == 0:
            raise SubscriptionClosed from None
        return None


async def _read(store: JobStore, job_id: str) -> Record:
    record = await store.read(job_id)
    if record is None:
        raise Problem("job-not-found", "The job was deleted.")
    return record
