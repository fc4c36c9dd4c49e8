"""One request to a provider, whatever its form."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
    messages: list[dict[str, str]]
    schema_name: str
    """Letters, digits, _ and - only."""
    schema: dict[str, Any]
    max_output_tokens: int
    finished_items: tuple[str, ...] = ()
    """Items of an earlier attempt as JSON texts; the request asks for the others."""
    provider: str = ""
    """The name of the provider; empty for that of the environment."""
    placeholders: Placeholders = field(default_factory=Placeholders, compare=False)
    """What the messages withhold; restores the response."""

    @property
    def full_model(self) -> str:
        """The name that jobs, budgets and prices know."""
        return qualified(self.provider, self.model)

    @cached_property
    def expected_tokens(self) -> int:
        """What the request counts for a rate limit: its input, and its maximum output."""
        messages = [message["content"] for message in self.messages]
        return tokens.rough_count(messages, self.schema) + self.max_output_tokens

    @cached_property
    def fingerprint(self) -> str:
        """Equal for identical requests of all jobs."""
        return fingerprint(self.full_model, self.messages, self.schema, self.max_output_tokens)
