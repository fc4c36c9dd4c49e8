"""The calls that this process has under way."""

import asyncio
import logging

from lore_service.ask import Ask
from lore_service.call import Call
from lore_service.ledger import CallName, Ledger, LedgerAway
from lore_service.provider import Provider
from lore_service.purchase import Purchase, Stop
from lore_service.settler import Settler
from lore_service.status import CallError, unavailable

log = logging.getLogger(__name__)

STOPPING_S = 3.0
"""How long a Cancel waits for the call to be settled."""
SMALLEST_PAUSE_S, CALLS_A_SECOND = 0.1, 1_000
"""Text is passed on every 0.1 s, and less often the more calls there are: at most about 1,000
messages a second leave this process."""


class Calls:
    """All calls under way, by call_id. One asker or ten, a call is obtained once."""

    def __init__(
        self, ledger: Ledger, settler: Settler, provider: Provider, call_timeout_s: float
    ) -> None:
        self.ledger = ledger
        self.settler = settler
        self.provider = provider
        self.purchases: dict[str, Purchase] = {}
        self._call_timeout_s = call_timeout_s
        self._running: dict[str, Call] = {}
        self._closing = False

    def limit_s(self, ask: Ask) -> float:
        """How long the provider may take for one request, in seconds."""
        return min(self._call_timeout_s, ask.time_limit_s)

    def pause_s(self) -> float:
        """How long text is collected before it is passed on, in seconds."""
        return SMALLEST_PAUSE_S + len(self._running) / CALLS_A_SECOND

    async def join(self, ask: Ask) -> tuple[Call, bool]:
        """The call that `ask` wants, and whether it has just been started. Raises CallError."""
        key = str(ask.name)
        while (call := self._running.get(key)) is not None:
            await call.admitted.wait()
            if not call.turned_away:
                return call, False
            # It was another asker whom the ledger turned away, not this one.
            await asyncio.wait([call.task])
        if self._closing:
            raise CallError(unavailable("The lore service is stopping; nothing was bought."))
        call = self._running[key] = Call(ask, self)
        call.task.add_done_callback(lambda _: self._ended(key, call))
        return call, True

    async def cancel(self, name: CallName) -> str:
        """Stops a call, wherever it runs; answers its state. Raises LedgerAway."""
        call = self._running.get(str(name))
        try:
            for each in (name, name.repair()):
                await self.ledger.cancel(str(each))
        except LedgerAway:
            if call is None:
                raise
        if call:
            call.stop(Stop.CANCEL)
            await asyncio.wait([call.task], timeout=STOPPING_S)
        return (await self.ledger.row(str(name))).get("state", "absent")

    def hurry(self) -> None:
        """Breaks off what runs."""
        for call in self._running.values():
            call.stop(Stop.SHUTDOWN)

    async def drain(self, grace_s: float) -> None:
        """Starts nothing more, lets what runs end for `grace_s`, and breaks off the rest: those
        calls become unknown, with the text that they have.
        """
        self._closing = True
        await self._wait(grace_s)
        self.hurry()
        await self._wait(STOPPING_S)
        for call in self._running.values():
            call.task.cancel()
        await self._wait(STOPPING_S)

    async def _wait(self, seconds: float) -> None:
        if tasks := [call.task for call in self._running.values()]:
            await asyncio.wait(tasks, timeout=seconds)

    def _ended(self, key: str, call: Call) -> None:
        del self._running[key]
        if not call.task.cancelled() and (error := call.task.exception()):
            log.warning("call %s: %s", key, error)
