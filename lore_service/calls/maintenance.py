"""Renews leases, saves partial text, flushes the journal, and recovers orphaned calls."""

import asyncio
from collections.abc import Awaitable, Callable

from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import REDIS_OUTAGE
from loresmith.lore_service.calls.call_outcome import StopReason
from loresmith.lore_service.calls.call_registry import CallRegistry
from loresmith.lore_service.calls.provider_call import CallServices
from loresmith.lore_service.ledger.ledger import LedgerUnavailable

log = get_logger(__name__)

STOP_TIMEOUT_S = 5.0


class LeaseMaintainer:
    """The background task of a lore_service."""

    def __init__(
        self,
        services: CallServices,
        calls: CallRegistry,
        heartbeat_interval_s: float,
        lease_s: float,
        on_round: Callable[[], None] = lambda: None,
        announce: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`on_round` is called at each round, whether Redis is available or not; `announce` says
        that this process lives.
        """
        self._services = services
        self._calls = calls
        self._heartbeat_interval_s = heartbeat_interval_s
        self._lease_s = lease_s
        self._on_round = on_round
        self._announce = announce
        self._task: asyncio.Task[None] | None = None
        self._error: LedgerUnavailable | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stops the task; goes on without it when it does not end in time."""
        if self._task:
            self._task.cancel()
            _, running = await asyncio.wait([self._task], timeout=STOP_TIMEOUT_S)
            if running:
                log.warning("the maintenance does not end; this process stops without it")

    async def heartbeat(self) -> None:
        """Renews the leases of the calls in flight, saves their text, and stops cancelled ones."""
        calls = self._calls.in_flight()
        texts = {call_id: call.text_if_grown() for call_id, call in calls.items()}
        for call_id, reply in (await self._services.ledger.heartbeat(texts)).items():
            if reply == "cancel":
                calls[call_id].stop(StopReason.CANCEL)

    async def recover(self) -> None:
        """Gives up or resumes the calls of dead lore_services."""
        if await self._services.ledger.server_uptime_s() <= self._lease_s:
            return  # live lore_services could not renew while the server was down
        for call_id, action in await self._services.ledger.reap():
            log.warning("the lore service of a call is gone", call_id=call_id, action=action)
            if action == "resume":
                await self._resume(call_id)

    async def _resume(self, call_id: str) -> None:
        """Resumes a call. A damaged row does not keep the others waiting."""
        try:
            await self._calls.resume(call_id)
        except LedgerUnavailable:
            raise
        except Exception:
            log.exception("a call cannot be resumed", call_id=call_id)

    async def _step(self, step: Callable[[], Awaitable[None]]) -> None:
        """Runs one step. No step waits for another to succeed."""
        try:
            await step()
        except LedgerUnavailable as error:
            self._error = error
        except Exception:
            log.exception("maintenance failed")

    async def _run(self) -> None:
        while True:
            self._on_round()
            self._error = None
            await self._step(self.heartbeat)
            await self._step(self._services.ledger.watch_epoch)
            await self._step(self._services.settlement.flush)
            await self._step(self.recover)
            if self._announce:
                await self._step(self._announce)
            self._log_availability(self._error)
            await asyncio.sleep(self._heartbeat_interval_s)

    def _log_availability(self, error: LedgerUnavailable | None) -> None:
        if error:
            REDIS_OUTAGE.failed(error)
        else:
            REDIS_OUTAGE.succeeded()
