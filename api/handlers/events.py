"""`GET /events`: the events of all jobs, or those of a session or a user, with their counts."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.events.backlog import EventLog, EventsMissing
from loresmith.api.events.broadcaster import Subscriber
from loresmith.api.events.event_filter import EventFilter
from loresmith.api.events.serializers import encode_entry
from loresmith.api.events.sse import (
    HEARTBEAT,
    HEARTBEAT_INTERVAL_S,
    EventStream,
    last_event_id,
    sse_event,
)
from loresmith.api.handlers.subscriptions import Subscriptions
from loresmith.api.http.principals import principal_of
from loresmith.api.openapi.fragments import RESUME
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.representation import represent_job
from loresmith.api.services.job_query import JobQuery
from loresmith.api.services.job_store import JobStore, JobStores
from loresmith.jobs.core.damaged_record import intact
from loresmith.jobs.core.principal import Principal
from loresmith.jobs.core.status import ACTIVE

COUNTED_TYPES = frozenset({"created", "status", "done"})
"""Event types that may change the counts."""
COUNTS_INTERVAL_S = 0.5
MAX_SNAPSHOT_JOBS = 100


class EventHandlers:
    """Streams the events of many jobs."""

    def __init__(self, stores: JobStores, log: EventLog, subscriptions: Subscriptions) -> None:
        self._stores = stores
        self._log = log
        self._subscriptions = subscriptions

    @operation(
        "Follow all jobs",
        {200: ResponseSpec("Server-sent events.", "AllJobsEvent", media_type="text/event-stream")},
        scope="jobs:read",
        problems=("validation-error", "too-many-streams", "temporary-reduced-capacity"),
        parameters=(*EventFilter.parameters(), *RESUME),
    )
    async def follow(self, request: Request) -> Response:
        """Sends server-sent events: a `snapshot` of the unfinished `jobs` and the `counts`, then
        the events of each job, and `counts` when they change. The stream does not end. With the id
        of an event it continues after that event, or sends `reset` and a `snapshot` if it no
        longer can.
        """
        event_filter = EventFilter.from_query(request.query_params)
        principal, store = principal_of(request), self._stores.of(request)
        with ExitStack() as stack:
            subscriber = await self._subscriptions.open(
                request, stack, event_filter.matches, event_filter.topic(principal)
            )
            known = last_event_id(request)
            missed = known and await self._missed(event_filter, principal, known)
            backlog, last_id = missed or await self._snapshot(store, event_filter, known)
            events = self._live_events(store, subscriber, last_id, event_filter)
            return EventStream(subscriber, stack.pop_all(), backlog, events)

    async def _missed(
        self, event_filter: EventFilter, principal: Principal, known: str
    ) -> tuple[bytes, str] | None:
        """Returns the events after the one that the client has, and the id of the last entry that
        was read; None when they are not stored.
        """
        encoded, last_id = [], known
        try:
            async for entries in self._log.of_all_since(known):
                encoded += [
                    encode_entry(id, fields["job"], fields)
                    for id, fields in entries
                    if id != known and principal.lists(fields) and event_filter.matches(fields)
                ]
                last_id = entries[-1][0] if entries else last_id
        except EventsMissing:
            return None
        return b"".join(encoded), last_id

    async def _snapshot(
        self, store: JobStore, event_filter: EventFilter, known: str | None
    ) -> tuple[bytes, str]:
        query = JobQuery(event_filter.indexes, tuple(sorted(ACTIVE)), limit=MAX_SNAPSHOT_JOBS)
        page = await store.find(query)
        counts = await store.count(event_filter.indexes)
        jobs = intact(page.records, represent_job)
        reset = sse_event({"type": "reset"}) if known else b""
        return reset + sse_event({"type": "snapshot", "jobs": jobs, "counts": counts}), "0-0"

    async def _live_events(
        self, store: JobStore, subscriber: Subscriber, last_id: str, event_filter: EventFilter
    ) -> AsyncIterator[bytes]:
        counts_changed, after = False, _numbers(last_id)
        while True:
            try:
                async with asyncio.timeout(
                    COUNTS_INTERVAL_S if counts_changed else HEARTBEAT_INTERVAL_S
                ):
                    entry_id, fields = await subscriber.next()
            except TimeoutError:
                yield await _counts(store, event_filter) if counts_changed else HEARTBEAT
                counts_changed = False
                continue
            if _numbers(entry_id) > after:
                counts_changed = counts_changed or fields["type"] in COUNTED_TYPES
                yield encode_entry(entry_id, fields["job"], fields)


async def _counts(store: JobStore, event_filter: EventFilter) -> bytes:
    counts = await store.count(event_filter.indexes)
    return sse_event({"type": "counts", "counts": counts})


def _numbers(entry_id: str) -> tuple[int, ...]:
    """Splits a stream id (ms-number), which sorts by its numbers."""
    return tuple(map(int, entry_id.split("-")))
