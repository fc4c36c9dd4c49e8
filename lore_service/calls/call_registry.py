"""The calls in flight of this process."""

import asyncio
from typing import Any

from loresmith.jobs.core.logs import get_logger, safe
from loresmith.lore_service.calls.call_outcome import StopReason
from loresmith.lore_service.calls.call_request import CallRequest
from loresmith.lore_service.calls.model_call import STOPPING, ModelCall
from loresmith.lore_service.calls.provider_call import CallServices, ProviderCall
from loresmith.lore_service.ledger.ledger import CallId, LedgerUnavailable, Settlement
from loresmith.lore_service.providers.errors import CallError, unknown
from loresmith.lore_service.providers.response import ProviderResponse

log = get_logger(__name__)

STOP_TIMEOUT_S = 3.0
"""How long a stopped call may take to be settled."""
CALLER_MARGIN_S = 10.0
"""How much longer than its job's time a worker waits for the end of a call, to see how it ended."""
MIN_LOG_INTERVAL_S, LIVE_LOG_INTERVAL_S, MAX_MESSAGES_PER_S = 0.25, 0.03, 1_000
"""Text is sent every 0.25 s, or less often when many calls run. Workers publish at 2 Hz, so a
higher rate is wasted, except for a person who reads it as it is written."""


class CallRegistry:
    """Starts each call once, however many callers ask for it."""

    def __init__(self, services: CallServices, call_timeout_s: float) -> None:
        self._services = services
        self._call_timeout_s = call_timeout_s
        self._running: dict[str, ModelCall] = {}
        self._resumed: dict[asyncio.Task[ProviderResponse], ProviderCall] = {}
        """Calls of dead lore_services, followed by their response ids."""
        self._draining = False

    async def attach_or_start(
        self, request: CallRequest, caller_waits_s: float = 0.0
    ) -> tuple[ModelCall, bool]:
        """Returns the requested call, and whether it has just been started. Raises CallError.

        A job may have more time than its type usually gets: the call then has it, too.
        """
        key = str(request.call_id)
        while (call := self._running.get(key)) is not None:
            await call.admitted.wait()
            if not call.rejected:
                return call, False
            # The ledger rejected another caller, not necessarily this one.
            await asyncio.wait([call.task])
        if self._draining:
            raise CallError(STOPPING)
        longest_s = max(request.time_limit_s, caller_waits_s - CALLER_MARGIN_S)
        timeout_s = min(self._call_timeout_s, longest_s)
        least = LIVE_LOG_INTERVAL_S if request.is_live else MIN_LOG_INTERVAL_S
        call = ModelCall(
            self._services,
            request,
            timeout_s,
            lambda: least + len(self._running) / MAX_MESSAGES_PER_S,
        )
        self._running[key] = call
        call.task.add_done_callback(lambda _: self._ended(key, call))
        return call, True

    async def cancel(self, call_id: CallId) -> str:
        """Stops a call of any lore_service; returns its state. Raises LedgerUnavailable."""
        call = self._running.get(str(call_id))
        try:
            for each in (call_id, call_id.repair()):
                await self._services.ledger.cancel(str(each))
        except LedgerUnavailable:
            if call is None:
                raise
        if call:
            call.stop(StopReason.CANCEL)
            await asyncio.wait([call.task], timeout=STOP_TIMEOUT_S)
        return (await self.lookup(call_id)).get("state", "absent")

    async def lookup(self, call_id: CallId) -> dict[str, str]:
        """Reads the ledger row of a call, with its latest text. Raises LedgerUnavailable."""
        row = await self._services.ledger.row(str(call_id))
        if call := self.in_flight().get(str(call_id)):
            row["text"] = call.response.text
        return row

    def in_flight(self) -> dict[str, ProviderCall]:
        """Returns the requests whose leases must be renewed, by call_id."""
        sent = (call.provider_call for call in self._running.values())
        calls = [call for call in sent if call and call.in_flight]
        return {call.request.call_id: call for call in [*calls, *self._resumed.values()]}

    async def resume(self, call_id: str) -> None:
        """Follows an orphaned call by its response id, or settles it as unknown.

        Raises LedgerUnavailable.
        """
        services = self._services
        row = await services.ledger.row(call_id)
        provider = services.providers.get(row.get("provider", ""))
        if provider is None or not provider.can_resume:
            fields = {"error": unknown().as_json()}
            await services.ledger.settle(
                Settlement(call_id, row.get("fencing_token", ""), "unknown", fields)
            )
        elif call_id not in self.in_flight():
            call = ProviderCall.resumed(services, call_id, row, self._call_timeout_s)
            task = asyncio.create_task(call.run())
            self._resumed[task] = call
            task.add_done_callback(self._resumed_ended)

    def abort_all(self) -> None:
        """Stops all calls."""
        calls: list[ModelCall | ProviderCall] = [*self._running.values(), *self._resumed.values()]
        for call in calls:
            call.stop(StopReason.SHUTDOWN)

    async def drain(self, grace_s: float) -> None:
        """Starts no more requests, lets the running ones end, and aborts the rest as unknown."""
        self._draining = True
        for call in self._running.values():
            call.drain()
        await self._wait(grace_s)
        self.abort_all()
        await self._wait(STOP_TIMEOUT_S)
        for call in self._running.values():
            call.task.cancel()
        await self._wait(STOP_TIMEOUT_S)

    async def _wait(self, seconds: float) -> None:
        running: list[asyncio.Task[Any]] = [call.task for call in self._running.values()]
        if tasks := [*running, *self._resumed]:
            await asyncio.wait(tasks, timeout=seconds)

    def _ended(self, call_id: str, call: ModelCall) -> None:
        del self._running[call_id]
        _log_error(call_id, call.task)

    def _resumed_ended(self, task: asyncio.Task[ProviderResponse]) -> None:
        _log_error(self._resumed.pop(task).request.call_id, task)


def _log_error(call_id: str, task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        code = error.failure.code if isinstance(error, CallError) else ""
        log.warning("a call failed", call_id=call_id, code=code, error=safe(error))
