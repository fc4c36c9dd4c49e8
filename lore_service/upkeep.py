"""What must be done again and again: leases, kept text, the journal, and the calls of the dead."""

import asyncio
import logging

from lore_service.calls import Calls
from lore_service.ledger import Ledger, LedgerAway
from lore_service.purchase import Stop
from lore_service.settler import Settler

log = logging.getLogger(__name__)


class Upkeep:
    """The background task of a lore_service: one round every beat."""

    def __init__(
        self, ledger: Ledger, settler: Settler, calls: Calls, beat_s: float, lease_s: float
    ) -> None:
        self._ledger = ledger
        self._settler = settler
        self._calls = calls
        self._beat_s = beat_s
        self._lease_s = lease_s
        self._task: asyncio.Task[None] | None = None
        self._away = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                await self.beat()
                await self.tidy()
                self._note(away=False)
            except LedgerAway as error:
                self._note(away=True, why=error)
            except Exception:
                log.exception("upkeep")
            await asyncio.sleep(self._beat_s)

    async def beat(self) -> None:
        """Renews the leases of the calls in flight, keeps their text, stops those to be stopped."""
        purchases = dict(self._calls.purchases)
        texts = {call_id: purchase.grown_text() for call_id, purchase in purchases.items()}
        for call_id, told in (await self._ledger.beat(texts)).items():
            if told == "cancel":
                purchases[call_id].stop(Stop.CANCEL)

    async def tidy(self) -> None:
        """Brings the journal to the ledger, then gives up the calls of lore_services that died."""
        await self._settler.flush()
        if await self._ledger.up_for_s() <= self._lease_s:
            return  # the server was away: live lore_services could not renew
        for call_id, what in await self._ledger.reap():
            log.warning("call %s: its lore service is gone: %s", call_id, what)
            if what == "resume":
                await self._calls.resume(call_id)

    def _note(self, *, away: bool, why: LedgerAway | None = None) -> None:
        if away != self._away:
            log.warning("Redis is away: %s", why) if away else log.warning("Redis is back")
        self._away = away
