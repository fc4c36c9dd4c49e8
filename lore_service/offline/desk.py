"""The desk both interfaces share: a question comes in, is counted, and is refused or accepted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lore_service.offline.answer import Answer, compose, piece_count, tokens
from lore_service.offline.asgi import (
    BadRequest,
    Receive,
    Scope,
    Send,
    error,
    headers_of,
    read_body,
    reply,
)
from lore_service.offline.billing import Billing
from lore_service.offline.faults import Faults
from lore_service.offline.question import Question

Reader = Callable[[bytes, Mapping[str, str]], Question]
BREAKS_OFF = ("cut", "truncate", "badchunk")
SLOW = 10
"""How many times slower the fault of that name makes an answer."""
DELIVERED, LEFT, FAILED, BROKEN, CANCELLED = "delivered", "left", "failed", "broken", "cancelled"
"""How work ends: told in full, the asker gone, an error in its place, a fault, taken back."""


@dataclass(frozen=True)
class Order:
    """A question that was accepted, and all that is known about its answer."""

    question: Question
    answer: Answer
    fault: str
    seconds: float
    """How long the whole answer takes."""
    pieces: list[str]

    @property
    def told(self) -> int:
        """How many pieces are told: half of them before a fault breaks off the stream."""
        whole = len(self.pieces)
        return (whole + 1) // 2 if self.fault in BREAKS_OFF else whole

    @property
    def pause(self) -> float:
        """Seconds before each piece."""
        return self.seconds / max(1, len(self.pieces))


class Desk:
    """Counts, refuses, accepts and settles."""

    def __init__(
        self, billing: Billing, faults: Faults, seconds: float, chunks: int | None = None
    ) -> None:
        self._billing, self._faults = billing, faults
        self._seconds, self._chunks = seconds, chunks

    async def admit(self, read: Reader, scope: Scope, receive: Receive, send: Send) -> Order | None:
        """The order in a request; None when it was answered already, because there is none."""
        try:
            question = read(await read_body(receive), headers_of(scope))
            return await self._accept(question, send)
        except BadRequest as problem:
            await reply(send, problem.status, error(str(problem), problem.code))
            return None

    def settle(self, order: Order, written: str, outcome: str) -> None:
        """Books what was written of an answer in the end; a refusal counts like any text."""
        said = written or (order.answer.refusal if outcome == DELIVERED else "")
        self._billing.ended(order.question.call_id, tokens(said), outcome)

    async def _accept(self, question: Question, send: Send) -> Order | None:
        call_id = question.call_id
        self._billing.request(call_id)
        rule = self._faults.strike(question.prompt, question.model, question.fault)
        refusal = rule.refusal() if rule else None
        order = None
        if not rule or rule.is_billed:
            order = self._order(question, rule.fault if rule else "")
            self._billing.accepted(call_id, order.answer.input_tokens)
        else:
            self._billing.refused(call_id)
        if refusal is None:
            return order
        if order:
            self.settle(order, "", FAILED)
        await reply(send, refusal.status, error(refusal.message, refusal.code), refusal.headers)
        return None

    def _order(self, question: Question, fault: str) -> Order:
        seconds = self._seconds if question.seconds is None else question.seconds
        seconds *= SLOW if fault == "slow" else 1
        answer = compose(question, fault)
        pieces = answer.pieces(piece_count(seconds, self._chunks))
        return Order(question, answer, fault, seconds, pieces)
