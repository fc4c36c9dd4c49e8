"""Writes how purchases ended: into the ledger, or into the journal while the ledger is away."""

import asyncio
import logging

from lore_service.journal import Journal
from lore_service.ledger import Ending, Ledger, LedgerAway

log = logging.getLogger(__name__)

PATIENCE_S = 2.0
"""A ledger slower than this is not waited for with a result in hand that is nowhere else."""
PAGE = 100
"""Endings that are brought from the journal to the ledger at once."""


class Settler:
    """Once `settle` returns, the ending survives this process."""

    def __init__(self, ledger: Ledger, journal: Journal) -> None:
        self._ledger = ledger
        self._journal = journal

    async def settle(self, ending: Ending) -> None:
        """Never raises: what the ledger does not take waits in the journal."""
        writing = asyncio.create_task(self._ledger.settle(ending))
        done, _ = await asyncio.wait({writing}, timeout=PATIENCE_S)
        if done and writing.exception() is None:
            return
        writing.add_done_callback(_seen)
        await self._journal.add(ending)

    async def note(self, call_id: str, ticket: str, response_id: str) -> None:
        """Never raises: an id that is not noted costs the call only if this process dies."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._ledger.note(call_id, ticket, response_id)
        except (LedgerAway, TimeoutError) as error:
            log.warning("call %s: its response id could not be noted: %s", call_id, error)

    async def flush(self) -> None:
        """Brings what waits in the journal to the ledger. Raises LedgerAway when some is left."""
        waiting = list(self._journal.waiting)
        for at in range(0, len(waiting), PAGE):
            page = waiting[at : at + PAGE]
            told = await asyncio.gather(*map(self._ledger.settle, page), return_exceptions=True)
            taken = [each for each, word in zip(page, told, strict=True) if isinstance(word, str)]
            self._journal.settled(taken)
            log.info("%d results from the journal are in the ledger", len(taken))
            if not taken:
                break
        if self._journal.waiting:
            raise LedgerAway("it does not take what waits in the journal")


def _seen(writing: "asyncio.Task[str]") -> None:
    """A late failure of a write that the journal has taken over is of no interest."""
    if not writing.cancelled():
        writing.exception()
