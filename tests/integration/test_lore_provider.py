"""The provider's answers at the level of sockets: what was sent, and what was not."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from lore_service.config import LoreConfig
from lore_service.provider import Answer, Provider, Question
from lore_service.status import ProviderProblem, verdict
from tests.servers import free_port

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

QUESTION = Question("j/s/0", "m", [{"role": "user", "content": "hi"}], "x", {"type": "object"}, 9)
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"

Behaviour = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Reads one request after another and answers each as it is told."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.requests: list[tuple[str, dict[str, object]]] = []
        self.port = 0

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
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    provider = Provider(config(server.port))
    try:
        yield server, provider
    finally:
        await provider.close()
        listening.close()


def config(port: int) -> LoreConfig:
    return LoreConfig(
        base_url=f"http://127.0.0.1:{port}/v1",
        api_key="sk-secret",
        read_timeout_s=0.3,
        connect_timeout_s=0.3,
    )


def event(content: str | None, reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": reason}
    return b"data: " + json.dumps({"id": "c", "choices": [choice]}).encode() + b"\n\n"


def says(*parts: bytes) -> Behaviour:
    async def behave(writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()

    return behave


async def problem(provider: Provider) -> tuple[ProviderProblem, Answer]:
    answer = Answer("j/s/0", "m")
    with pytest.raises(ProviderProblem) as caught:
        await provider.ask(QUESTION, answer, lambda _: None)
    return caught.value, answer


async def test_what_is_sent() -> None:
    """Given a question / I expect the call_id in a header, the schema held to, and a bound."""
    async with serving(says(HEAD, event("{}"), event(None, "stop"))) as (server, provider):
        answer = Answer("j/s/0", "m")
        await provider.ask(QUESTION, answer, lambda _: None)

    [(head, body)] = server.requests
    assert "x-call-id: j/s/0" in head
    assert "authorization: bearer sk-secret" in head
    assert (body["max_completion_tokens"], body["stream"]) == (9, True)
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "x", "strict": True, "schema": {"type": "object"}},
    }
    assert (answer.text, answer.finish_reason) == ("{}", "stop")


async def test_nobody_there() -> None:
    """Given a refused connection / I expect it certain that nothing was sent."""
    provider = Provider(config(free_port()))
    try:
        found, _ = await problem(provider)
    finally:
        await provider.close()

    assert found.sent is False
    assert verdict(found).state == "released"


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
    async with serving(says(*parts)) as (server, provider):
        found, answer = await problem(provider)

    assert found.sent
    assert verdict(found).state == "unknown"
    assert answer.text == ("On" if any(b"On" in part for part in parts) else "")
    assert len(server.requests) == 1


async def test_silence() -> None:
    async def silent(_: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with serving(silent) as (server, provider):
        found, _ = await problem(provider)

    assert "silent" in found.message
    assert verdict(found).state == "unknown"
    assert len(server.requests) == 1


async def test_broken_after_the_last_word() -> None:
    """Given a connection that breaks after finish_reason / I expect a complete answer."""
    broken = (b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n", event("On"), event(None, "stop"))
    async with serving(says(*broken)) as (_, provider):
        answer = Answer("j/s/0", "m")
        await provider.ask(QUESTION, answer, lambda _: None)

    assert (answer.text, answer.finish_reason, answer.usage) == ("On", "stop", None)


@pytest.mark.parametrize(
    "status", ["307 Temporary Redirect", "429 Too Many", "500 Oops", "408 Late"]
)
async def test_it_is_sent_once(status: str) -> None:
    """Given an answer that an SDK would follow or retry / I expect one request all the same."""
    head = f"HTTP/1.1 {status}\r\nlocation: /v1/chat/completions\r\ncontent-length: 0\r\n\r\n"
    async with serving(says(head.encode())) as (server, provider):
        found, _ = await problem(provider)

    assert found.status == int(status[:3])
    assert len(server.requests) == 1


async def test_the_key_is_not_repeated() -> None:
    """Given a server that repeats the key in its error / I expect it not passed on."""
    body = b'{"error": {"message": "bad key sk-secret", "code": "invalid_api_key"}}'
    head = (
        f"HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    async with serving(says(head.encode() + body)) as (_, provider):
        found, _ = await problem(provider)

    assert "bad key" in found.message
    assert "sk-secret" not in found.message
    assert found.code == "invalid_api_key"


async def test_cancelling_closes_the_connection() -> None:
    """Given an answer in its middle / when it is cancelled / I expect the server to see it."""
    gone = asyncio.Event()

    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + event("On"))
        try:
            while True:
                writer.write(event("and"))
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            gone.set()

    async with serving(endless) as (_, provider):
        came = asyncio.Event()
        asking = asyncio.create_task(
            provider.ask(QUESTION, Answer("j/s/0", "m"), lambda _: came.set())
        )
        await came.wait()
        asking.cancel()
        await asyncio.wait_for(gone.wait(), 5)
        with pytest.raises(asyncio.CancelledError):
            await asking
