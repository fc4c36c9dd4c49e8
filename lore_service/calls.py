"""The calls that this process has under way."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from lore_service.ask import Ask
from lore_service.call import Call
from lore_service.ledger import CallName, Ending, Ledger, LedgerAway
from lore_service.pricing import Pricing
from lore_service.provider import Answer, Provider, Question
from lore_service.purchase import Purchase, Stop
from lore_service.settler import Settler
from lore_service.status import CallError, unavailable, unknown

log = logging.getLogger(__name__)

STOPPING_S = 3.0
"""How long a Cancel waits for the call to be settled."""
SMALLEST_PAUSE_S, CALLS_A_SECOND = 0.25, 1_000
"""Text is passed on every 0.25 s, and less often the more calls there are: at most about 1,000
messages a second leave this process. Workers tell it twice a second, so more were for nobody."""


class Calls:
    """All calls under way, by call_id. One asker or ten, a call is obtained once."""

    def __init__(
        self,
        ledger: Ledger,
        settler: Settler,
        provider: Provider,
        pricing: Pricing,
        call_timeout_s: float,
    ) -> None:
        self.ledger = ledger
        self.settler = settler
        self.provider = provider
        self.pricing = pricing
        self.purchases: dict[str, Purchase] = {}
        self._call_timeout_s = call_timeout_s
        self._running: dict[str, Call] = {}
        self._resumed: dict[str, asyncio.Task[Answer]] = {}
        """Calls of lore_services that died, followed by their response ids."""
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

    async def resume(self, call_id: str) -> None:
        """Follows a call of a lore_service that died, which its provider knows by an id, to its end
        and settles it; or gives it up, when this provider knows no ids. Raises LedgerAway.
        """
        row = await self.ledger.row(call_id)
        if not self.provider.resumes:
            told = {"error": unknown().as_json()}
            await self.ledger.settle(Ending(call_id, row.get("ticket", ""), "unknown", told))
        elif call_id not in self.purchases:
            self.purchases[call_id] = purchase = self._taken_over(call_id, row)
            task = asyncio.create_task(purchase.run())
            self._resumed[call_id] = task
            task.add_done_callback(lambda _: self._followed(call_id))

    def _taken_over(self, call_id: str, row: Mapping[str, str]) -> Purchase:
        question = Question(call_id, row.get("model", ""), [], "", {}, 0)
        purchase = Purchase(
            question,
            row["ticket"],
            self._call_timeout_s,
            self.provider,
            self.settler,
            self.pricing,
            _unheard,
        )
        purchase.answer.response_id = row["response_id"]
        return purchase

    def _followed(self, call_id: str) -> None:
        del self.purchases[call_id]
        task = self._resumed.pop(call_id)
        if not task.cancelled() and (error := task.exception()):
            log.warning("call %s, taken over: %s", call_id, error)

    def hurry(self) -> None:
        """Breaks off what runs."""
        for call in self._running.values():
            call.stop(Stop.SHUTDOWN)
        for call_id in self._resumed:
            self.purchases[call_id].stop(Stop.SHUTDOWN)

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
        running: list[asyncio.Task[Any]] = [call.task for call in self._running.values()]
        if tasks := [*running, *self._resumed.values()]:
            await asyncio.wait(tasks, timeout=seconds)

    def _ended(self, key: str, call: Call) -> None:
        del self._running[key]
        if not call.task.cancelled() and (error := call.task.exception()):
            log.warning("call %s: %s", key, error)


def _unheard(_: str) -> None:
    """Nobody listens to a call that was taken over; its askers read the ledger."""
