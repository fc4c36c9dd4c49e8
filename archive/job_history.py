"""The history of ended jobs: owner, model, token usage and cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from sqlalchemy import ColumnElement, Connection, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute

from loresmith.archive.checks import check_id, check_name, check_text, check_time
from loresmith.archive.database import COUNTED, Database
from loresmith.archive.errors import ArchiveRefused
from loresmith.archive.tables import MAX_NAME_LENGTH, EndedJob, JobRow, Owned

Group = Literal["user", "team", "type", "model", "session", "day"]
GROUPS: tuple[Group, ...] = get_args(Group)
NAMES = tuple(
    column.name
    for column in JobRow.__table__.columns
    if getattr(column.type, "length", None) == MAX_NAME_LENGTH
)
OWNER = ("user_id", "team_id")
"""A row keeps these, whatever job comes later with its id."""
MAX_INTEGER = 2**63 - 1
MAX_ROWS = 1_000
COLUMNS: dict[Group, InstrumentedAttribute[str]] = {
    "user": JobRow.user_id,
    "team": JobRow.team_id,
    "type": JobRow.type,
    "model": JobRow.model,
    "session": JobRow.session_id,
    "day": JobRow.day,
}


@dataclass(frozen=True)
class UsageSums:
    """A line of a report."""

    key: str
    jobs: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    uncertain_micros: int
    estimated_jobs: int
    """How many had an estimate; the next two are of these."""
    estimate_micros: int
    estimated_cost_micros: int
    unpriced_jobs: int
    """How many made calls of a model without a known price: their cost is not in the sums."""


class JobHistory:
    """The table of ended jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, jobs: Sequence[EndedJob]) -> None:
        """Saves jobs durably before it returns; idempotent.

        Raises ArchiveRefused for what cannot be kept or has the id of another owner's job,
        ArchiveUnavailable when trying again may help; nothing is saved then.
        """
        for job in jobs:
            _check(job)
        newest = _newest(jobs)
        if not newest:
            return
        insert = self._database.insert(JobRow).values([_row(job) for job in newest.values()])
        new = insert.excluded
        names = [column.name for column in JobRow.__table__.columns if column.name != "id"]
        upsert = insert.on_conflict_do_update(
            index_elements=[JobRow.id],
            set_={name: new[name] for name in names},
            where=and_(
                JobRow.revision < new.revision,
                *(JobRow.__table__.c[name] == new[name] for name in OWNER),
            ),
        )
        with self._database.transaction() as connection:
            written = connection.execute(upsert, execution_options=COUNTED).rowcount
            if written < len(newest):  # older revisions, or another owner's
                _require_owners(connection, newest)

    def owner(self, job_id: str) -> dict[str, str] | None:
        """Returns `user_id` and `team_id` of a job; None if no such job has ended.

        Raises ArchiveUnavailable.
        """
        query = select(JobRow.user_id, JobRow.team_id).where(JobRow.id == job_id)
        with self._database.transaction() as connection:
            row = connection.execute(query).one_or_none()
        return dict(row._mapping) if row else None

    def usage(
        self, group_by: Group, since: datetime, until: datetime, owner: Owned | None = None
    ) -> list[UsageSums]:
        """Sums the jobs of an owner, or all, that ended in [since, until), the most expensive group
        first; days in order.

        At most MAX_ROWS groups. Raises ArchiveUnavailable.
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
                func.sum(JobRow.uncertain_micros),
                func.count(JobRow.estimate_micros),
                func.coalesce(func.sum(JobRow.estimate_micros), 0),
                func.coalesce(cost.filter(estimated), 0),
                func.count().filter(JobRow.calls > 0, ~estimated),
            )
            .where(*_within(since, until), *_owned(owner))
            .group_by(column)
            .order_by(*((column,) if group_by == "day" else (cost.desc(), column)))
            .limit(MAX_ROWS)
        )
        with self._database.transaction() as connection:
            return [UsageSums(row[0], *map(int, row[1:])) for row in connection.execute(query)]

    def spent(self, group: Group | None, key: str, since: datetime) -> int:
        """Returns the micro-dollars of a group's jobs, or of all, that ended since then.

        Raises ArchiveUnavailable.
        """
        own = [COLUMNS[group] == key] if group else []
        total = func.coalesce(func.sum(JobRow.cost_micros), 0)
        query = select(total).where(JobRow.completed_at >= since, *own)
        with self._database.transaction() as connection:
            return int(connection.execute(query).scalar_one())


def _owner(job: EndedJob) -> tuple[str, str]:
    return job.user_id, job.team_id


def _newest(jobs: Sequence[EndedJob]) -> dict[str, EndedJob]:
    """Returns the newest revision of each id. Raises ArchiveRefused if one has two owners."""
    newest: dict[str, EndedJob] = {}
    for job in sorted(jobs, key=lambda job: job.revision):
        if _owner(newest.get(job.id, job)) != _owner(job):
            raise _of_another(job.id)
        newest[job.id] = job
    return newest


def _require_owners(connection: Connection, jobs: Mapping[str, EndedJob]) -> None:
    """Raises ArchiveRefused if a stored job has another owner than the new one of its id."""
    stored = select(JobRow.id, JobRow.user_id, JobRow.team_id).where(JobRow.id.in_(list(jobs)))
    for row in connection.execute(stored):
        if (row.user_id, row.team_id) != _owner(jobs[row.id]):
            raise _of_another(row.id)


def _of_another(job_id: str) -> ArchiveRefused:
    return ArchiveRefused(f"Job {job_id} belongs to another owner; nothing was changed.")


def _within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return JobRow.completed_at >= since, JobRow.completed_at < until


def _owned(owner: Owned | None) -> tuple[ColumnElement[bool], ...]:
    return () if owner is None else (getattr(JobRow, owner[0]) == owner[1],)


def _row(job: EndedJob) -> dict[str, object]:
    return vars(job) | {"day": job.completed_at.astimezone(UTC).date().isoformat()}


def _check(job: EndedJob) -> None:
    check_id("id", job.id)
    check_name("status", job.status, max_length=16)
    for name in NAMES:
        value = getattr(job, name)
        check_text(name, value)
        if len(value) > MAX_NAME_LENGTH:
            raise ArchiveRefused(f"{name} must have at most {MAX_NAME_LENGTH} characters.")
    check_time("created_at", job.created_at)
    check_time("completed_at", job.completed_at)
    for name, value in vars(job).items():
        if isinstance(value, int) and not 0 <= value <= MAX_INTEGER:
            raise ArchiveRefused(f"{name} must be a number from 0 to 2^63 - 1.")
