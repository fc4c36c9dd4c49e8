"""What the ledger's replies mean for a call that is not sent."""

from collections.abc import Mapping

from loresmith.jobs.core.placeholders import Placeholders
from loresmith.lore_service.providers.errors import (
    CallError,
    CallFailure,
    cancelled,
    fenced,
    unavailable,
    unknown,
)
from loresmith.lore_service.providers.response import ProviderResponse

EXCEEDED = {
    "calls": "The job has made as many model calls as one job may make; nothing more was bought.",
    "price": "The price of the job and that of its model call disagree: only one of them is known. "
    "Nothing was bought. Give the api and the lore_service the same LORESMITH_PRICES_FILE and "
    "LORESMITH_PROVIDERS.",
    "limit": "The next model call would make the job cost more than its maximum at submission; it "
    "was not bought.",
}
"""Why the ledger refuses to buy."""


def settled_response(
    call_id: str, row: Mapping[str, str], placeholders: Placeholders
) -> ProviderResponse:
    """Reads the response of a settled row. Raises CallError unless its state is done."""
    match row.get("state"):
        case "done":
            return ProviderResponse.of_row(call_id, row, placeholders)
        case "cancelled":
            raise CallError(CallFailure.of_row(row, cancelled(may_be_bought=True)))
        case "released":
            raise CallError(CallFailure.of_row(row, unavailable("The call was not bought.")))
        case "unknown":
            raise CallError(CallFailure.of_row(row, unknown()))
    raise CallError(fenced())  # the row has expired with its job
