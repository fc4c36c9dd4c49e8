"""Calls among a ledger, a provider and a settler that do what a test says."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from jobs.prices import Prices
from lore_service.ask import Ask
from lore_service.calls import Calls
from lore_service.ledger import CallName, Ending, Known, LedgerAway
from lore_service.pricing import Pricing
from lore_service.provider import Answer, Question
from lore_service.status import CallError, Failure
from lore_service.usage import Usage
from tests.unit.lore_service.test_lore_ask import FITS, request

NAME = "j1/generate/0"
REPAIR = "j1/generate~repair/0"


class FakeLedger:
    """Says 'go' unless told otherwise, and notes what it is told."""

    def __init__(self) -> None:
        self.words: list[Known | Exception] = []
        self.beats = "ok"
        self.judged: list[str] = []
        self.asked: list[str] = []
        self.away = False
        self.kept: dict[str, dict[str, str]] = {}

    def new_ticket(self) -> str:
        return f"t{len(self.asked)}"

    async def intent(
        self, name: CallName, attempt: int, ticket: str, fields: Mapping[str, str]
    ) -> Known:
        self.asked.append(str(name))
        word = self.words.pop(0) if self.words else Known("go", str(name))
        if isinstance(word, Exception):
            raise word
        return word

    async def keep_answer(self, request: str, fields: Mapping[str, str]) -> None:
        if self.away:
            raise LedgerAway("gone")
        self.kept[request] = dict(fields)

    async def beat(self, texts: Mapping[str, str]) -> dict[str, str]:
        return dict.fromkeys(texts, self.beats)

    async def cancel(self, call_id: str) -> str:
        return "absent"

    async def row(self, call_id: str) -> dict[str, str]:
        return {}

    async def judge(self, call_id: str, why: str) -> None:
        if self.away:
            raise LedgerAway("gone")
        self.judged.append(call_id)


class FakeProvider:
    """Answers with the texts it is given, one for each request."""

    def __init__(self) -> None:
        self.texts: list[str | Exception] = []
        self.sent: list[Question] = []
        self.waiting: asyncio.Event | None = None

    async def drop(self, answer: Answer) -> None:
        """Goes on with nothing."""

    async def ask(self, question: Question, answer: Answer, arrived: Callable[[str], None]) -> None:
        self.sent.append(question)
        text = self.texts.pop(0) if self.texts else FITS
        if isinstance(text, Exception):
            raise text
        answer.parts.append(text)
        arrived(text)
        if self.waiting:
            await self.waiting.wait()
        answer.usage, answer.finish_reason = Usage(1, 2), "stop"


class FakeSettler:
    def __init__(self) -> None:
        self.endings: list[Ending] = []

    async def settle(self, ending: Ending) -> None:
        self.endings.append(ending)

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(ending.call_id, ending.state) for ending in self.endings]


class Desk:
    """Calls among fakes."""

    def __init__(self) -> None:
        self.ledger: Any = FakeLedger()
        self.provider: Any = FakeProvider()
        self.settler: Any = FakeSettler()
        self.calls = Calls(
            self.ledger, self.settler, self.provider, Pricing(Prices({})), call_timeout_s=5
        )

    async def ask(self, **told: Any) -> Any:
        call, _ = await self.calls.join(Ask.of(request(**told), "m"))
        return await asyncio.shield(call.task)

    async def failure(self, **told: Any) -> Failure:
        with pytest.raises(CallError) as caught:
            await self.ask(**told)
        return caught.value.failure
