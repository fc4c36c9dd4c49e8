"""The little HTTP that the endpoints for completions need, as raw ASGI: thousands run at once."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MOST_BODY = 8_000_000
"""Bytes of a request; more is a mistake."""


class BadRequest(Exception):
    """A request that cannot be followed; its text says why."""

    def __init__(
        self, message: str, status: int = 400, code: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class Broken(Exception):
    """The connection is to break without a proper end."""


def error(message: str, code: str) -> dict[str, Any]:
    """An error body as OpenAI shapes it."""
    return {"error": {"message": message, "type": code, "code": code, "param": None}}


async def read_body(receive: Receive) -> bytes:
    """The whole body of a request. Raises BadRequest when it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("the asker left")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MOST_BODY:
            raise BadRequest(f"the body has more than {MOST_BODY} bytes", 413, "too_large")
        if not message.get("more_body"):
            return b"".join(parts)


def headers_of(scope: Scope) -> dict[str, str]:
    """The request's headers by lower-case name."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}


class Asker:
    """Whoever waits for the answer; `gone` once the connection is closed from there."""

    def __init__(self, receive: Receive) -> None:
        self._leaving = asyncio.ensure_future(_disconnected(receive))

    @property
    def gone(self) -> bool:
        return self._leaving.done()

    async def waits(self, seconds: float | None) -> bool:
        """Lets the time pass (None: for ever); False as soon as the asker is gone."""
        if seconds is None or seconds > 0:
            await asyncio.wait([self._leaving], timeout=seconds)
        return not self.gone

    def dismiss(self) -> None:
        self._leaving.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def reply(
    send: Send, status: int, value: Any, headers: Mapping[str, str] | None = None
) -> None:
    """One JSON answer."""
    data = json.dumps(value, ensure_ascii=False).encode()
    size = {"content-type": "application/json", "content-length": str(len(data))}
    await start(send, status, size | dict(headers or {}))
    await send({"type": "http.response.body", "body": data})


async def reply_half(send: Send, value: Any) -> None:
    """Half of a JSON answer, then the connection breaks."""
    data = json.dumps(value, ensure_ascii=False).encode()
    await start(send, 200, {"content-type": "application/json", "content-length": str(len(data))})
    await piece(send, data[: len(data) // 2])
    raise Broken


async def start_stream(send: Send) -> None:
    """The head of a stream of server-sent events."""
    await start(send, 200, {"content-type": "text/event-stream", "cache-control": "no-cache"})


async def start(send: Send, status: int, headers: Mapping[str, str]) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})


async def piece(send: Send, data: bytes) -> None:
    """Some of the body; more follows."""
    await send({"type": "http.response.body", "body": data, "more_body": True})


async def end(send: Send, data: bytes = b"") -> None:
    """The last of the body."""
    await send({"type": "http.response.body", "body": data})
