"""Why a call was stopped, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum

from loresmith.lore_service.providers.errors import CallFailure, cancelled, unavailable

DETACHED = "detached"
"""Not settled: the provider continues, and the next lore_service follows it."""


class StopReason(StrEnum):
    """Why a call is stopped."""

    CANCEL = "cancel"
    SHUTDOWN = "shutdown"


@dataclass(frozen=True)
class CallOutcome:
    """The state that the ledger row gets, and the failure, if any."""

    state: str
    failure: CallFailure | None = None

    @property
    def may_be_bought(self) -> bool:
        return self.failure is None or self.failure.may_be_bought


def stopped_before_sending(reason: StopReason) -> CallFailure:
    if reason is StopReason.CANCEL:
        return cancelled(may_be_bought=False)
    return unavailable("The lore service is stopping; nothing was bought.")
