"""Following jobs as they run: one of them, or all of a session or a user."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api import views
from api.batching import Batch
from api.jobs import JOB_ID, found
from api.news import so_far, told
from api.operation import Answer, Parameter, operation
from api.sse import BEGIN, HEARTBEAT, HEARTBEAT_S, EventStream, event
from api.store import Store
from api.tail import Entry, Fields, Tail, Watch
from jobs import keys
from jobs.job import Record, is_active, public
from jobs.scripts import pairs

ENTRY_ID = re.compile(r"[0-9]{1,15}-[0-9]{1,10}")
SEQ = re.compile(r"[0-9]{1,10}")
Past = tuple[list[bytes], int, bool]
"""Events that come before the live ones, the version they end with, and whether that is all."""
RECENT = 50
"""Entries among which the one of an ended record is looked for."""

DELTAS = Parameter("deltas", "query", "`0` leaves out the text as it is written")
EVENTS = Answer("Events, until the end.", media_type="text/event-stream")
RESUME = (
    Parameter("Last-Event-ID", "header", "The id of the last event that the client has"),
    Parameter("starting_after", "query", "The same, for clients that cannot send headers"),
)


class Streams:
    """The routes that go on answering."""

    def __init__(self, store: Store, batch: Batch, tail: Tail) -> None:
        self._store = store
        self._batch = batch
        self._tail = tail

    @operation(
        "Follow a job",
        {200: EVENTS, 204: Answer("The job has ended, and the client has seen its end.")},
        problems=("job-not-found", "temporary-reduced-capacity"),
        parameters=(JOB_ID, *RESUME, DELTAS),
    )
    async def job(self, request: Request) -> Response:
        """Server-sent events: a `snapshot` with the job, then what happens to it until it is
        `done`. After an id it goes on from there; `reset` comes first when that is not possible.
        `starting_after` also takes a `seq`.
        """
        job_id = views.job_id(request)
        quiet = ("delta",) if request.query_params.get("deltas") == "0" else ()
        await self._tail.ready()
        with ExitStack() as stack:
            watch = stack.enter_context(
                self._tail.watch(lambda update: update["type"] not in quiet, job_id)
            )
            record = await found(self._store, job_id)
            past = await self._past(record, known(request), quiet)
            if past is None:
                return Response(status_code=204)
            return EventStream(watch, stack.pop_all(), _follow(watch, past))

    async def _past(self, record: Record, after: str | None, quiet: Sequence[str]) -> Past | None:
        """None when the client knows it all."""
        missed = after and await self._missed(record["id"], after)
        if missed:
            return _resumed(record, [missed[0], *_without(quiet, missed[1:])])
        key = keys.updates(record["id"])
        if is_active(record):
            held = entries(await self._batch.execute("XRANGE", key, "-", "+"))
        else:
            held = entries(
                (await self._batch.execute("XREVRANGE", key, "+", "-", "COUNT", RECENT))[::-1]
            )
        return _anew(record, _without(quiet, held), reset=after is not None)

    async def _missed(self, job_id: str, known: str) -> list[Entry]:
        """An entry by its id or version and what came after it; empty when it is not held."""
        start = known if ENTRY_ID.fullmatch(known) else "-"
        if start == "-" and not SEQ.fullmatch(known):
            return []
        held = entries(await self._batch.execute("XRANGE", keys.updates(job_id), start, "+"))
        for place, (entry_id, fields) in enumerate(held):
            if known in (entry_id, fields["version"]):
                return held[place:]
        return []


def known(request: Request) -> str | None:
    """What the client has, as it says."""
    given = request.headers.get("last-event-id") or request.query_params.get("starting_after")
    return given or None


def _without(quiet: Sequence[str], held: list[Entry]) -> list[Entry]:
    return [entry for entry in held if entry[1]["type"] not in quiet]


def _resumed(record: Record, missed: list[Entry]) -> Past | None:
    """`missed` begins with what the client has."""
    if len(missed) == 1 and not is_active(record):
        return None
    told = [_told(entry_id, record["id"], fields) for entry_id, fields in missed[1:]]
    last = missed[-1][1]
    return told, int(last["version"]), bool(told) and last["type"] == "done"


def _anew(record: Record, recent: list[Entry], *, reset: bool) -> Past:
    """The job as it was read, then what came since; of an ended job its `done` at least."""
    version = int(record["version"])
    before = [entry for entry in recent if int(entry[1]["version"]) <= version]
    since = [entry for entry in recent if int(entry[1]["version"]) > version]
    if not since and not is_active(record):
        since = before[-1:]
    job_id = record["id"]
    told = [event({"type": "reset", "job_id": job_id})] if reset else []
    job = public(record)
    if is_active(record):
        job |= {"partial_result": so_far(fields for _, fields in before)}
    snapshot = {"type": "snapshot", "job_id": job_id, "seq": version, "job": job}
    told.append(event(snapshot, before[-1][0] if before else None))
    told += [_told(entry_id, job_id, fields) for entry_id, fields in since]
    last = int(since[-1][1]["version"]) if since else version
    ended = since[-1][1]["type"] == "done" if since else not is_active(record)
    return told, last, ended


async def _follow(watch: Watch, past: Past) -> AsyncIterator[bytes]:
    """The past, then each later version once, until the job is done."""
    told, version, ended = past
    begin = BEGIN + b"".join(told)
    told.clear()  # a stream is open for minutes; its beginning need not be kept as long
    yield begin
    del begin
    while not ended:
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                _, fields = await watch.next()
        except TimeoutError:
            yield HEARTBEAT
            continue
        if int(fields["version"]) > version:
            version = int(fields["version"])
            yield _told(fields["entry"], fields["job"], fields)
            ended = fields["type"] == "done"


def _told(entry_id: str, job_id: str, fields: Fields) -> bytes:
    """An update as clients see it."""
    return event(told(job_id, fields), entry_id)


def entries(reply: Sequence[Any]) -> list[Entry]:
    """Entries of a stream as they come on the wire, fields in a flat list."""
    return [(entry_id, pairs(fields)) for entry_id, fields in reply]
