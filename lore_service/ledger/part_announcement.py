"""Announces this lore_service and its job types to the apis."""

import time

from loresmith.jobs.store.parts import ANNOUNCE_INTERVAL_S, LivePart
from loresmith.jobs.store.pipeline import CommandRefused, PipelineBatcher, StoreUnavailable
from loresmith.jobs.types.registry import REGISTRY
from loresmith.lore_service.ledger.ledger import LedgerUnavailable


class LoreServiceAnnouncement:
    """Written by the maintenance of the leases."""

    def __init__(self, batch: PipelineBatcher, name: str) -> None:
        self._batch = batch
        self._part = LivePart("lore_service", name, REGISTRY.fingerprint)
        self._announced_at = float("-inf")

    async def announce(self) -> None:
        """Announces the lore_service when that is due. Raises LedgerUnavailable."""
        if time.monotonic() - self._announced_at < ANNOUNCE_INTERVAL_S:
            return
        script = self._part.announcement(REGISTRY.fingerprints)
        try:
            await self._batch.script(script.name, script.keys, *script.arguments)
        except (StoreUnavailable, CommandRefused) as error:
            raise LedgerUnavailable(str(error)) from error
        self._announced_at = time.monotonic()

    async def withdraw(self) -> None:
        """Says that the lore_service stops. Raises LedgerUnavailable."""
        try:
            await self._batch.execute(*self._part.withdrawal)
        except (StoreUnavailable, CommandRefused) as error:
            raise LedgerUnavailable(str(error)) from error
