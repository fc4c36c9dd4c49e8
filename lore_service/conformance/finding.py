"""What one check has found, and what all of them say together."""

from dataclasses import dataclass, field
from typing import Any, Literal

from loresmith.lore_service.providers.errors import ProviderProblem

Outcome = Literal["yes", "no", "ignored", "rejected", "failed", "not visible"]
MAX_DETAIL_CHARACTERS = 160


class ProviderUnusable(Exception):
    """No check can run: the server is away, or refuses the key or the model."""

    def __init__(self, message: str, *, is_unreachable: bool = False) -> None:
        super().__init__(message)
        self.is_unreachable = is_unreachable


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    `ignored`: the request was accepted, and its answer shows nothing of the parameter; `rejected`:
    refused, which costs nothing; `not visible`: this run could not see it.
    """

    check: str
    outcome: Outcome
    detail: str = ""

    @classmethod
    def of_problem(cls, check: str, problem: ProviderProblem) -> "Finding":
        """Describes a request that failed."""
        is_rejection = problem.status is not None and 400 <= problem.status < 500
        detail = problem.message
        if len(detail) > MAX_DETAIL_CHARACTERS:
            detail = detail[: MAX_DETAIL_CHARACTERS - 1] + "…"
        return cls(check, "rejected" if is_rejection else "failed", detail)


@dataclass
class Report:
    """The findings of one run."""

    provider: str
    address: str
    model: str
    findings: list[Finding] = field(default_factory=list)
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    """As the server reported them."""

    def outcome(self, check: str) -> str:
        return next((each.outcome for each in self.findings if each.check == check), "")

    @property
    def schema_modes(self) -> list[str]:
        """The modes that were honoured, the best first."""
        return self._honoured("schema: ")

    @property
    def max_tokens_parameters(self) -> list[str]:
        """The parameters that were honoured, else those that were not rejected."""
        return self._honoured("limit: ") or [
            each.check.removeprefix("limit: ")
            for each in self.findings
            if each.check.startswith("limit: ") and each.outcome in ("ignored", "not visible")
        ]

    @property
    def is_usable(self) -> bool:
        """Whether jobs can use the server: it takes a limit, and answers to a schema."""
        return bool(self.schema_modes and self.max_tokens_parameters)

    def as_json(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "base_url": self.address,
            "model": self.model,
            "usable": self.is_usable,
            "checks": {
                each.check: {"outcome": each.outcome, "detail": each.detail}
                for each in self.findings
            },
            "schema_mode": next(iter(self.schema_modes), None),
            "max_tokens_parameter": next(iter(self.max_tokens_parameters), None),
            "requests": self.requests,
            "usage": {"input_tokens": self.input_tokens, "output_tokens": self.output_tokens},
        }

    def _honoured(self, prefix: str) -> list[str]:
        return [
            each.check.removeprefix(prefix)
            for each in self.findings
            if each.check.startswith(prefix) and each.outcome == "yes"
        ]
