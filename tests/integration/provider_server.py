"""A chat completions server that knows only some parameters, over real sockets."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from anyio.from_thread import start_blocking_portal

Reject = Callable[[Mapping[str, Any]], tuple[int, str] | None]
"""Returns status and message of a body that the server rejects."""


@dataclass
class ReceivedRequest:
    """What the server has read."""

    target: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass
class ProviderServer:
    """Answers what it does not reject with `text`, as a tool call where a tool is asked for."""

    reject: Reject = lambda _: None
    text: str = "{}"
    plain_text: str = ""
    """The answer to requests that enforce no schema; empty: `text`."""
    knows: tuple[str, ...] = ("response_format", "tools", "guided_json")
    """Parameters that make the answer JSON; others are ignored."""
    piece_length: int = 10_000
    """Characters of a piece of an answer that is no tool call."""
    port: int = 0
    requests: list[ReceivedRequest] = field(default_factory=list)

    @property
    def billed(self) -> list[ReceivedRequest]:
        """The requests that were answered."""
        return [each for each in self.requests if self.reject(each.body) is None]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await _head(reader):
                first, *lines = head.split("\r\n")
                headers = {
                    name.lower(): value
                    for name, _, value in (line.partition(": ") for line in lines)
                }
                length = int(headers.get("content-length", 0))
                body = json.loads(await reader.readexactly(length) or "{}")
                self.requests.append(ReceivedRequest(first.split(" ")[1], headers, body))
                await self._answer(body, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _answer(self, body: Mapping[str, Any], writer: asyncio.StreamWriter) -> None:
        if rejection := self.reject(body):
            status, message = rejection
            payload, kind = json.dumps({"error": {"message": message}}), "application/json"
        else:
            stream = self._background(body) if "input" in body else self._stream(body)
            status, payload, kind = 200, stream, "text/event-stream"
        head = (
            f"HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {len(payload)}\r\n\r\n"
        )
        writer.write(f"{head}{payload}".encode())
        await writer.drain()

    def _background(self, body: Mapping[str, Any]) -> str:
        """Returns the events of a background response."""
        content = [{"type": "output_text", "text": self.text}]
        response = {
            "id": "resp_1",
            "model": body["model"],
            "status": "completed",
            "output": [{"type": "message", "content": content}],
            "usage": {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12},
        }
        events = [
            {"type": "response.created", "response": {"id": "resp_1", "status": "queued"}},
            {"type": "response.output_text.delta", "delta": self.text},
            {"type": "response.completed", "response": response},
        ]
        numbered = [event | {"sequence_number": number} for number, event in enumerate(events)]
        return "".join(f"data: {json.dumps(event)}\n\n" for event in numbered)

    def _stream(self, body: Mapping[str, Any]) -> str:
        enforced = any(name in body for name in self.knows)
        text = self.text if enforced else self.plain_text or self.text
        size, reason = self.piece_length, "stop"
        deltas: list[dict[str, Any]] = [
            {"content": text[start : start + size]} for start in range(0, len(text), size)
        ]
        if "tools" in body and "tools" in self.knows:
            name = body["tools"][0]["function"]["name"]
            reason = "tool_calls"
            deltas = [{"tool_calls": [{"index": 0, "function": {"name": name, "arguments": text}}]}]
        usage = {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12}
        chunks = [
            *(
                {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
                for delta in deltas
            ),
            {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]},
            {"choices": [], "usage": usage},
        ]
        data = [json.dumps({"id": "c", "model": body.get("model", "")} | chunk) for chunk in chunks]
        return "".join(f"data: {each}\n\n" for each in [*data, "[DONE]"])


@asynccontextmanager
async def serving(
    server: ProviderServer, tls: ssl.SSLContext | None = None
) -> AsyncIterator[ProviderServer]:
    """Runs a server on a free port for an async with block."""
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


@contextmanager
def running(server: ProviderServer, tls: ssl.SSLContext | None = None) -> Iterator[ProviderServer]:
    """Runs a server in a thread of its own for a with block."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(serving(server, tls)),
    ):
        yield server


async def _head(reader: asyncio.StreamReader) -> str:
    """Reads the head of a request; empty at the end of the connection."""
    try:
        return (await reader.readuntil(b"\r\n\r\n")).decode().rstrip("\r\n")
    except asyncio.IncompleteReadError:
        return ""
