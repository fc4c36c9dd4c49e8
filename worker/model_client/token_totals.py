"""Adds up the token usage of a job's model calls, over all its attempts."""

from dataclasses import dataclass
from typing import Self

from pydantic_core import from_json

from loresmith.jobs.core.job_record import Record, json_text


@dataclass(frozen=True)
class TokenTotals:
    """Tokens, and the number of requests that used them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    """Included in the output tokens."""
    calls: int = 0
    """Requests to a model: a call that was repaired counts twice."""
    cache_hits: int = 0
    """Cached responses, which cost nothing."""

    @classmethod
    def of(cls, record: Record) -> Self:
        """Returns the usage of the earlier attempts."""
        usage = from_json(record.get("usage") or "{}")
        return cls(**{name: int(usage.get(name, 0)) for name in cls.__dataclass_fields__})

    def __add__(self, other: "TokenTotals") -> "TokenTotals":
        return TokenTotals(*(value + getattr(other, name) for name, value in vars(self).items()))

    def as_json(self) -> str:
        """Returns the `usage` field of the record."""
        return json_text(vars(self))
