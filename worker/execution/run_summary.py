"""What a run of a job leaves, whether it succeeds or not."""

from dataclasses import dataclass
from typing import Any

from loresmith.jobs.core.job_record import json_text
from loresmith.worker.model_client.token_totals import TokenTotals


@dataclass(frozen=True)
class RunSummary:
    """The usage of a run, and the partial result that a client sees when it fails."""

    usage: TokenTotals
    model: str
    """The model that answered; empty when none did."""
    asked_model: str
    """The one that was asked: of a list, the one that took the request."""
    max_output_tokens: int
    """The sum of the limits of all calls of this run."""
    is_representative: bool
    """Whether the whole job was done in this run, so that statistics may use its duration."""
    partial_result: Any = None

    @property
    def usage_fields(self) -> dict[str, Any]:
        return usage_fields(self.usage, self.model)

    @property
    def partial_fields(self) -> dict[str, Any]:
        """The fields of a job that ends without a result."""
        has_result = self.partial_result is not None
        partial_result = json_text(self.partial_result) if has_result else None
        return self.usage_fields | {"partial_result": partial_result}


def usage_fields(usage: TokenTotals, model: str) -> dict[str, Any]:
    """Returns the fields of the record that change with each call."""
    used_tokens = usage.input_tokens + usage.output_tokens
    return {"usage": usage.as_json(), "used_tokens": used_tokens, "model": model or None}
