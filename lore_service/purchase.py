"""One request to the provider, from the recorded intent to the settled end."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from jobs.crashpoints import crashpoint
from jobs.errors import TimedOut
from lore_service.ledger import Ending
from lore_service.pricing import Pricing
from lore_service.provider import Answer, Provider, Question
from lore_service.settler import Settler
from lore_service.status import (
    CallError,
    Failure,
    ProviderProblem,
    cancelled,
    unavailable,
    unknown,
    verdict,
)

log = logging.getLogger(__name__)

WORTH_KEEPING = 1.125
"""By what factor a text must have grown before the ledger is given it again: so it is written in
full a few times only, however often somebody looks."""


LEFT = "left"
"""Not settled: the provider goes on with it, and the next lore_service follows it."""


class Stop(StrEnum):
    """Why a purchase is stopped from outside."""

    CANCEL = "cancel"
    SHUTDOWN = "shutdown"


def not_begun(why: Stop) -> Failure:
    """What the asker of a call is told that was stopped before its request left."""
    if why is Stop.CANCEL:
        return cancelled(may_be_bought=False)
    return unavailable("The lore service is stopping; nothing was bought.")


@dataclass(frozen=True)
class Ended:
    """The state its row shall have, and what went wrong; nothing, when it is done."""

    state: str
    failure: Failure | None = None

    @property
    def may_be_bought(self) -> bool:
        """Whether the provider may want money for it."""
        return self.failure is None or self.failure.may_be_bought


class Purchase:
    """What is being bought under one call_id, once."""

    def __init__(
        self,
        question: Question,
        ticket: str,
        limit_s: float,
        provider: Provider,
        settler: Settler,
        pricing: Pricing,
        arrived: Callable[[str], None],
    ) -> None:
        self.question = question
        self.answer = Answer(
            question.call_id, question.model, finished=question.finished, noted=self._noted
        )
        self._ticket = ticket
        self._limit_s = limit_s
        self._provider = provider
        self._settler = settler
        self._pricing = pricing
        self._tell = arrived
        self._scope: asyncio.Timeout | None = None
        self._stop: Stop | None = None
        self._length = 0
        self._kept = 0

    async def run(self) -> Answer:
        """Sends the request. Afterwards its end is settled, whichever it is. Raises CallError."""
        ended = await self._ask()
        self.answer.usage = self._pricing.usage(self.answer, self.question.model)
        crashpoint("L5")
        if ended.state != LEFT:
            await self._settler.settle(self._ending(ended))
        crashpoint("L6")
        if failure := ended.failure:
            raise CallError(replace(failure, text=self.answer.text, usage=self.answer.usage))
        return self.answer

    def stop(self, why: Stop) -> None:
        """Closes the connection to the provider, or never opens it. What has come is kept."""
        self._stop = self._stop or why
        if self._scope:
            self._scope.reschedule(asyncio.get_running_loop().time())

    def grown_text(self) -> str:
        """The whole text when there is more of it than at the last time; else ''."""
        if self._length < max(self._kept * WORTH_KEEPING, 1):
            return ""
        self._kept = self._length
        return self.answer.text

    async def _ask(self) -> Ended:
        if self._stop:
            state = "cancelled" if self._stop is Stop.CANCEL else "released"
            return Ended(state, not_begun(self._stop))
        crashpoint("L1")
        try:
            async with asyncio.timeout(self._limit_s) as self._scope:
                await self._provider.ask(self.question, self.answer, self._arrived)
        except TimeoutError:
            return Ended("done") if self.answer.finish_reason else await self._stopped()
        except ProviderProblem as problem:
            found = verdict(problem)
            return Ended(found.state, found.failure)
        except Exception:
            log.exception("call %s", self.question.call_id)
            return Ended("unknown", unknown("A fault of the lore service; its log has the details"))
        finally:
            self._scope = None
        return Ended("done")

    def _arrived(self, text: str) -> None:
        crashpoint("L2")
        self._length += len(text)
        self._tell(text)

    async def _noted(self, response_id: str) -> None:
        """Without it the call is only followed as long as this process lives."""
        await self._settler.note(self.question.call_id, self._ticket, response_id)

    async def _stopped(self) -> Ended:
        """Cut off in the middle: by whom, or by its time limit."""
        if self._stop is Stop.SHUTDOWN and self.answer.response_id:
            return Ended(LEFT, unavailable("The lore service is stopping; the call goes on."))
        await self._provider.drop(self.answer)
        if self.answer.finish_reason:
            return Ended("done")
        if self._stop is Stop.CANCEL:
            return Ended("cancelled", cancelled(may_be_bought=True))
        if self._stop is Stop.SHUTDOWN:
            return Ended("unknown", unknown("The lore service was stopped in the middle of it"))
        late = f"The model did not finish within {self._limit_s:g} s."
        return Ended("cancelled", Failure.of(TimedOut, late, may_be_bought=True))

    def _ending(self, ended: Ended) -> Ending:
        answer = self.answer
        cost = self._pricing.cost(answer, self.question.model, bought=ended.may_be_bought)
        fields = {
            "text": answer.text,
            "usage": answer.usage.as_json() if answer.usage else "",
            "finish_reason": answer.finish_reason,
            "refusal": answer.refusal,
            "provider_id": answer.provider_id,
            "model": answer.model,
            "error": ended.failure.as_json() if ended.failure else "",
            "cost_micros": "" if cost is None else str(cost),
        }
        told = {name: value for name, value in fields.items() if value}
        return Ending(self.question.call_id, self._ticket, ended.state, told)
