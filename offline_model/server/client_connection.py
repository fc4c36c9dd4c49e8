"""One HTTP request and its response, as raw ASGI: cheap enough for thousands at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.datastructures import Headers, QueryParams
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from loresmith.offline_model.server.errors import ApiError, BadRequest, ConnectionAborted

MAX_BODY_BYTES = 8_000_000


class ClientConnection:
    """Reads the request, sends the response and notices a disconnect."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._disconnect: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def headers(self) -> Headers:
        return Headers(scope=self._scope)

    @property
    def query(self) -> QueryParams:
        return QueryParams(self._scope["query_string"])

    @property
    def path_id(self) -> str:
        return str(self._scope["path_params"]["id"])

    async def read_body(self) -> bytes:
        """Raises ApiError if the body is too large or the client disconnects."""
        body = bytearray()
        try:
            async for chunk in Request(self._scope, self._receive).stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise ApiError(f"the body exceeds {MAX_BODY_BYTES} bytes", 413, "too_large")
        except ClientDisconnect:
            raise BadRequest("the client disconnected") from None
        return bytes(body)

    @contextmanager
    def watch_disconnect(self) -> Iterator[None]:
        """Notices a disconnect while the block runs; call it after reading the body."""
        self._disconnect = asyncio.ensure_future(_disconnected(self._receive))
        try:
            yield
        finally:
            self._disconnect.cancel()

    @property
    def is_closed(self) -> bool:
        return self._disconnect.done()

    async def stays_open(self, seconds: float | None) -> bool:
        """Waits (None: for ever); returns False as soon as the client disconnects."""
        if seconds is None or seconds > 0:
            await asyncio.wait([self._disconnect], timeout=seconds)
        return not self.is_closed

    async def send_json(self, body: Any) -> None:
        await JSONResponse(body)(self._scope, self._receive, self._send)

    async def send_truncated_json(self, body: Any) -> None:
        """Sends half of a JSON response, then raises ConnectionAborted."""
        response = JSONResponse(body)
        await self._start(response.raw_headers)
        await self.send_chunk(bytes(response.body[: len(response.body) // 2]))
        raise ConnectionAborted

    async def start_event_stream(self) -> None:
        """Sends the headers of a stream of server-sent events."""
        await self._start(
            [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache")]
        )

    async def send_chunk(self, data: bytes) -> None:
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, data: bytes = b"") -> None:
        """Sends the last chunk of the body."""
        await self._send({"type": "http.response.body", "body": data})

    async def end_broken_stream(self, fault: str) -> None:
        """Ends an event stream early, in the way of the fault: cut, badchunk or truncate."""
        if fault == "cut":
            raise ConnectionAborted
        await self.end(b"data: {not json\n\n" if fault == "badchunk" else b"")

    async def _start(self, headers: list[tuple[bytes, bytes]]) -> None:
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
