"""Copies ended jobs and the audit from Redis to the archive, which outlives them.

The script that ends a job appends an entry to the `outbox` stream, and `api.http.audit` one to
`audit-outbox`. The archiver writes entries to the database, then deletes them. Writing an entry
twice is harmless.
"""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json
from redis import Redis

from loresmith.archive import (
    MAX_NAME_LENGTH,
    Archive,
    ArchiveError,
    ArchiveRefused,
    AuditEntry,
    EndedJob,
)
from loresmith.jobs.core.job_fields import JOB_FIELDS
from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.logs.fields import LogFields
from loresmith.jobs.core.outage_log import ARCHIVE_OUTAGE
from loresmith.jobs.store import keys
from loresmith.jobs.store.archive_identity import OtherArchive, require_same_archive

log = get_logger(__name__)

PAGE_SIZE = 200
RETRY_INTERVAL_S = 15.0
"""Seconds between two tries while the database is unavailable."""
EXPIRE_INTERVAL_S = 60.0
NAMES = tuple(
    field.name
    for field in JOB_FIELDS
    if field.archived and field.type == "text" and field.name != "id"
)
AUDIT_TEXTS = tuple(name for name in AuditEntry.__dataclass_fields__ if name != "at")


class Archiver:
    """Drains the outbox. `redis` must decode its replies."""

    def __init__(
        self, redis: Redis, archive: Archive, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._redis = redis
        self._archive = archive
        self._clock = clock
        self._not_before = 0.0
        self._expire_at = 0.0
        self._archive_id = ""
        self.mismatch = ""
        """Says that the archive is not that of this Redis; empty while it is."""

    def drain_quietly(self) -> None:
        """Drains, and pauses while the database is unavailable or the wrong one. Notices the end of
        an outage. Raises RedisError.
        """
        if self._clock() < self._not_before:
            return
        try:
            self.check_identity()
            self.drain()
            self.drain_audit()
            self._expire_worlds()
            self._set_mismatch("")
            if ARCHIVE_OUTAGE.lasts:
                self._archive.prepare()
                self._archive.ping()
                ARCHIVE_OUTAGE.succeeded()
        except ArchiveError as error:
            self._not_before = self._clock() + RETRY_INTERVAL_S
            ARCHIVE_OUTAGE.failed(error)
            self._set_mismatch("")
        except OtherArchive as error:
            self._not_before = self._clock() + RETRY_INTERVAL_S
            if str(error) != self.mismatch:
                log.error("cannot archive ended jobs; they stay in Redis", error=safe(error))
            self._set_mismatch(str(error))

    def _set_mismatch(self, mismatch: str) -> None:
        """Keeps the routes from an archive of other jobs, whose reports would be wrong."""
        self.mismatch = self._archive.refusal = mismatch

    def _expire_worlds(self) -> None:
        """Deletes expired worlds once in a while, in the archive of this Redis only."""
        if self._archive_id and self._clock() >= self._expire_at:
            self._expire_at = self._clock() + EXPIRE_INTERVAL_S
            self._archive.worlds.delete_expired()

    def check_identity(self) -> None:
        """Looks once whether another archive is noted. A database that is not made yet is another.

        Raises ArchiveError and OtherArchive, and then looks again at the next call; RedisError.
        """
        if self._archive_id or not self._redis.exists(keys.ARCHIVE):
            return
        self._require_archive()

    def _require_archive(self) -> None:
        """Makes the archive if need be. Raises ArchiveError, OtherArchive and RedisError."""
        self._archive.make()
        archive_id = self._archive_id or self._archive.identity()
        require_same_archive(self._redis, archive_id, self._archive.place)
        self._archive_id = archive_id

    def drain(self) -> int:
        """Archives all entries; returns their number. Raises ArchiveError, OtherArchive and
        RedisError.
        """
        drained = 0
        while page := self._page(keys.OUTBOX):
            self._require_archive()
            jobs = [job for entry_id, fields in page if (job := _decode(entry_id, fields))]
            self._save(jobs)
            self._redis.xdel(keys.OUTBOX, *(entry_id for entry_id, _ in page))
            for job in jobs:
                log.info("ended", **log_fields(job))
            drained += len(page)
        return drained

    def drain_audit(self) -> int:
        """Archives the audit; returns the number of entries. Raises like `drain`."""
        drained = 0
        while page := self._page(keys.AUDIT_OUTBOX):
            self._require_archive()
            self._save_audit([entry for each in page if (entry := _decode_audit(*each))])
            self._redis.xdel(keys.AUDIT_OUTBOX, *(entry_id for entry_id, _ in page))
            drained += len(page)
        return drained

    def _page(self, stream: str) -> list[tuple[str, dict[str, str]]]:
        return list(self._redis.xrange(stream, "-", "+", PAGE_SIZE))  # type: ignore[arg-type]

    def _save_audit(self, entries: list[AuditEntry]) -> None:
        """Saves the entries; drops those that the archive refuses for good."""
        try:
            self._archive.audit.save(entries)
        except ArchiveRefused as error:
            if len(entries) == 1:
                log.error(
                    "an audit entry is not archived", entry_id=entries[0].id, error=safe(error)
                )
                return
            for entry in entries:
                self._save_audit([entry])

    def _save(self, jobs: list[EndedJob]) -> None:
        """Saves the jobs; drops those that the archive refuses for good."""
        try:
            self._archive.history.save(jobs)
        except ArchiveRefused as error:
            if len(jobs) == 1:
                log.error("a job is not archived", job_id=jobs[0].id, error=safe(error))
                return
            for job in jobs:
                self._save([job])


def parse_entry(entry_id: str, fields: Mapping[str, str]) -> EndedJob:
    """Parses an entry of the outbox. Raises KeyError or ValueError."""
    usage: Mapping[str, Any] = from_json(fields.get("usage") or "{}")
    return EndedJob(
        id=fields["id"],
        revision=_revision(entry_id),
        created_at=_datetime(fields["created_ms"]),
        completed_at=_datetime(fields["completed_ms"]),
        attempts=int(fields["attempt"]),
        calls=int(fields["calls"]),
        input_tokens=int(usage.get("input_tokens", 0)),
        output_tokens=int(usage.get("output_tokens", 0)),
        cost_micros=int(fields["spent_micros"]),
        uncertain_micros=int(fields["uncertain_micros"]),
        estimate_micros=int(fields["estimate_micros"]) if fields.get("estimate_micros") else None,
        **{name: fields.get(name, "")[:MAX_NAME_LENGTH] for name in NAMES},
    )


def log_fields(job: EndedJob) -> LogFields:
    """Describes an ended job for the log: outcome, usage, cost and estimate."""
    fields: LogFields = {
        "job_id": job.id,
        "type": job.type,
        "status": job.status,
        "attempts": job.attempts,
        "seconds": round((job.completed_at - job.created_at).total_seconds(), 1),
        "calls": job.calls,
        "tokens_in": job.input_tokens,
        "tokens_out": job.output_tokens,
        "cost": job.cost_micros / 1e6,
    }
    if job.estimate_micros is not None:
        fields["estimate"] = job.estimate_micros / 1e6
    return fields


def _decode(entry_id: str, fields: Mapping[str, str]) -> EndedJob | None:
    """Returns None for a damaged entry."""
    try:
        return parse_entry(entry_id, fields)
    except (KeyError, ValueError) as error:
        log.error("dropped a damaged outbox entry", job_id=fields.get("id", ""), error=safe(error))
        return None


def _decode_audit(entry_id: str, fields: Mapping[str, str]) -> AuditEntry | None:
    """Returns None for a damaged entry."""
    try:
        texts = {name: fields[name] for name in AUDIT_TEXTS}
        return AuditEntry(at=_datetime(fields["at_ms"]), **texts)
    except (KeyError, ValueError, OverflowError) as error:
        log.error("dropped a damaged audit entry", entry_id=entry_id, error=safe(error))
        return None


def _revision(entry_id: str) -> int:
    """Turns a stream id (ms-number) into a number that grows with time."""
    millis, _, number = entry_id.partition("-")
    return int(millis) * 1_000 + min(int(number), 999)


def _datetime(millis: str) -> datetime:
    return datetime.fromtimestamp(int(millis) / 1000, UTC)
