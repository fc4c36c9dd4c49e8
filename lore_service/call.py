"""One call being obtained: bought, joined or replayed, and asked again when it does not fit."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic
from typing import Protocol

from jobs.errors import Internal, NotCached
from lore_service.ask import Ask, repairable
from lore_service.ledger import CallName, Ending, Known, Ledger, LedgerAway
from lore_service.pricing import Pricing
from lore_service.provider import Answer, Provider, Question, finished_of
from lore_service.purchase import Purchase, Stop, not_begun
from lore_service.settler import Settler
from lore_service.status import CallError, Failure, cancelled, fenced, unavailable, unknown
from lore_service.transcript import Began, Stored, Transcript
from lore_service.usage import Usage
from protos.lore.v1 import lore_pb2 as pb

log = logging.getLogger(__name__)

PATIENCE_S = 10.0
"""How long an intent waits for Redis, before anything is bought."""
FRESH_S = 1.0
"""An intent older than this is looked at again before the request leaves: a process that was paused
may have lost it, or the call may have been cancelled."""
AGAIN_S = 0.2
"""Between two tries to reach Redis."""
WATCH_S = 0.3
"""Between two looks at a call that another lore_service runs."""


class Office(Protocol):
    """What a call works with."""

    ledger: Ledger
    settler: Settler
    provider: Provider
    pricing: Pricing
    purchases: dict[str, Purchase]
    """Requests under way, by call_id; their leases are renewed."""

    def limit_s(self, ask: Ask) -> float: ...

    def pause_s(self) -> float: ...


@dataclass(frozen=True)
class Made:
    """A result that fits."""

    output_json: str
    model: str
    finish_reason: str
    usage: Usage | None
    fingerprint: str


class Call:
    """A call_id on its way to a result. A task of its own: askers come and go, it stays."""

    def __init__(self, ask: Ask, office: Office) -> None:
        self.ask = ask
        self.transcript = Transcript(office.pause_s)
        self.admitted = asyncio.Event()
        """Set once the ledger has said whether this asker may ask at all."""
        self.turned_away = False
        self._office = office
        self._stop: Stop | None = None
        self._bought = False
        self._purchase: Purchase | None = None
        self.task = asyncio.create_task(self._run())

    def stop(self, why: Stop) -> None:
        """Buys nothing more, and breaks off what is under way."""
        self._stop = self._stop or why
        if self._purchase:
            self._purchase.stop(why)

    async def _run(self) -> Made:
        try:
            return await self._obtain()
        except CallError:
            raise
        except Exception as error:
            log.exception("call %s", self.ask.name)
            raise CallError(Failure.of(Internal)) from error
        finally:
            self.admitted.set()
            self.transcript.close()

    async def _obtain(self) -> Made:
        question = self.ask.question()
        answer = await self._answer(self.ask.name, question)
        try:
            made = self._made(answer, answer.usage)
        except CallError as error:
            await self._judge(answer.call_id, error.failure)
            if not repairable(error.failure, answer):
                raise
            answer, made = await self._repaired(answer, error.failure)
        if self._bought:
            await self._keep(question, answer)
        return made

    async def _keep(self, question: Question, answer: Answer) -> None:
        try:
            await self._office.ledger.keep_answer(question.fingerprint, answer.as_kept())
        except LedgerAway:
            log.info("call %s: its answer is not kept for others", answer.call_id)

    async def _repaired(self, first: Answer, why: Failure) -> tuple[Answer, Made]:
        try:
            question = self.ask.repair(first.text, why.message)
            answer = await self._answer(self.ask.name.repair(), question)
            try:
                return answer, self._made(answer, _sum(first.usage, answer.usage))
            except CallError as error:
                await self._judge(answer.call_id, error.failure)
                raise
        except CallError as error:
            failure = error.failure
            text, usage = failure.text or first.text, _sum(first.usage, failure.usage)
            raise CallError(replace(failure, text=text, usage=usage)) from None

    async def _answer(self, name: CallName, question: Question) -> Answer:
        """The complete answer under one call_id, whoever bought it. Raises CallError."""
        ticket = self._office.ledger.new_ticket()
        asked_at, known = await self._intent(name, ticket, await self._row(question))
        self.turned_away = known.word in ("fenced", "cancel")
        self.admitted.set()
        match known:
            case Known("go", call_id):
                return await self._buy(question, ticket, asked_at)
            case Known("attach", call_id):
                return await self._watch(call_id)
            case Known("fenced"):
                raise CallError(fenced())
            case Known("cancel"):
                raise CallError(cancelled(may_be_bought=False))
            case Known("absent"):
                raise CallError(Failure.of(NotCached))
            case Known(_, call_id, row):
                return self._replay(call_id, row or {})

    async def _row(self, question: Question) -> dict[str, str]:
        """What its row says from the start."""
        most = await self._office.pricing.at_most(question)
        return self.ask.fields(question) | ({} if most is None else {"max_micros": str(most)})

    async def _intent(
        self, name: CallName, ticket: str, fields: dict[str, str]
    ) -> tuple[float, Known]:
        """What the ledger says, and when it was asked. Redis is waited for: nothing is bought."""
        patience, why = monotonic() + PATIENCE_S, ""
        while not self._stop and (not why or monotonic() < patience):
            if why:
                await asyncio.sleep(AGAIN_S)
            asked_at = monotonic()
            try:
                known = await self._office.ledger.intent(name, self.ask.attempt, ticket, fields)
                return asked_at, known
            except LedgerAway as error:
                why = str(error)
        raise await self._given_up(str(name), ticket, why)

    async def _given_up(self, call_id: str, ticket: str, why: str) -> CallError:
        """Nothing was sent. The intent may have been recorded all the same: it is taken back."""
        failure = unavailable(f"Redis cannot be reached, nothing was bought: {why}")
        if self._stop:
            failure = not_begun(self._stop)
        told = {"error": failure.as_json(), "cost_micros": "0"}
        await self._office.settler.settle(Ending(call_id, ticket, "released", told))
        return CallError(failure)

    async def _buy(self, question: Question, ticket: str, asked_at: float) -> Answer:
        office, call_id = self._office, question.call_id
        purchase = Purchase(
            question,
            ticket,
            office.limit_s(self.ask),
            office.provider,
            office.settler,
            office.pricing,
            self.transcript.add,
        )
        self._purchase = office.purchases[call_id] = purchase
        self._bought = True
        self.transcript.add(
            Began(pb.Accepted.HOW_STARTED, call_id, question.model, question.finished)
        )
        try:
            if monotonic() - asked_at > FRESH_S:
                await self._look_again(call_id, ticket)
            if self._stop:
                purchase.stop(self._stop)
            return await purchase.run()
        finally:
            self._purchase = None
            del office.purchases[call_id]

    async def _look_again(self, call_id: str, ticket: str) -> None:
        try:
            told = (await self._office.ledger.beat({call_id: ""}))[call_id]
        except LedgerAway as error:
            raise await self._given_up(call_id, ticket, str(error)) from error
        if told == "lost":
            raise CallError(unknown("The lore service was paused for too long"))
        if told == "cancel":
            self.stop(Stop.CANCEL)

    async def _watch(self, call_id: str) -> Answer:
        """Follows a call that somebody else runs until it is settled, which the reaper sees to."""
        finished = self.ask.finished
        self.transcript.add(Began(pb.Accepted.HOW_ATTACHED, call_id, self.ask.model, finished))
        seen = 0
        while True:
            try:
                row = await self._office.ledger.row(call_id)
            except LedgerAway:
                row = {"state": "intent"}
            text = row.get("text", "")
            if len(text) > seen:
                self.transcript.add(text[seen:])
                seen = len(text)
            if row.get("state") != "intent":
                return self._settled(call_id, row)
            await asyncio.sleep(WATCH_S)

    def _replay(self, call_id: str, row: Mapping[str, str]) -> Answer:
        """What was settled before. Of a call that failed, the text is told as pieces."""
        model, text = row.get("model", ""), row.get("text", "")
        how = pb.Accepted.HOW_CACHED if "cached" in row else pb.Accepted.HOW_REPLAYED
        began = Began(how, call_id, model, finished_of(row))
        self.transcript.add(began)
        self.transcript.add(Stored(text) if row.get("state") == "done" else text)
        return self._settled(call_id, row)

    def _settled(self, call_id: str, row: Mapping[str, str]) -> Answer:
        """What a settled row means. Raises CallError unless it is done."""
        match row.get("state"):
            case "done":
                return Answer.of_row(call_id, row)
            case "cancelled":
                raise CallError(Failure.of_row(row, cancelled(may_be_bought=True)))
            case "released":
                raise CallError(Failure.of_row(row, unavailable("The call was not bought.")))
            case "unknown":
                raise CallError(Failure.of_row(row, unknown()))
        raise CallError(fenced())  # the row is gone, and so is its job

    async def _judge(self, call_id: str, why: Failure) -> None:
        try:
            await self._office.ledger.judge(call_id, why.as_json())
        except LedgerAway:
            log.warning("call %s could not be judged; whoever replays it will", call_id)

    def _made(self, answer: Answer, usage: Usage | None) -> Made:
        return Made(
            output_json=self.ask.read(answer).model_dump_json(),
            model=answer.model,
            finish_reason=answer.finish_reason,
            usage=usage,
            fingerprint=self.ask.recipe.fingerprint,
        )


def _sum(first: Usage | None, second: Usage | None) -> Usage | None:
    return first + second if first and second else first or second
