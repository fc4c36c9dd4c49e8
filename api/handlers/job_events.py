"""`GET /jobs/{id}/events`: the events of one job as a stream."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.events.backlog import Backlog, EventLog, resume_events, snapshot_events
from loresmith.api.events.broadcaster import Entry, Subscriber
from loresmith.api.events.serializers import encode_entry
from loresmith.api.events.sse import HEARTBEAT, HEARTBEAT_INTERVAL_S, EventStream, last_event_id
from loresmith.api.handlers.job_responses import forget_once_read, job_id_of, load_job
from loresmith.api.handlers.subscriptions import Subscriptions
from loresmith.api.http.query import Flag, QueryModel
from loresmith.api.openapi.fragments import JOB_ID, RESUME
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.services.job_store import JobStores
from loresmith.jobs.core.job_record import Record


class JobEventParams(QueryModel):
    """Which events of the job."""

    deltas: Flag = Field(True, description="`0` omits the text while it is generated")


class JobEventHandlers:
    """Streams the events of one job."""

    def __init__(self, stores: JobStores, log: EventLog, subscriptions: Subscriptions) -> None:
        self._stores = stores
        self._log = log
        self._subscriptions = subscriptions

    @operation(
        "Follow a job",
        {
            200: ResponseSpec("Server-sent events.", "JobEvent", media_type="text/event-stream"),
            204: ResponseSpec("The job has ended, and the client has its last event."),
        },
        scope="jobs:read",
        job_token=True,
        problems=("job-not-found", "too-many-streams", "temporary-reduced-capacity"),
        parameters=(JOB_ID, *RESUME, *JobEventParams.parameters()),
    )
    async def follow(self, request: Request) -> Response:
        """Sends server-sent events: a `snapshot` of the job, then its events until `done`. With the
        id of an event it continues after that event, or sends `reset` and a `snapshot` if it no
        longer can. `starting_after` also accepts a `seq`.
        """
        job_id = job_id_of(request)
        params = JobEventParams.from_query(request.query_params)
        omitted = () if params.deltas else ("delta",)
        with ExitStack() as stack:
            subscriber = await self._subscriptions.open(
                request, stack, lambda event: event["type"] not in omitted, job_id
            )
            store = self._stores.of(request)
            record = await load_job(store, job_id)
            backlog = await self._backlog(record, last_event_id(request), omitted)
            if backlog is None:
                return Response(status_code=204)
            events = _live_events(subscriber, backlog.version, ended=backlog.ended)
            stream = EventStream(subscriber, stack.pop_all(), backlog.events, events)
            return await forget_once_read(request, store, record, stream)

    async def _backlog(
        self, record: Record, known: str | None, omitted: Sequence[str]
    ) -> Backlog | None:
        """Returns None when the client has all events of an ended job."""
        missed = known and await self._log.of_job_since(record, known)
        if missed:
            return resume_events(record, [missed[0], *_without(omitted, missed[1:])])
        recent = await self._log.of_job(record)
        return snapshot_events(record, _without(omitted, recent), reset=known is not None)


def _without(omitted: Sequence[str], entries: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in entries if entry[1]["type"] not in omitted]


async def _live_events(
    subscriber: Subscriber, version: int, *, ended: bool
) -> AsyncIterator[bytes]:
    """Yields each version after the given one once, until the job is done."""
    while not ended:
        try:
            async with asyncio.timeout(HEARTBEAT_INTERVAL_S):
                _, fields = await subscriber.next()
        except TimeoutError:
            yield HEARTBEAT
            continue
        if int(fields["version"]) > version:
            version = int(fields["version"])
            yield encode_entry(fields["entry"], fields["job"], fields)
            ended = fields["type"] == "done"
