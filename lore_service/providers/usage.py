"""Token usage and cost of model calls."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from pydantic_core import from_json, to_json

from loresmith.lore_service.providers.json_values import mapping, whole_number
from loresmith.protos.lore.v1 import lore_pb2 as pb

MAX_TOKENS = 10**8
"""More than any model reads or writes in one request."""


@dataclass(frozen=True)
class ProviderUsage:
    """Usage of the requests of a call. The cost is None when the price is unknown."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost_micros: int | None = None
    requests: int = 1

    @classmethod
    def of_provider(cls, usage: Any) -> Self | None:
        """Reads the `usage` of a completion or response; None unless it is coherent.

        Servers leave out what they do not count. Some count reasoning in the total only.
        """
        fields = mapping(usage)
        input_tokens = _count(fields, "prompt_tokens", "input_tokens")
        output_tokens = _count(fields, "completion_tokens", "output_tokens")
        total = _count(fields, "total_tokens")
        cached = _count(_details(fields, "prompt", "input"), "cached_tokens")
        reasoning = _count(_details(fields, "completion", "output"), "reasoning_tokens")
        counts = (input_tokens, output_tokens, total, cached, reasoning)
        if None in counts or not input_tokens or max(filter(None, counts)) > MAX_TOKENS:
            return None
        known = cls(*(count or 0 for count in (input_tokens, output_tokens, cached, reasoning)))
        return known._with_total(total or known.total_tokens)

    @classmethod
    def of_row(cls, row: Mapping[str, str]) -> Self | None:
        """Reads the usage of a ledger row; None when it has none."""
        text = row.get("usage")
        return cls(**from_json(text)) if text else None

    @property
    def total_tokens(self) -> int:
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "ProviderUsage") -> "ProviderUsage":
        costs = (self.cost_micros, other.cost_micros)
        return ProviderUsage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            None if None in costs else sum(cost or 0 for cost in costs),
            self.requests + other.requests,
        )

    def as_json(self) -> str:
        """Returns the `usage` of a ledger row."""
        return to_json(vars(self)).decode()

    def as_message(self) -> pb.Usage:
        return pb.Usage(**vars(self))

    def _with_total(self, total: int) -> Self | None:
        """Adds what only the total counts to the output; None for an incoherent usage."""
        usage = replace(self, output_tokens=total - self.input_tokens)
        if total < self.total_tokens or self.cached_tokens > self.input_tokens:
            return None
        return usage if usage.reasoning_tokens <= usage.output_tokens else None


def _details(fields: dict[str, Any], *prefixes: str) -> dict[str, Any]:
    named = (mapping(fields.get(f"{prefix}_tokens_details")) for prefix in prefixes)
    return next(filter(None, named), {})


def _count(fields: dict[str, Any], *names: str) -> int | None:
    """Returns the largest of the named counts; 0 when there is none, None for an unreadable one."""
    counts = [whole_number(value) for name in names if (value := fields.get(name)) is not None]
    known = [count for count in counts if count is not None]
    return None if len(known) < len(counts) else max(known, default=0)
