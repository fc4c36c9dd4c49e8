"""The provider's responses at the level of sockets: what was sent, and what was not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.errors import ProviderProblem, classify
from loresmith.lore_service.providers.provider_factory import make_providers
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from tests.providers.server import config, provider_of
from tests.servers import free_port

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

REQUEST = ProviderRequest(
    "j/s/0", "m", [{"role": "user", "content": "hi"}], "x", {"type": "object"}, 9
)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

SETTINGS = {
    "api_key": "sk-secret",
    "schema_mode": "probe",
    "max_tokens_parameter": "probe",
    "read_timeout_s": 0.3,
    "connect_timeout_s": 0.3,
}

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Reads one request after another and behaves as given."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.requests: list[tuple[str, dict[str, object]]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        self.requests.append((head, json.loads(await reader.readexactly(length))))
        try:
            await self.behave(writer)
        finally:
            writer.close()


@asynccontextmanager
async def serving(behave: Behaviour) -> AsyncIterator[tuple[Server, Provider]]:
    server = Server(behave)
    async with provider_of(server.serve, **SETTINGS) as provider:
        yield server, provider


def event(content: str | None, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": reason}
    return b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n"


def sends(*parts: bytes) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return behave


async def failed_stream(
    provider: Provider,
) -> tuple[ProviderProblem, ProviderResponse]:
    response = ProviderResponse("j/s/0", "m")
    with pytest.raises(ProviderProblem) as caught:
        await provider.stream(REQUEST, response, lambda _: None)
    return caught.value, response


async def test_what_is_sent() -> None:
    """Given a request / I expect the call_id in a header, a strict schema, and a maximum."""
    async with serving(sends(HEAD, event("{}"), event(None, "stop"))) as (server, provider):
        response = ProviderResponse("j/s/0", "m")
        await provider.stream(REQUEST, response, lambda _: None)

    [(head, body)] = server.requests
    assert "x-call-id: j/s/0" in head
    assert "authorization: bearer sk-secret" in head
    assert (body["max_completion_tokens"], body["stream"]) == (9, True)
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "x", "strict": True, "schema": {"type": "object"}},
    }
    assert (response.text, response.finish_reason) == ("{}", "stop")


async def test_a_refused_connection() -> None:
    """Given a refused connection / I expect that nothing was sent."""
    provider = make_providers(config(free_port(), **SETTINGS))[""]
    try:
        problem, _ = await failed_stream(provider)
    finally:
        await provider.close()

    assert problem.sent is False
    assert classify(problem).state == "released"


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (b"HTTP/1.1 200",),
        (HEAD,),
        (HEAD, event("On")),
        (HEAD, event("On"), b"data: [DONE]\n\n"),
        (HEAD, event("On"), b"data: {not json\n\n"),
        (HEAD, event("On"), b"data: [1]\n\n"),
        (HEAD, event("On"), b'data: {"error": {"message": "overloaded", "code": "x"}}\n\n'),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n" + event("On"),),
        (b"nonsense\r\n\r\n",),
    ],
)
async def test_a_server_that_hangs_up(parts: tuple[bytes, ...]) -> None:
    """Given a connection that ends after the request left / I expect that it may be bought, and
    that it is not sent a second time.
    """
    async with serving(sends(*parts)) as (server, provider):
        problem, response = await failed_stream(provider)

    assert problem.sent
    assert classify(problem).state == "unknown"
    assert response.text == ("On" if any(b"On" in part for part in parts) else "")
    assert len(server.requests) == 1


async def test_a_silent_server() -> None:
    async def silent(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with serving(silent) as (server, provider):
        problem, _ = await failed_stream(provider)

    assert "sent nothing" in problem.message
    assert classify(problem).state == "unknown"
    assert len(server.requests) == 1


async def test_a_break_after_the_finish_reason() -> None:
    """Given a connection that breaks after finish_reason / I expect a complete response."""
    broken = (b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n", event("On"), event(None, "stop"))
    async with serving(sends(*broken)) as (_, provider):
        response = ProviderResponse("j/s/0", "m")
        await provider.stream(REQUEST, response, lambda _: None)

    assert (response.text, response.finish_reason, response.usage) == ("On", "stop", None)


@pytest.mark.parametrize(
    "status", ["307 Temporary Redirect", "429 Too Many", "500 Oops", "408 Late"]
)
async def test_nothing_is_sent_twice(status: str) -> None:
    """Given a response that an SDK would follow or retry / I expect one request all the same."""
    head = f"HTTP/1.1 {status}\r\nlocation: /v1/chat/completions\r\ncontent-length: 0\r\n\r\n"
    async with serving(sends(head.encode())) as (server, provider):
        problem, _ = await failed_stream(provider)

    assert problem.status == int(status[:3])
    assert len(server.requests) == 1


async def test_the_key_is_not_in_the_problem() -> None:
    """Given a server that repeats the key in its error / I expect it removed."""
    body = b'{"error": {"message": "bad key sk-secret", "code": "invalid_api_key"}}'
    head = (
        f"HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    async with serving(sends(head.encode() + body)) as (_, provider):
        problem, _ = await failed_stream(provider)

    assert "bad key" in problem.message
    assert "sk-secret" not in problem.message
    assert problem.code == "invalid_api_key"


async def test_cancelling_closes_the_connection() -> None:
    """Given text that is arriving / when it is cancelled / I expect the server to see it."""
    missing = asyncio.Event()

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + event("On"))
        try:
            while True:
                writer.write(event("and"))
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            missing.set()

    async with serving(endless) as (_, provider):
        came = asyncio.Event()
        asking = asyncio.create_task(
            provider.stream(REQUEST, ProviderResponse("j/s/0", "m"), lambda _: came.set())
        )
        await came.wait()
        asking.cancel()
        await asyncio.wait_for(missing.wait(), 5)
        with pytest.raises(asyncio.CancelledError):
            await asking
