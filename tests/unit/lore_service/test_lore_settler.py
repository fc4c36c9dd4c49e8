"""An ending is in the ledger or in the journal before anyone hears of it."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lore_service import settler as module
from lore_service.journal import Journal
from lore_service.ledger import Ending, LedgerAway
from lore_service.settler import Settler

pytestmark = pytest.mark.anyio

ENDING = Ending("j/s/0", "t", "done", {"text": "Once"})


class FakeLedger:
    """Takes endings when it is there."""

    def __init__(self) -> None:
        self.there = True
        self.refused = ""
        self.slow: asyncio.Event | None = None
        self.taken: list[Ending] = []

    async def settle(self, ending: Ending) -> str:
        if self.slow:
            await self.slow.wait()
        if not self.there or ending.call_id == self.refused:
            raise LedgerAway("refused")
        self.taken.append(ending)
        return "ok"


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path, "me")


def settler(ledger: Any, journal: Journal) -> Settler:
    return Settler(ledger, journal)


async def test_the_ledger_is_there(ledger: FakeLedger, journal: Journal) -> None:
    await settler(ledger, journal).settle(ENDING)

    assert (ledger.taken, journal.waiting) == ([ENDING], [])


async def test_the_ledger_is_away(ledger: FakeLedger, journal: Journal) -> None:
    """Given no ledger / when a call ends / I expect its end in the journal, and later in both."""
    ledger.there = False
    settle = settler(ledger, journal)

    await settle.settle(ENDING)
    assert journal.waiting == [ENDING]
    with pytest.raises(LedgerAway):
        await settle.flush()
    assert journal.waiting == [ENDING]

    ledger.there = True
    await settle.flush()

    assert (ledger.taken, journal.waiting) == ([ENDING], [])


async def test_one_that_the_ledger_does_not_take(ledger: FakeLedger, journal: Journal) -> None:
    """Given a result whose row is damaged / I expect it to hold up none of the others."""
    bad = Ending("bad/s/0", "t", "done", {})
    ledger.refused = "bad/s/0"
    for ending in (bad, ENDING):
        await journal.add(ending)

    with pytest.raises(LedgerAway):
        await settler(ledger, journal).flush()

    assert (ledger.taken, journal.waiting) == ([ENDING], [bad])


async def test_the_ledger_is_slow(
    ledger: FakeLedger, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a ledger that does not answer / I expect the result on the disk, not only in memory."""
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    ledger.slow = asyncio.Event()

    await settler(ledger, journal).settle(ENDING)

    assert journal.waiting == [ENDING]
    ledger.slow.set()
