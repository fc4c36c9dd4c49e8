"""What the models of a list answered that took no request."""

from collections.abc import Sequence
from dataclasses import replace

from loresmith.lore_service.providers.errors import CallFailure

Refusal = tuple[str, CallFailure]
"""A model, and why it took no request."""


def summed_up(refusals: Sequence[Refusal]) -> CallFailure:
    """Returns the failure of a call that no model took: that of the one that may be back first."""
    if len(refusals) == 1:
        return refusals[0][1]
    failures = [failure for _, failure in refusals]
    passing = [failure for failure in failures if failure.retryable]
    first = min(passing, key=_pause_ms) if passing else failures[0]
    reasons = " ".join(f"{model}: {failure.message}" for model, failure in refusals)
    return replace(first, message=f"No model of the list took the request. {reasons}")


def _pause_ms(failure: CallFailure) -> int:
    return failure.reopens_ms or failure.retry_after_ms
