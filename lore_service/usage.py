"""What calls used, in tokens and money."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic_core import from_json, to_json

from protos.lore.v1 import lore_pb2 as pb


@dataclass(frozen=True)
class Usage:
    """What the requests of a call used. Money in micro-dollars, None when its price is unknown."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    cost_micros: int | None = None
    requests: int = 1

    @classmethod
    def of_provider(cls, told: Mapping[str, Any]) -> Self:
        """From the `usage` of a chat completion; servers leave out what they do not know."""
        given = told.get("prompt_tokens_details") or {}
        made = told.get("completion_tokens_details") or {}
        return cls(
            input_tokens=told.get("prompt_tokens") or 0,
            output_tokens=told.get("completion_tokens") or 0,
            cached_tokens=given.get("cached_tokens") or 0,
            reasoning_tokens=made.get("reasoning_tokens") or 0,
        )

    @classmethod
    def of_response(cls, told: Mapping[str, Any]) -> Self:
        """From the `usage` of a response, which has other names for the same."""
        return cls.of_provider(
            {
                "prompt_tokens": told.get("input_tokens"),
                "completion_tokens": told.get("output_tokens"),
                "prompt_tokens_details": told.get("input_tokens_details"),
                "completion_tokens_details": told.get("output_tokens_details"),
            }
        )

    @classmethod
    def of_row(cls, row: Mapping[str, str]) -> Self | None:
        """From a row of the ledger; None when it does not say."""
        text = row.get("usage")
        return cls(**from_json(text)) if text else None

    def __add__(self, other: "Usage") -> "Usage":
        costs = (self.cost_micros, other.cost_micros)
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cached_tokens + other.cached_tokens,
            self.reasoning_tokens + other.reasoning_tokens,
            None if None in costs else sum(cost or 0 for cost in costs),
            self.requests + other.requests,
        )

    def as_json(self) -> str:
        """The `usage` of a row."""
        return to_json(vars(self)).decode()

    def as_message(self) -> pb.Usage:
        return pb.Usage(**vars(self))
