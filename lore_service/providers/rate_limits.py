"""Reads the rate limits that the headers of an answer say.

OpenAI and those after it send `x-ratelimit-limit-requests`, `-remaining-` and `-reset-`, with a
reset as 1s, 6m0s or 20ms; Anthropic sends `anthropic-ratelimit-requests-limit` and so on, with a
time.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

LimitKind = Literal["requests", "tokens"]
KINDS: tuple[LimitKind, ...] = ("requests", "tokens")
FORMS = ("x-ratelimit-{part}-{kind}", "anthropic-ratelimit-{kind}-{part}")
UNITS_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[dhms]))+")
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
OF_TOKENS = re.compile(r"\btokens?\b|\bTPM\b", re.IGNORECASE)
MAX_LIMIT = 10**12


@dataclass(frozen=True)
class RateLimit:
    """A limit, what is left of it, and the ms until it is whole again."""

    kind: LimitKind
    limit: int
    left: int
    reset_ms: int


def rate_limits(headers: Mapping[str, str]) -> list[RateLimit]:
    """Returns the limits of requests and of tokens that can be read."""
    return [limit for kind in KINDS for form in FORMS for limit in _limit(headers, form, kind)]


def limit_kind(message: str) -> LimitKind:
    """Returns which limit the message of a refusal is about: requests, unless it says tokens."""
    return "tokens" if OF_TOKENS.search(message) else "requests"


def _limit(headers: Mapping[str, str], form: str, kind: LimitKind) -> Iterator[RateLimit]:
    limit, left, reset = (
        headers.get(form.format(part=part, kind=kind), "")
        for part in ("limit", "remaining", "reset")
    )
    size, rest = _count(limit), _count(left)
    if size and rest is not None:
        yield RateLimit(kind, size, rest, _reset_ms(reset))


def _count(text: str) -> int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if 0 <= number <= MAX_LIMIT else None


def _reset_ms(text: str) -> int:
    """Reads a duration, a number of seconds or a time; 0 for anything else."""
    if DURATION.fullmatch(text):
        return math.ceil(sum(float(number) * UNITS_MS[unit] for number, unit in PART.findall(text)))
    if (seconds := _count(text)) is not None:
        return seconds * 1000
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return 0
    return max(0, math.ceil((at - datetime.now(UTC)).total_seconds() * 1000)) if at.tzinfo else 0
