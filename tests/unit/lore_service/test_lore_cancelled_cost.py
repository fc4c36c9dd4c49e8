"""What a cancelled call costs: likely, at most, and to its budgets."""

import asyncio
from decimal import Decimal

import pytest

from loresmith.jobs.costs import tokens
from loresmith.jobs.costs.prices import ModelPrice, Prices
from loresmith.lore_service.ledger.ledger import CallId
from loresmith.lore_service.providers.pricing import Pricing
from tests.unit.lore_service.harness import CALL_ID, CallHarness

pytestmark = pytest.mark.anyio

DOLLAR_PER_MTOK = ModelPrice(input_per_mtok=Decimal(1), output_per_mtok=Decimal(10))
PARTIAL_TEXT = '{"characters": [{"name": "Ama of the Salt Road", "role": "smug'


async def cancelled(books_likely: bool) -> tuple[CallHarness, dict[str, str]]:
    """Cancels a call whose text has arrived; returns the fields that settle it."""
    prices = Prices({"default-model": DOLLAR_PER_MTOK})
    harness = CallHarness(Pricing(prices, books_likely=books_likely))
    harness.provider.texts, harness.provider.may_finish = [PARTIAL_TEXT], asyncio.Event()
    failing = asyncio.create_task(harness.failure())
    while not harness.provider.requests:
        await asyncio.sleep(0)
    await harness.calls.cancel(CallId.parse(CALL_ID))
    await failing
    (settlement,) = harness.settlement.settled
    assert settlement.state == "cancelled"
    return harness, settlement.fields


@pytest.mark.parametrize("books_likely", [False, True])
async def test_its_input_and_the_received_text_are_counted(books_likely: bool) -> None:
    """Given a cancelled call without usage / I expect its likely cost, and that to be booked only
    where the setting says so.
    """
    harness, fields = await cancelled(books_likely)

    (request,) = harness.provider.requests
    sent = tokens.of_request(request.messages, request.schema)
    likely = sent.expected + tokens.count(PARTIAL_TEXT) * 10
    assert fields["likely_micros"] == str(likely)
    assert fields.get("cost_micros") == (str(likely) if books_likely else None)


async def test_a_call_that_reports_its_usage_has_no_likely_cost() -> None:
    harness = CallHarness(Pricing(Prices({"default-model": DOLLAR_PER_MTOK})))

    await harness.generate()

    (settlement,) = harness.settlement.settled
    assert settlement.fields["cost_micros"] == "21"
    assert "likely_micros" not in settlement.fields
