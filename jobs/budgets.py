"""What a budget is: how much may be spent, by whom, in which window. Lua holds jobs to it.

Amounts are micro-dollars. The windows are counted in Lua (`jobs/lua/_windows.lua`), by Redis' own
clock; the one thing it cannot know is when a time zone moves its clocks, so that is told with the
terms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self, get_args
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from jobs.job import json_text

Scope = Literal["global", "team", "user", "type", "model"]
Window = Literal["day", "month", "total"]
Mode = Literal["hard", "soft"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
EVERYTHING = "all"
"""The id of the one global budget."""
YEARS = 10
"""For so long the changes of a time zone are told; then a budget must be set again."""


@dataclass(frozen=True)
class Terms:
    """The terms of a budget."""

    limit: int
    window: Window
    mode: Mode
    soft: tuple[float, ...] = ()
    """Shares of the limit from which on it warns."""
    per_job_cap: int | None = None
    """The most that one job may cost; None for no more than the limit."""
    timezone: str = "UTC"

    def fields(self, now: datetime) -> dict[str, Any]:
        """The hash as it lies in Redis. Raises ValueError for a time zone nobody knows."""
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
    """How many ms a zone is ahead of UTC, from when on: 'from_ms:ahead_ms', separated by blanks.

    Raises ValueError for a zone that is not known here.
    """
    there = known_zone(zone)
    told: list[str] = []
    before: timedelta | None = None
    day = now.astimezone(UTC) - timedelta(days=40)
    for moment in (day + timedelta(days=n) for n in range(366 * YEARS)):
        if (ahead := _ahead(there, moment)) != before:
            since = _change(there, moment) if told else datetime.fromtimestamp(0, UTC)
            told.append(f"{int(since.timestamp()) * 1000}:{int(ahead.total_seconds()) * 1000}")
        before = ahead
    return " ".join(told)


def window_start(window: Window, zone: str, now: datetime) -> datetime:
    """When the window began that `now` is in; 1970 for a total."""
    if window == "total":
        return datetime.fromtimestamp(0, UTC)
    here = now.astimezone(known_zone(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return here.replace(day=1) if window == "month" else here


def known_zone(name: str) -> ZoneInfo:
    """The zone. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"{name!r} is no time zone, for example Europe/Berlin") from None


def _ahead(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _change(zone: ZoneInfo, after: datetime) -> datetime:
    """The second in the day before `after` from which on its offset holds."""
    low, high = after - timedelta(days=1), after
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if _ahead(zone, middle) == _ahead(zone, after) else (middle, high)
    return high.replace(microsecond=0)


@dataclass(frozen=True)
class Refusal:
    """Why a budget has no room for a job. Amounts are micro-dollars."""

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
    def read(cls, told: Sequence[Any]) -> Self:
        """From the answer of a script, after its word `refused`."""
        name, reason, limit, spent, reserved, cap, resets = map(str, told)
        scope, _, id = name.partition(":")
        held = (int(limit), int(spent), int(reserved))
        return cls(scope, unquote(id), reason, *held, int(cap) if cap else None, int(resets))
