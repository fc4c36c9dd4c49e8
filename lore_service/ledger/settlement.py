"""Writes settlements into the ledger, or into the journal while Redis is away."""

import asyncio

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.lore_service.ledger.journal import Journal
from loresmith.lore_service.ledger.ledger import Ledger, LedgerUnavailable, RowRefused, Settlement

log = get_logger(__name__)

LEDGER_TIMEOUT_S = 2.0
"""A settlement that the ledger has not taken by then goes to the journal."""
MAX_FLUSHED_AT_ONCE = 100


class CallSettlement:
    """Settles calls: once `settle` returns, the settlement survives this process."""

    def __init__(self, ledger: Ledger, journal: Journal) -> None:
        self._ledger = ledger
        self._journal = journal

    async def settle(self, settlement: Settlement) -> None:
        """Writes a settlement. Never raises."""
        settlement = settlement.as_text()
        writing = asyncio.create_task(self._ledger.settle(settlement))
        done, _ = await asyncio.wait({writing}, timeout=LEDGER_TIMEOUT_S)
        if done and writing.exception() is None:
            return
        writing.add_done_callback(_ignore_error)
        await self._journal.add(settlement)

    async def settle_waiting(self, call_id: str) -> None:
        """Writes what waits in the journal about a call, which would seem to be in flight without
        it. Raises LedgerUnavailable.
        """
        for settlement in [each for each in self._journal.waiting if each.call_id == call_id]:
            await self._ledger.settle(settlement)

    async def note_response_id(self, call_id: str, fencing_token: str, response_id: str) -> None:
        """Stores a response id. Never raises: the id matters only if this process dies."""
        try:
            async with asyncio.timeout(LEDGER_TIMEOUT_S):
                await self._ledger.note_response_id(call_id, fencing_token, response_id)
        except (LedgerUnavailable, TimeoutError) as error:
            log.warning("a response id was not stored", call_id=call_id, error=safe(error))

    async def flush(self) -> None:
        """Moves the journal into the ledger. Raises LedgerUnavailable unless all of it moved.

        Settlements that the ledger refuses for what they are do not wait for ever.
        """
        waiting = list(self._journal.waiting)
        for start in range(0, len(waiting), MAX_FLUSHED_AT_ONCE):
            page = waiting[start : start + MAX_FLUSHED_AT_ONCE]
            results = await asyncio.gather(*map(self._ledger.settle, page), return_exceptions=True)
            settled = [
                settlement
                for settlement, result in zip(page, results, strict=True)
                if isinstance(result, str)
            ]
            self._journal.remove(settled)
            for settlement, result in zip(page, results, strict=True):
                if isinstance(result, Exception) and not _may_pass(result):
                    self._journal.set_aside(settlement, str(result))
            log.info("settlements moved from the journal to the ledger", count=len(settled))
            if not settled:
                break
        if self._journal.waiting:
            raise LedgerUnavailable("some settlements stay in the journal")


def _may_pass(error: Exception) -> bool:
    return isinstance(error, LedgerUnavailable) and not isinstance(error, RowRefused)


def _ignore_error(writing: "asyncio.Task[str]") -> None:
    """Reads the error of a write whose settlement is in the journal, so that asyncio is silent."""
    if not writing.cancelled():
        writing.exception()
