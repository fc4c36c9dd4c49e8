"""A search for jobs, and the arguments of the script that runs it."""

from dataclasses import dataclass
from typing import Any

from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import ACTIVE
from loresmith.jobs.store import keys

MAX_SCANNED = 5_000
"""Ids that one request examines; it then returns what it has, and a cursor."""
MAX_MS = 2**53


@dataclass(frozen=True)
class JobQuery:
    """A validated search. Times are ms since 1970."""

    indexes: tuple[str, ...] = ()
    """Redis keys of the indexes that a job must be in."""
    statuses: tuple[str, ...] = ()
    source: str = keys.ALL
    """The sorted set to walk: all jobs by creation, or ended jobs by end, cost or duration."""
    descending: bool = True
    """The highest scores first."""
    after_ms: int = 0
    before_ms: int = MAX_MS
    search: str = ""
    cursor: tuple[str, str] = ("", "")
    """Score and id of the last job of the previous page."""
    limit: int = 50

    @property
    def by_end(self) -> bool:
        return self.source == keys.ENDED

    @property
    def countable(self) -> bool:
        """The indexes alone can count the matches."""
        return not (self.search or self.by_end or self.after_ms or self.before_ms < MAX_MS)

    def arguments(self) -> list[Any]:
        """Returns ARGV of jobs/store/lua/jobs/list.lua.

        The search ignores the case of ASCII letters only, by bytes.lower as by Lua's string.lower.
        """
        return [
            "high" if self.descending else "low",
            self.after_ms,
            self.before_ms,
            *self.cursor,
            self.limit,
            MAX_SCANNED,
            self.search.encode().lower(),
            " ".join(self.statuses),
            *self.indexes,
            *self._status_indexes(),
        ]

    def _status_indexes(self) -> list[str]:
        """Returns the index of exactly these statuses, if there is one."""
        if set(self.statuses) == ACTIVE:
            return [keys.by("active", "yes")]
        return [keys.by("status", status) for status in self.statuses if len(self.statuses) == 1]


@dataclass(frozen=True)
class JobIds:
    """A page of job ids."""

    ids: list[str]
    last: tuple[str, str]
    """Score and id of the last job; two empty texts on the last page."""


@dataclass(frozen=True)
class JobPage:
    """A page of jobs."""

    records: list[Record]
    last: tuple[str, str]
    """Score and id of the last job; two empty texts on the last page."""
