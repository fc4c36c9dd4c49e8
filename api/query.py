"""What a client wants to find, and what the list script is told of it."""

from dataclasses import dataclass
from typing import Any

from jobs import keys
from jobs.job import Record
from jobs.states import ACTIVE

MOST_LOOKED_AT = 5_000
"""Ids that one request looks at; then it answers with what it has, and a cursor."""
LAST_MS = 2**53


@dataclass(frozen=True)
class Query:
    """A checked question. Times in ms since 1970."""

    indexes: tuple[str, ...] = ()
    """Redis keys of the indexes that a job must be in."""
    statuses: tuple[str, ...] = ()
    source: str = keys.ALL
    """What is walked: all jobs by creation; or those that have ended, by end, cost or duration."""
    falling: bool = True
    """The newest, the dearest, the longest first."""
    after_ms: int = 0
    before_ms: int = LAST_MS
    words: str = ""
    cursor: tuple[str, str] = ("", "")
    """Score and id of the last one of the page before."""
    limit: int = 50

    @property
    def by_end(self) -> bool:
        return self.source == keys.ENDED

    @property
    def countable(self) -> bool:
        """Whether the indexes alone can say how many there are."""
        return not (self.words or self.by_end or self.after_ms or self.before_ms < LAST_MS)

    def arguments(self) -> list[Any]:
        """Of jobs/lua/list.lua. Jobs that have ended are scored by the end of their keeping.

        The case of ASCII letters only is passed over, by bytes.lower as by Lua's string.lower.
        """
        shift = keys.RETENTION_MS if self.by_end else 0
        return [
            "high" if self.falling else "low",
            self.after_ms + shift,
            self.before_ms,
            *self.cursor,
            self.limit,
            MOST_LOOKED_AT,
            self.words.encode().lower(),
            " ".join(self.statuses),
            *self.indexes,
            *self._of_statuses(),
        ]

    def _of_statuses(self) -> list[str]:
        """The index that has just these, if there is one."""
        if set(self.statuses) == ACTIVE:
            return [keys.by("active", "yes")]
        return [keys.by("status", status) for status in self.statuses if len(self.statuses) == 1]


@dataclass(frozen=True)
class Ids:
    """What was found, by id."""

    ids: list[str]
    last: tuple[str, str]
    """Where to go on; two empty texts when there is no more."""


@dataclass(frozen=True)
class Page:
    """What was found."""

    records: list[Record]
    last: tuple[str, str]
    """Where to go on; two empty texts when there is no more."""
