"""Durations: in words, for messages that people read, and as clients and settings write them."""

import re
from typing import Any

YEAR_S = 365 * 86_400
DAY_S = 86_400
DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd])")
UNIT_S = {"s": 1, "m": 60, "h": 3_600, "d": DAY_S}
MIN_RETENTION_S = 60
MAX_RETENTION_S = 30 * DAY_S
UNITS = (("year", YEAR_S), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def in_words(seconds: float) -> str:
    """Returns the two largest units of a duration: "2 hours 5 minutes"."""
    if 0 < seconds < 1:
        return "less than a second"
    if seconds > 100 * YEAR_S:
        return "more than 100 years"
    rest = round(max(0.0, seconds))
    parts = []
    for name, size in UNITS:
        number, rest = divmod(rest, size)
        parts.append(f"{number} {name}{'' if number == 1 else 's'}" if number else "")
    first = next((i for i, part in enumerate(parts) if part), len(parts) - 1)
    return " ".join(part for part in parts[first : first + 2] if part) or "0 seconds"


def seconds(value: Any) -> Any:
    """Reads seconds from a text with a unit; a number stays as it is. Raises ValueError."""
    if isinstance(value, str) and (match := DURATION.fullmatch(value)):
        return float(match[1]) * UNIT_S[match[2]]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be seconds, or a text like 90m, 24h or 7d")
    return value


def setting_seconds(value: Any) -> Any:
    """Reads seconds of an environment variable: a number, or a text with a unit."""
    is_text = isinstance(value, str) and DURATION.fullmatch(value)
    return seconds(value) if is_text else value
