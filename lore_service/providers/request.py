"""One request to a provider, whatever its form."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from loresmith.jobs.core.messages import Message
from loresmith.jobs.core.placeholders import Placeholders
from loresmith.jobs.core.settings.providers import qualified
from loresmith.jobs.costs import tokens
from loresmith.jobs.costs.request_fingerprint import fingerprint


@dataclass(frozen=True)
class ProviderRequest:
    """One request to the provider."""

    call_id: str
    model: str
    """The name that the server knows."""
    messages: list[Message]
    schema_name: str
    """Letters, digits, _ and - only."""
    schema: dict[str, Any] | None
    """The JSON Schema that the answer must fit; None for any text."""
    max_output_tokens: int
    finished_items: tuple[str, ...] = ()
    """Items of an earlier attempt as JSON texts; the request asks for the others."""
    provider: str = ""
    """The name of the provider; empty for that of the environment."""
    is_strict: bool = True
    """Whether the schema is one that providers can hold an answer to."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Further fields of the body: temperature, tools, stop ..."""
    placeholders: Placeholders = field(default_factory=Placeholders, compare=False)
    """What the messages withhold; restores the response."""

    @property
    def full_model(self) -> str:
        """The name that jobs, budgets and prices know."""
        return qualified(self.provider, self.model)

    @cached_property
    def expected_tokens(self) -> int:
        """What the request counts for a rate limit: its input, and its maximum output."""
        read = tokens.rough_count(self.messages, self.schema, self.parameters)
        return read + self.max_output_tokens

    @property
    def has_tools(self) -> bool:
        """Whether the model may call functions of the client."""
        return bool(self.parameters.get("tools"))

    @cached_property
    def fingerprint(self) -> str:
        """Equal for identical requests of all jobs."""
        return fingerprint(
            self.full_model, self.messages, self.schema, self.max_output_tokens, self.parameters
        )
