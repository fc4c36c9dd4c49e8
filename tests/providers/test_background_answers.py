"""Background responses from odd servers, through the openai SDK over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from loresmith.lore_service.providers.errors import ProviderProblem, classify
from loresmith.lore_service.providers.provider_factory import make_providers
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.providers.usage import ProviderUsage
from tests.providers.answer import GOOD, event
from tests.providers.server import config

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

REQUEST = ProviderRequest("j/s/0", "m", [{"role": "user", "content": "hi"}], "x", {}, 9)
USAGE = {"input_tokens": 1000, "output_tokens": 200}
Reply = tuple[int, bytes]


def stored(status: Any = "completed", text: Any = GOOD, **fields: Any) -> dict[str, Any]:
    part = {"type": "output_text", "text": text}
    output = [{"type": "message", "content": [part]}]
    return {"id": "resp_1", "status": status, "output": output, "usage": USAGE, **fields}


def delta(text: str, number: Any) -> bytes:
    return event({"type": "response.output_text.delta", "delta": text, "sequence_number": number})


CREATED = event(
    {"type": "response.created", "sequence_number": 0, "response": stored("queued", "")}
)
ENDED = event({"type": "response.completed", "sequence_number": 9, "response": stored()})
DONE = (200, json.dumps(stored()).encode())
OPEN = (200, json.dumps(stored("in_progress", "")).encode())
STREAM = CREATED + delta(GOOD[:20], 1) + delta(GOOD[20:], 2) + ENDED
HALF = CREATED + delta(GOOD[:20], 1)


class Server:
    """Answers creates, follows and looks, each with its replies in order; the last one repeats."""

    def __init__(self, **replies: list[Reply]) -> None:
        self.replies = replies
        self.requests: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if "content-length: " in head.lower():
            length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
            await reader.readexactly(length)
        kind = "create" if head.startswith("POST") else "look"
        kind = "follow" if "stream=" in head else kind
        self.requests.append(kind)
        replies = self.replies[kind]
        status, body = replies.pop(0) if len(replies) > 1 else replies[0]
        start = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(start.encode() + body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def followed(**replies: list[Reply]) -> AsyncIterator[tuple[Server, ProviderResponse]]:
    server, response = Server(**replies), ProviderResponse("j/s/0", "m")
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    provider = make_providers(config(port, background=1))[""]
    try:
        await provider.stream(REQUEST, response, lambda _: None)
        yield server, response
    finally:
        await provider.close()
        listening.close()


GOING_WELL: dict[str, dict[str, list[Reply]]] = {
    "events": {"create": [(200, STREAM)]},
    "events with line ends of CRLF": {"create": [(200, STREAM.replace(b"\n", b"\r\n"))]},
    "a byte order mark": {"create": [(200, b"\xef\xbb\xbf" + STREAM)]},
    "a comment, null and a ping": {
        "create": [(200, b": x\n\ndata: null\n\ndata: {}\n\nretry: 1\n\n" + STREAM)]
    },
    "a whole response although events were asked": {"create": [DONE]},
    "a queued response although events were asked": {
        "create": [OPEN],
        "follow": [(400, b"{}")],
        "look": [OPEN, DONE],
    },
    "events that break off": {
        "create": [(200, HALF)],
        "follow": [(200, delta(GOOD[20:], 2) + ENDED)],
    },
    "events that repeat": {"create": [(200, HALF)], "follow": [(200, STREAM)]},
    "500 to the event stream": {
        "create": [(200, HALF)],
        "follow": [(500, b"x")],
        "look": [OPEN, DONE],
    },
    "an error as the event stream": {
        "create": [(200, HALF)],
        "follow": [(200, event({"type": "error", "message": "no"}))],
        "look": [DONE],
    },
    "404 to the first look": {
        "create": [(200, CREATED)],
        "follow": [(404, b"{}")],
        "look": [(404, b"{}"), DONE],
    },
    "a web page to the first look": {
        "create": [(200, CREATED)],
        "follow": [(404, b"")],
        "look": [(200, b"<html>"), DONE],
    },
    "500 to the first look": {
        "create": [(200, CREATED)],
        "follow": [(500, b"")],
        "look": [(500, b"{}"), DONE],
    },
    "no sequence numbers": {
        "create": [(200, CREATED + delta(GOOD, None) + ENDED)],
    },
    "a text that no event had": {"create": [(200, CREATED + ENDED)]},
    "another text than the events": {"create": [(200, CREATED + delta("x", 1) + ENDED)]},
}


@pytest.mark.parametrize("name", GOING_WELL)
async def test_the_whole_text_arrives(name: str) -> None:
    replies = {kind: list(each) for kind, each in GOING_WELL[name].items()}
    async with followed(**replies) as (server, response):
        assert (response.text, response.finish_reason) == (GOOD, "stop")
        assert response.usage == ProviderUsage(1000, 200)
        assert response.response_id == "resp_1"
        assert server.requests.count("create") == 1


async def test_half_an_emoji() -> None:
    """Given a pair that is cut between two events, and a lone half in the stored text / I expect
    text that can be stored.
    """
    pair = CREATED + delta("a\ud83d", 1) + delta("\ude00b", 2)
    ended = event({"type": "response.completed", "response": stored(text="a\ud83d\ude00b\ud83d")})
    async with followed(create=[(200, pair + ended)]) as (_, response):
        assert response.text == "a\U0001f600b\ufffd"


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("max_output_tokens", "length"), ("content_filter", "content_filter"), (None, "length")],
)
async def test_an_incomplete_response(reason: str | None, expected: str) -> None:
    body = stored("incomplete", "Once", incomplete_details={"reason": reason})
    async with followed(create=[(200, json.dumps(body).encode())]) as (_, response):
        assert (response.text, response.finish_reason) == ("Once", expected)


@pytest.mark.parametrize(
    ("reply", "state", "says"),
    [
        ((200, event({"error": {"message": "No such model"}})), "released", "No such model."),
        ((200, b"<html><title>Hi</title></html>"), "released", "may lack /v1"),
        ((400, b"bad field"), "released", "answered 400: bad field."),
        ((500, b"{}"), "unknown", "answered 500"),
        ((200, CREATED.replace(b"resp_1", b"")), "unknown", "no id"),
        (
            (200, json.dumps(stored("failed", error={"message": "ran out"})).encode()),
            "unknown",
            "did not finish the response: ran out.",
        ),
    ],
)
async def test_a_create_that_fails(reply: Reply, state: str, says: str) -> None:
    with pytest.raises(ProviderProblem) as caught:
        async with followed(create=[reply]):
            pass

    verdict = classify(caught.value)
    assert verdict.state == state
    assert says in verdict.failure.message
