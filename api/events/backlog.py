"""Events that a stream begins with: those that a client missed, or a snapshot."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from loresmith.api.events.broadcaster import Entry
from loresmith.api.events.serializers import accumulate, encode_entry
from loresmith.api.events.sse import sse_event
from loresmith.api.schemas.representation import represent_job
from loresmith.jobs.core.job_record import Record, is_active
from loresmith.jobs.core.status import Message, ProgressSource, Status
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.store.scripts import pairs

ENTRY_ID = re.compile(r"[0-9]{1,15}-[0-9]{1,10}")
SEQ = re.compile(r"[0-9]{1,10}")
MAX_RECENT = 50
"""Entries of an ended job that are searched for the one of its record."""
MAX_MISSED = 5_000
"""Entries that one resumption of the stream of all jobs reads."""
PAGE_SIZE = 100
"""Entries of all jobs that are read at a time; other requests are served between two pages."""


class EventsMissing(Exception):
    """The events after the one that a client has are not stored, or too many."""


@dataclass(frozen=True)
class Backlog:
    """The encoded events that come before the live ones."""

    events: bytes
    version: int
    """The version of the job that they end with."""
    ended: bool
    """The job's last event is among them."""


class EventLog:
    """Reads the stored events of jobs."""

    def __init__(self, pipeline: PipelineBatcher) -> None:
        self._pipeline = pipeline

    async def of_job(self, record: Record) -> list[Entry]:
        """Returns all events of a running job, or the latest ones of an ended job."""
        key = keys.updates(record["id"])
        if is_active(record):
            reply = await self._pipeline.execute("XRANGE", key, "-", "+")
            return _with_created(record, _entries(reply))
        reply = await self._pipeline.execute("XREVRANGE", key, "+", "-", "COUNT", MAX_RECENT)
        return _entries(reply[::-1])

    async def of_job_since(self, record: Record, known: str) -> list[Entry]:
        """Returns the event with an id or `seq`, and those after it; empty if it is not stored."""
        start = known if ENTRY_ID.fullmatch(known) else "-"
        if start == "-" and not SEQ.fullmatch(known):
            return []
        reply = await self._pipeline.execute("XRANGE", keys.updates(record["id"]), start, "+")
        entries = _with_created(record, _entries(reply))
        for index, (entry_id, fields) in enumerate(entries):
            if known in (entry_id, fields["version"]):
                return entries[index:]
        return []

    async def of_all_since(self, known: str) -> AsyncIterator[list[Entry]]:
        """Yields an event of any job by its id, and all after it, in pages.

        Raises EventsMissing if it is not stored, or if there are too many.
        """
        if not ENTRY_ID.fullmatch(known):
            raise EventsMissing
        start = known
        for _ in range(MAX_MISSED // PAGE_SIZE):
            reply = await self._pipeline.execute(
                "XRANGE", keys.UPDATES, start, "+", "COUNT", PAGE_SIZE
            )
            entries = _entries(reply)
            if start == known and not _begin_with(known, entries):
                raise EventsMissing
            yield entries
            if len(entries) < PAGE_SIZE:
                break
            start = f"({entries[-1][0]}"
        else:
            raise EventsMissing
        first = await self._pipeline.execute("XRANGE", keys.UPDATES, known, "+", "COUNT", 1)
        if not _begin_with(known, _entries(first)):  # trimmed, perhaps before it was read
            raise EventsMissing

    async def partial_result(self, record: Record) -> dict[str, Any] | None:
        """Returns what the present call of a running job has written so far."""
        return accumulate(fields for _, fields in await self.of_job(record))


def resume_events(record: Record, missed: Sequence[Entry]) -> Backlog | None:
    """Returns the missed events, the first of which the client has; None if the job has ended and
    there are no others.
    """
    if len(missed) == 1 and not is_active(record):
        return None
    last = missed[-1][1]
    ended = len(missed) > 1 and last["type"] == "done"
    return Backlog(_encode(record["id"], missed[1:]), int(last["version"]), ended)


def snapshot_events(record: Record, recent: Iterable[Entry], *, reset: bool) -> Backlog:
    """Returns the job as it was read, then later events; at least `done` of an ended job."""
    version, entries = int(record["version"]), list(recent)
    before = [entry for entry in entries if int(entry[1]["version"]) <= version]
    since = [entry for entry in entries if int(entry[1]["version"]) > version]
    if not since and not is_active(record):
        since = before[-1:]
    job_id, job = record["id"], represent_job(record)
    if is_active(record):
        job |= {"partial_result": accumulate(fields for _, fields in before)}
    snapshot = {"type": "snapshot", "job_id": job_id, "seq": version, "job": job}
    events = sse_event({"type": "reset", "job_id": job_id}) if reset else b""
    events += sse_event(snapshot, before[-1][0] if before else None) + _encode(job_id, since)
    if not since:
        return Backlog(events, version, not is_active(record))
    last = since[-1][1]
    return Backlog(events, int(last["version"]), last["type"] == "done")


def created_event(record: Record) -> Entry:
    """Returns the first event of a job, which is not in its stream: an entry takes 4 kB there."""
    created_ms = int(record["created_ms"])
    event = {
        "type": "created",
        "version": "1",
        "at_ms": str(created_ms),
        "status": Status.PENDING,
        "phase": "queued",
        "progress": "0",
        "source": ProgressSource.SIMULATED,
        "message": Message.CREATED,
        "attempt": "1",
    }
    by = {"by": record["created_by"]} if "created_by" in record else {}
    return f"{created_ms - 1}-0", event | by


def _with_created(record: Record, entries: list[Entry]) -> list[Entry]:
    """Adds the first event of a job, unless later ones are missing before these."""
    next_version = entries[0][1]["version"] if entries else str(int(record["version"]) + 1)
    return [created_event(record), *entries] if next_version == "2" else entries


def _begin_with(known: str, entries: Sequence[Entry]) -> bool:
    return bool(entries) and entries[0][0] == known


def _encode(job_id: str, entries: Iterable[Entry]) -> bytes:
    return b"".join(encode_entry(entry_id, job_id, fields) for entry_id, fields in entries)


def _entries(reply: Sequence[Any]) -> list[Entry]:
    """Parses the entries of a stream, whose fields are flat lists on the wire."""
    return [(entry_id, pairs(fields)) for entry_id, fields in reply]
