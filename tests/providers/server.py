"""A real HTTP server that plays answers, and calls that reach it through the openai SDK."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from loresmith.jobs.costs.prices import Prices
from loresmith.lore_service.calls.call_registry import CallRegistry
from loresmith.lore_service.calls.pool_queue import PoolQueues
from loresmith.lore_service.calls.provider_call import CallServices
from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.errors import CallError, CallFailure
from loresmith.lore_service.providers.pricing import Pricing
from loresmith.lore_service.providers.provider_factory import make_providers
from loresmith.lore_service.settings import LoreServiceSettings
from tests.providers.answer import Answer
from tests.unit.lore_service.harness import FakeLedger, FakePools, FakeSettlement, call_request

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
KEY = "sk-hostile-0123456789"


@dataclass
class Outcome:
    """What came of a call."""

    failure: CallFailure | None
    fields: dict[str, str]
    state: str
    requests: int


@dataclass
class AnswerServer:
    """Gives every request the same answer."""

    answer: Answer
    cut: int | None = None
    """Where the body is cut into two writes."""
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    connections: set["asyncio.Task[Any]"] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self.connections.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.connections.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        self.requests.append(json.loads(await reader.readexactly(length)))
        answer = self.answer
        headers = dict(answer.headers) | {"transfer-encoding": "chunked", "connection": "close"}
        lines = [f"HTTP/1.1 {answer.status} X", *(f"{n}: {v}" for n, v in headers.items())]
        writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        cut = len(answer.body) // 2 if self.cut is None else self.cut
        for part in (answer.body[:cut], answer.body[cut:]):
            if part:
                writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)  # the client runs in the same loop
        if answer.stays_open:
            await reader.read()  # until the client leaves
        elif not answer.breaks_off:
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    async def outcome(self, provider: Provider) -> Outcome:
        """Makes a model call that gets the answer; returns what was settled."""
        ledger: Any = FakeLedger()
        settlement: Any = FakeSettlement()
        pools: Any = FakePools()
        pricing, queues = Pricing(Prices({})), PoolQueues(pools)
        services = CallServices(ledger, settlement, {"": provider}, pricing, queues)
        calls = CallRegistry(services, call_timeout_s=10)
        self.requests.clear()
        failure = None
        try:
            call, _ = await calls.attach_or_start(call_request())
            await asyncio.shield(call.task)
        except CallError as error:
            failure = error.failure
        first = settlement.settled[0]
        return Outcome(failure, dict(first.fields), first.state, len(self.requests))


@asynccontextmanager
async def provider_of(serve: Serve, **changes: Any) -> AsyncIterator[Provider]:
    """Starts a server, and a provider that asks it; `changes` are settings of the lore_service."""
    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    provider = make_providers(config(listening.sockets[0].getsockname()[1], **changes))[""]
    try:
        yield provider
    finally:
        await provider.close()
        listening.close()


@asynccontextmanager
async def playing(answer: Answer) -> AsyncIterator[tuple[AnswerServer, Provider]]:
    """Starts a server that gives the answer, and a provider that asks it."""
    server = AnswerServer(answer)
    try:
        async with provider_of(server.serve) as provider:
            yield server, provider
    finally:
        for task in list(server.connections):
            task.cancel()


async def outcome_of(answer: Answer) -> Outcome:
    async with playing(answer) as (server, provider):
        return await server.outcome(provider)


def config(port: int, **changes: Any) -> LoreServiceSettings:
    fields = {
        "base_url": f"http://127.0.0.1:{port}/v1",
        "api_key": KEY,
        "schema_mode": "json_schema",
        "max_tokens_parameter": "max_completion_tokens",
        "read_timeout_s": 5,
        "connect_timeout_s": 5,
    }
    return LoreServiceSettings(**(fields | changes))
