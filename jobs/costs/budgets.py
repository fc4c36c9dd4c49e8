"""Budgets: how much may be spent, by whom, in which window. Lua enforces them.

Amounts are micro-dollars. Lua computes the windows by Redis' clock
(`jobs/store/lua/lib/windows.lua`). It does not know when a time zone changes its clocks, so the
terms contain these changes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self, get_args
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from loresmith.jobs.core.job_record import json_text

Scope = Literal["global", "team", "user", "key", "type", "model"]
Window = Literal["day", "month", "total"]
Mode = Literal["hard", "soft"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
EVERYTHING = "all"
"""The id of the one global budget."""
YEARS = 10
"""Years of clock changes that are stored; after that a budget must be set again."""


@dataclass(frozen=True)
class BudgetTerms:
    """The terms of a budget."""

    limit: int
    window: Window
    mode: Mode
    soft: tuple[float, ...] = ()
    """Shares of the limit at which it warns."""
    per_job_cap: int | None = None
    """Maximum cost of one job; None: only the limit applies."""
    timezone: str = "UTC"

    def fields(self, now: datetime) -> dict[str, Any]:
        """Returns the hash in Redis. Raises ValueError for an unknown time zone."""
        return {
            "limit": self.limit,
            "window": self.window,
            "mode": self.mode,
            "soft": json_text(self.soft),
            "per_job_cap": self.per_job_cap,
            "timezone": self.timezone,
            "offsets": offsets(self.timezone, now),
            "updated_ms": int(now.timestamp() * 1000),
        }


def offsets(zone: str, now: datetime) -> str:
    """Returns a zone's offsets from UTC as 'from_ms:ahead_ms', separated by blanks.

    Raises ValueError for an unknown zone.
    """
    there = known_zone(zone)
    reply: list[str] = []
    before: timedelta | None = None
    day = now.astimezone(UTC) - timedelta(days=40)
    for moment in (day + timedelta(days=n) for n in range(366 * YEARS)):
        if (ahead := _ahead(there, moment)) != before:
            since = _change(there, moment) if reply else datetime.fromtimestamp(0, UTC)
            reply.append(f"{int(since.timestamp()) * 1000}:{int(ahead.total_seconds()) * 1000}")
        before = ahead
    return " ".join(reply)


def window_start(window: Window, zone: str, now: datetime) -> datetime:
    """Returns the start of the window that contains `now`; 1970 for a total."""
    if window == "total":
        return datetime.fromtimestamp(0, UTC)
    here = now.astimezone(known_zone(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return here.replace(day=1) if window == "month" else here


def known_zone(name: str) -> ZoneInfo:
    """Returns the zone. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"{name!r} is not a time zone; use a name like Europe/Berlin") from None


def _ahead(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, after: datetime) -> datetime:
    """Returns the second, in the day before `after`, at which its offset begins."""
    low, high = after - timedelta(days=1), after
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if _ahead(zone, middle) == _ahead(zone, after) else (middle, high)
    return high.replace(microsecond=0)


@dataclass(frozen=True)
class BudgetRefusal:
    """Why a budget rejects a job. Amounts are micro-dollars."""

    scope: str
    id: str
    reason: str
    """limit | per_job_cap"""
    limit: int
    spent: int
    reserved: int
    per_job_cap: int | None
    resets_ms: int
    """When its window ends; 0 for never."""

    @classmethod
    def read(cls, reply: Sequence[Any]) -> Self:
        """Reads a script's reply, without its first word `refused`."""
        name, reason, limit, spent, reserved, cap, resets = map(str, reply)
        scope, _, id = name.partition(":")
        amounts = (int(limit), int(spent), int(reserved))
        return cls(scope, unquote(id), reason, *amounts, int(cap) if cap else None, int(resets))
