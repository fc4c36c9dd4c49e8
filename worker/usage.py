"""What a job's model calls used, summed over all its attempts."""

from dataclasses import dataclass
from typing import Self

from pydantic_core import from_json

from jobs.job import Record, json_text


@dataclass(frozen=True)
class Usage:
    """Tokens, and how many calls they were spent in."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    """A part of the output."""
    calls: int = 0
    """Requests to a model: one that was repaired counts twice."""
    cache_hits: int = 0
    """Answers that were kept from an identical request; nothing was spent for them."""

    @classmethod
    def of(cls, record: Record) -> Self:
        """What the attempts before this one used."""
        known = from_json(record.get("usage") or "{}")
        return cls(**{name: int(known.get(name, 0)) for name in cls.__dataclass_fields__})

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            self.calls + other.calls,
            self.cache_hits + other.cache_hits,
        )

    def as_json(self) -> str:
        """The `usage` of the record."""
        return json_text(vars(self))
