"""A search for jobs, and the arguments of the script that runs it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import ACTIVE, Status
from loresmith.jobs.store import keys

MAX_SCANNED = 5_000
"""Ids that one request examines; it then returns what it has, and a cursor."""
MAX_RUN_SCANNED = 200
"""Ids that one run of the script examines: Redis serves no one else meanwhile."""
MAX_RUN_BYTES = 256 * 1024
"""Bytes of text after which a run stops; about 4 ms."""
MAX_MS = 2**53


@dataclass(frozen=True)
class JobQuery:
    """A validated search. Times are ms since 1970."""

    indexes: tuple[str, ...] = ()
    """Redis keys of the indexes that a job must be in."""
    statuses: tuple[str, ...] = ()
    priority: str = ""
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
        unindexed = self.search or self.priority or self.by_end
        return not (unindexed or self.after_ms or self.before_ms < MAX_MS)

    def arguments(self, max_scanned: int) -> list[Any]:
        """Returns ARGV of jobs/store/lua/jobs/list.lua, for a run that examines so many ids.

        The search ignores the case of ASCII letters only, by bytes.lower as by Lua's string.lower.
        """
        return [
            "high" if self.descending else "low",
            self.after_ms,
            self.before_ms,
            *self.cursor,
            self.limit,
            max_scanned,
            MAX_RUN_BYTES,
            MAX_SCANNED,
            self.search.encode().lower(),
            " ".join(self.statuses),
            self.priority,
            *self.indexes,
            *self._status_indexes(),
        ]

    def _status_indexes(self) -> list[str]:
        """Returns the smallest index that has all jobs of these statuses, if there is one."""
        if Status.PENDING in self.statuses and set(self.statuses) <= ACTIVE:
            return [keys.by("active", "yes")]
        return [keys.by("status", status) for status in self.statuses if len(self.statuses) == 1]


@dataclass(frozen=True)
class JobIds:
    """A page of job ids."""

    ids: list[str]
    last: tuple[str, str]
    """Score and id of the last job; two empty texts on the last page."""


class JobSearch:
    """The runs of the script that find one page. Others are served between them."""

    def __init__(self, query: JobQuery) -> None:
        self._query = query
        self._ids: list[str] = []
        self._to_scan = MAX_SCANNED

    def arguments(self) -> list[Any]:
        """Returns ARGV of the next run."""
        return self._query.arguments(min(self._to_scan, MAX_RUN_SCANNED))

    def add(self, reply: Sequence[Any]) -> JobIds | None:
        """Adds the reply of a run; returns the page, or None if another run must follow."""
        score, last, scanned, *ids = reply
        self._ids += ids
        self._to_scan -= int(scanned)
        if not int(scanned) or self._to_scan <= 0:
            return JobIds(self._ids, (score, last))
        limit = self._query.limit - len(ids)
        self._query = replace(self._query, cursor=(score, last), limit=limit)
        return None


@dataclass(frozen=True)
class JobPage:
    """A page of jobs."""

    records: list[Record]
    last: tuple[str, str]
    """Score and id of the last job; two empty texts on the last page."""
