"""Jobs that have ended, kept for good: who had them made, with which model, and what they cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from archive.checks import check_id, check_name, check_text, check_time
from archive.database import Database
from archive.errors import ArchiveRefused
from archive.tables import LONGEST_NAME, JobRow

Group = Literal["user", "team", "type", "model", "session", "day"]
GROUPS: tuple[Group, ...] = get_args(Group)
NAMES = ("user_id", "team_id", "type", "model", "session_id")
LARGEST = 2**63 - 1
MOST_ROWS = 1_000
COLUMNS: dict[Group, InstrumentedAttribute[str]] = {
    "user": JobRow.user_id,
    "team": JobRow.team_id,
    "type": JobRow.type,
    "model": JobRow.model,
    "session": JobRow.session_id,
    "day": JobRow.day,
}


@dataclass(frozen=True, kw_only=True)
class EndedJob:
    """What is kept of a job. Names that it does not have are ''."""

    id: str
    revision: int
    """Of two words about a job the one with the larger revision stays."""
    status: str
    user_id: str
    team_id: str
    type: str
    model: str
    session_id: str
    created_at: datetime
    completed_at: datetime
    attempts: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    exposed_micros: int
    """The part of the cost that is only the most it may be: calls of unknown outcome."""
    estimate_micros: int | None
    """What it was expected to cost, if somebody could say."""


@dataclass(frozen=True)
class Usage:
    """A line of a report."""

    key: str
    jobs: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    exposed_micros: int
    estimated_jobs: int
    """How many had an estimate; the next two are of these."""
    estimate_micros: int
    estimated_cost_micros: int


class History:
    """The table of ended jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, jobs: Sequence[EndedJob]) -> None:
        """Saves jobs; they survive a power cut when this returns. Saving twice is saving once.

        Raises ArchiveRefused for what cannot be kept, ArchiveUnavailable when trying again may
        help; nothing is saved then.
        """
        for job in jobs:
            _check(job)
        newest = {job.id: job for job in sorted(jobs, key=lambda job: job.revision)}
        if not newest:
            return
        insert = self._database.insert(JobRow).values([_row(job) for job in newest.values()])
        names = [column.name for column in JobRow.__table__.columns if column.name != "id"]
        upsert = insert.on_conflict_do_update(
            index_elements=[JobRow.id],
            set_={name: insert.excluded[name] for name in names},
            where=JobRow.revision < insert.excluded.revision,
        )
        with self._database.transaction() as connection:
            connection.execute(upsert)

    def usage(self, group_by: Group, since: datetime, until: datetime) -> list[Usage]:
        """What the jobs cost that ended in [since, until), the dearest group first; days in order.

        At most MOST_ROWS groups. Raises ArchiveUnavailable.
        """
        column = COLUMNS[group_by]
        estimated = JobRow.estimate_micros.is_not(None)
        cost = func.sum(JobRow.cost_micros)
        query = (
            select(
                column,
                func.count(),
                *(func.sum(total) for total in (JobRow.calls, JobRow.input_tokens)),
                *(func.sum(total) for total in (JobRow.output_tokens, JobRow.cost_micros)),
                func.sum(JobRow.exposed_micros),
                func.count(JobRow.estimate_micros),
                func.coalesce(func.sum(JobRow.estimate_micros), 0),
                func.coalesce(cost.filter(estimated), 0),
            )
            .where(*_within(since, until))
            .group_by(column)
            .order_by(*((column,) if group_by == "day" else (cost.desc(), column)))
            .limit(MOST_ROWS)
        )
        with self._database.transaction() as connection:
            return [Usage(row[0], *map(int, row[1:])) for row in connection.execute(query)]

    def spent(self, group: Group | None, key: str, since: datetime) -> int:
        """Micro-dollars of all jobs of a group, or of all, that ended since then.

        Raises ArchiveUnavailable.
        """
        own = [COLUMNS[group] == key] if group else []
        total = func.coalesce(func.sum(JobRow.cost_micros), 0)
        query = select(total).where(JobRow.completed_at >= since, *own)
        with self._database.transaction() as connection:
            return int(connection.execute(query).scalar_one())


def _within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return JobRow.completed_at >= since, JobRow.completed_at < until


def _row(job: EndedJob) -> dict[str, object]:
    return vars(job) | {"day": job.completed_at.astimezone(UTC).date().isoformat()}


def _check(job: EndedJob) -> None:
    check_id("id", job.id)
    check_name("status", job.status, longest=16)
    for name in NAMES:
        value = getattr(job, name)
        check_text(name, value)
        if len(value) > LONGEST_NAME:
            raise ArchiveRefused(f"{name} must have at most {LONGEST_NAME} characters.")
    check_time("created_at", job.created_at)
    check_time("completed_at", job.completed_at)
    for name, value in vars(job).items():
        if isinstance(value, int) and not 0 <= value <= LARGEST:
            raise ArchiveRefused(f"{name} must be a number from 0 to 2^63 - 1.")
