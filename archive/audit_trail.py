"""The append-only table of who changed what, whose rows are chained by hashes."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, select

from loresmith.archive.checks import check_id, check_name, check_text, check_time
from loresmith.archive.database import Database
from loresmith.archive.errors import ArchiveRefused
from loresmith.archive.pages import CursorPage, check_limit, foreign_cursor
from loresmith.archive.tables import MAX_NAME_LENGTH, AuditEntry, AuditRow

CHAIN_LOCK = int.from_bytes(b"audit", "big")
FIRST_HASH = "0" * 64
"""What the first row is chained to."""
LENGTHS = {"actor": MAX_NAME_LENGTH, "action": 64, "object": 512, "request_id": 64, "address": 64}
PAGE_SIZE = 200


@dataclass(frozen=True, kw_only=True)
class AuditRecord(AuditEntry):
    """A row of the table."""

    number: int
    hash: str


@dataclass(frozen=True)
class AuditFilter:
    """Which rows to return. None: any."""

    actor: str | None = None
    action: str | None = None
    object: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        names = ("actor", "action", "object")
        values = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        matches: list[ColumnElement[bool]] = [
            getattr(AuditRow, name) == value for name, value in values.items()
        ]
        if self.since:
            matches.append(AuditRow.at >= self.since)
        if self.until:
            matches.append(AuditRow.at < self.until)
        return matches


@dataclass(frozen=True)
class ChainCheck:
    """The outcome of a check of the hash chain."""

    rows: int
    broken_at: int | None
    """The number of the first row that does not fit; None if all do."""
    last_hash: str


class AuditTrail:
    """Appends and reads rows. Never changes one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, entries: Sequence[AuditEntry]) -> None:
        """Appends entries durably before it returns; an entry that is there is left out.

        Raises ArchiveRefused for what cannot be kept, and then appends nothing;
        ArchiveUnavailable.
        """
        for entry in entries:
            _check(entry)
        new = {entry.id: entry for entry in entries}
        with self._database.transaction() as connection:
            self._database.lock(connection, CHAIN_LOCK)
            known = select(AuditRow.id).where(AuditRow.id.in_(new))
            for id in connection.execute(known).scalars():
                del new[id]
            number, last_hash = _end(connection)
            rows = []
            for entry in new.values():
                number, last_hash = number + 1, chained(last_hash, number + 1, entry)
                rows.append(vars(entry) | {"number": number, "hash": last_hash})
            if rows:
                connection.execute(self._database.insert(AuditRow), rows)

    def page(
        self, matches: AuditFilter, *, limit: int = 50, cursor: str | None = None
    ) -> CursorPage[AuditRecord]:
        """Returns the matching rows, newest first, `limit` (1 to 200) per page.

        Raises ArchiveRefused for a limit or cursor that does not fit, ArchiveUnavailable.
        """
        check_limit(limit)
        conditions = matches.conditions()
        if cursor is not None:
            conditions.append(AuditRow.number < _number_of(cursor))
        query = select(AuditRow.__table__).where(*conditions).order_by(AuditRow.number.desc())
        with self._database.transaction() as connection:
            rows = connection.execute(query.limit(limit + 1)).all()
        records = tuple(AuditRecord(**row._mapping) for row in rows[:limit])
        return CursorPage(records, str(records[-1].number) if len(rows) > limit else None)

    def check_chain(self) -> ChainCheck:
        """Compares each row with its hash. Raises ArchiveUnavailable."""
        number, last_hash = 0, FIRST_HASH
        for record in self._all():
            number += 1
            last_hash = chained(last_hash, number, _entry(record))
            if (record.number, record.hash) != (number, last_hash):
                return ChainCheck(number - 1, record.number, record.hash)
        return ChainCheck(number, None, last_hash)

    def _all(self) -> Iterator[AuditRecord]:
        """Returns all rows, the oldest first."""
        number = -1
        while True:
            query = select(AuditRow.__table__).where(AuditRow.number > number)
            query = query.order_by(AuditRow.number).limit(PAGE_SIZE)
            with self._database.transaction() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                yield AuditRecord(**row._mapping)
            if len(rows) < PAGE_SIZE:
                return
            number = rows[-1].number


def chained(previous: str, number: int, entry: AuditEntry) -> str:
    """Returns the hash of a row: SHA-256 of the previous hash and the row's values as JSON."""
    at = entry.at.astimezone(UTC).isoformat(timespec="milliseconds")
    values = [previous, number, entry.id, at, entry.actor, entry.action, entry.object]
    values += [entry.before, entry.after, entry.request_id, entry.address]
    return hashlib.sha256(json.dumps(values, separators=(",", ":")).encode()).hexdigest()


def _end(connection: Connection) -> tuple[int, str]:
    query = select(AuditRow.number, AuditRow.hash).order_by(AuditRow.number.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return (row.number, row.hash) if row else (0, FIRST_HASH)


def _entry(record: AuditRecord) -> AuditEntry:
    names = AuditEntry.__dataclass_fields__
    return AuditEntry(**{name: getattr(record, name) for name in names})


def _number_of(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise foreign_cursor()
    return int(cursor)


def _check(entry: AuditEntry) -> None:
    check_id("id", entry.id)
    check_time("at", entry.at)
    check_name("actor", entry.actor, max_length=LENGTHS["actor"])
    check_name("action", entry.action, max_length=LENGTHS["action"])
    for name in ("object", "before", "after", "request_id", "address"):
        check_text(name, getattr(entry, name))
        if len(getattr(entry, name)) > LENGTHS.get(name, 2**20):
            raise ArchiveRefused(f"{name} must have at most {LENGTHS[name]} characters.")
