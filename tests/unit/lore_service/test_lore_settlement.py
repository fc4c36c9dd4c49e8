"""A settlement is in the ledger or in the journal before the caller gets the result."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from loresmith.lore_service.ledger import settlement as module
from loresmith.lore_service.ledger.journal import Journal
from loresmith.lore_service.ledger.ledger import LedgerUnavailable, RowRefused, Settlement
from loresmith.lore_service.ledger.settlement import CallSettlement

pytestmark = pytest.mark.anyio

DONE = Settlement("j/s/0", "t", "done", {"text": "Once"})


class FakeLedger:
    """Takes settlements while it is available."""

    def __init__(self) -> None:
        self.available = True
        self.rejected_call = ""
        self.error: Exception = LedgerUnavailable("refused")
        self.may_finish: asyncio.Event | None = None
        self.settled: list[Settlement] = []

    async def settle(self, settlement: Settlement) -> str:
        if self.may_finish:
            await self.may_finish.wait()
        if not self.available or settlement.call_id == self.rejected_call:
            raise self.error
        self.settled.append(settlement)
        return "ok"


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, "me")


@pytest.fixture
def calls(ledger: Any, journal: Journal) -> CallSettlement:
    return CallSettlement(ledger, journal)


async def test_into_the_ledger(ledger: FakeLedger, journal: Journal, calls: CallSettlement) -> None:
    await calls.settle(DONE)

    assert (ledger.settled, journal.waiting) == ([DONE], [])


async def test_into_the_journal_while_redis_is_unavailable(
    ledger: FakeLedger, journal: Journal, calls: CallSettlement
) -> None:
    """Given no Redis / when a call ends / I expect its settlement in the journal, and later in the
    ledger.
    """
    ledger.available = False

    await calls.settle(DONE)
    assert journal.waiting == [DONE]
    with pytest.raises(LedgerUnavailable):
        await calls.flush()
    assert journal.waiting == [DONE]

    ledger.available = True
    await calls.flush()

    assert (ledger.settled, journal.waiting) == ([DONE], [])


async def test_a_rejected_settlement_does_not_block_others(
    ledger: FakeLedger, journal: Journal, calls: CallSettlement
) -> None:
    """Given a settlement whose row is damaged / I expect the others in the ledger."""
    damaged = Settlement("bad/s/0", "t", "done", {})
    ledger.rejected_call = damaged.call_id
    for settlement in (damaged, DONE):
        await journal.add(settlement)

    with pytest.raises(LedgerUnavailable):
        await calls.flush()

    assert (ledger.settled, journal.waiting) == ([DONE], [damaged])


@pytest.mark.parametrize("error", [RowRefused("WRONGTYPE"), ValueError("call_id"), TypeError("x")])
async def test_a_settlement_that_never_fits_is_set_aside(
    ledger: FakeLedger, journal: Journal, calls: CallSettlement, error: Exception
) -> None:
    """Given a settlement that is refused for what it is / I expect the journal empty."""
    ledger.error, ledger.rejected_call = error, DONE.call_id
    await calls.settle(DONE)

    await calls.flush()

    assert journal.waiting == []


async def test_fields_become_text(ledger: FakeLedger, calls: CallSettlement) -> None:
    """Given fields that Redis cannot store / I expect them settled as text."""
    fields: Any = {"text": "half \ud83d", "model": {"name": "x"}, "finish_reason": True}

    await calls.settle(Settlement("j/s/0", "t", "done", fields))

    [settled] = ledger.settled
    assert settled.fields == {
        "text": "half \ufffd",
        "model": "{'name': 'x'}",
        "finish_reason": "True",
    }


async def test_into_the_journal_while_redis_is_slow(
    ledger: FakeLedger,
    journal: Journal,
    calls: CallSettlement,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Given a ledger that does not reply / I expect the settlement on the disk."""
    monkeypatch.setattr(module, "LEDGER_TIMEOUT_S", 0.01)
    ledger.may_finish = asyncio.Event()

    await calls.settle(DONE)

    assert journal.waiting == [DONE]
    ledger.may_finish.set()


async def test_a_call_that_waits_in_the_journal_is_settled_before_it_is_asked_for_again(
    ledger: FakeLedger, journal: Journal, calls: CallSettlement
) -> None:
    """Given a refused call in the journal / I expect its row settled, not joined as in flight."""
    ledger.available = False
    await calls.settle(DONE)
    with pytest.raises(LedgerUnavailable):
        await calls.settle_waiting(DONE.call_id)
    ledger.available = True

    await calls.settle_waiting("j/another/0")
    assert ledger.settled == []
    await calls.settle_waiting(DONE.call_id)
    assert ledger.settled == [DONE]
    await calls.flush()
    assert journal.waiting == []
