"""Model calls with a fake ledger and a fake provider."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from loresmith.jobs.core.settings.providers import ProviderTable
from loresmith.jobs.costs.prices import Prices
from loresmith.lore_service.calls.call_registry import CallRegistry
from loresmith.lore_service.calls.call_request import CallRequest
from loresmith.lore_service.calls.model_call import CallResult
from loresmith.lore_service.calls.pool_queue import PoolQueues
from loresmith.lore_service.calls.provider_call import CallServices
from loresmith.lore_service.ledger.ledger import CallId, IntentReply, LedgerUnavailable, Settlement
from loresmith.lore_service.providers.errors import CallError, CallFailure
from loresmith.lore_service.providers.pricing import Pricing
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.usage import ProviderUsage
from loresmith.protos.lore.v1 import lore_pb2 as pb

CALL_ID = "j1/generate/0"
REPAIR_ID = "j1/generate~repair/0"
CHARACTER = {
    "name": "Ada", "role": "smith", "species": "human", "age": 40, "description": "d",
    "appearance": "a", "personality": ["kind", "stern"], "backstory": "b", "motivation": "m",
    "secret": "s",
}  # fmt: skip
VALID_TEXT = json.dumps({"characters": [CHARACTER]})


def generate_request(**changes: Any) -> pb.GenerateRequest:
    """A valid request for one character."""
    fields = {
        "call_id": CALL_ID,
        "job_id": "j1",
        "attempt": 1,
        "model_call": "generate_characters",
        "input_json": '{"theme": "fantasy", "count": 1}',
    }
    return pb.GenerateRequest(**(fields | changes))


def call_request(**changes: Any) -> CallRequest:
    return CallRequest.of(
        generate_request(**changes), ProviderTable.of_server("http://h/v1", "default-model")
    )


class FakeLedger:
    """Replies 'go' to every intent, unless `replies` has others."""

    def __init__(self) -> None:
        self.replies: list[IntentReply | Exception] = []
        self.heartbeat_reply = "ok"
        self.intents: list[str] = []
        self.fields: list[Mapping[str, str]] = []
        self.unusable: list[str] = []
        self.rows: list[dict[str, str]] = []
        self.cached: dict[str, dict[str, str]] = {}
        self.unavailable = False

    def new_fencing_token(self) -> str:
        return f"t{len(self.intents)}"

    async def intent(
        self, call_id: CallId, attempt: int, fencing_token: str, fields: Mapping[str, str]
    ) -> IntentReply:
        self.intents.append(str(call_id))
        self.fields.append(fields)
        reply = self.replies.pop(0) if self.replies else IntentReply("go", str(call_id))
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def cache_response(
        self, job_id: str, fingerprint: str, fields: Mapping[str, str]
    ) -> None:
        self._check()
        self.cached[fingerprint] = dict(fields)

    async def heartbeat(self, texts: Mapping[str, str]) -> dict[str, str]:
        return dict.fromkeys(texts, self.heartbeat_reply)

    async def cancel(self, call_id: str) -> str:
        return "absent"

    async def row(self, call_id: str) -> dict[str, str]:
        return self.rows.pop(0) if self.rows else {}

    async def job_values(self, job_id: str, names: list[str]) -> list[str]:
        self._check()
        return ["anna", "sea", "key:k1"]

    async def mark_unusable(self, call_id: str, error: str) -> None:
        self._check()
        self.unusable.append(call_id)

    def _check(self) -> None:
        if self.unavailable:
            raise LedgerUnavailable("gone")


class FakeProvider:
    """Responds with `texts` in order, then with valid ones."""

    def __init__(self) -> None:
        self.texts: list[str | Exception] = []
        self.requests: list[ProviderRequest] = []
        self.piece_length = 10_000
        self.may_finish: asyncio.Event | None = None

    async def cancel(self, response: ProviderResponse) -> None:
        pass

    async def stream(
        self, request: ProviderRequest, response: ProviderResponse, on_text: Callable[[str], None]
    ) -> None:
        self.requests.append(request)
        text = self.texts.pop(0) if self.texts else VALID_TEXT
        if isinstance(text, Exception):
            raise text
        for start in range(0, len(text), self.piece_length):
            piece = text[start : start + self.piece_length]
            response.text_parts.append(piece)
            on_text(piece)
        if self.may_finish:
            await self.may_finish.wait()
        response.usage, response.finish_reason = ProviderUsage(1, 2), "stop"


class FakeSettlement:
    def __init__(self) -> None:
        self.settled: list[Settlement] = []

    async def settle_waiting(self, call_id: str) -> None:
        """Has nothing in a journal."""

    async def settle(self, settlement: Settlement) -> None:
        self.settled.append(settlement)

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(each.call_id, each.state) for each in self.settled]


class FakePools:
    """Pools without limits; remembers what is noted of them."""

    def __init__(self) -> None:
        self.refusals: list[tuple[Any, ...]] = []
        self.limits: list[tuple[Any, ...]] = []

    async def note_refusal(self, *refusal: Any) -> None:
        self.refusals.append(refusal)

    async def note_limits(self, pool: str, limits: list[tuple[str, int, int, int]]) -> None:
        self.limits += [(pool, *limit) for limit in limits]

    async def configure(self, pool: str, limits: Any) -> None:
        """Takes any."""


class CallHarness:
    """A call registry with fake services."""

    def __init__(self, pricing: Pricing | None = None) -> None:
        self.ledger: Any = FakeLedger()
        self.provider: Any = FakeProvider()
        self.settlement: Any = FakeSettlement()
        providers, pricing = {"": self.provider}, pricing or Pricing(Prices({}))
        self.pools: Any = FakePools()
        queues = PoolQueues(self.pools)
        services = CallServices(self.ledger, self.settlement, providers, pricing, queues)
        self.calls = CallRegistry(services, call_timeout_s=5)

    async def generate(self, **changes: Any) -> CallResult:
        call, _ = await self.calls.attach_or_start(call_request(**changes))
        return await asyncio.shield(call.task)

    async def failure(self, **changes: Any) -> CallFailure:
        """The failure of a call that must have one."""
        with pytest.raises(CallError) as caught:
            await self.generate(**changes)
        return caught.value.failure
