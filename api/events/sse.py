"""Server-sent events: a response that lasts until its events end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from loresmith.api.events.broadcaster import Subscriber

HEARTBEAT_INTERVAL_S = 15.0
CLOSE_TIMEOUT_S = 1.0
RETRY = b"retry: 3000\n\n"
HEARTBEAT = b": hb\n\n"
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def sse_event(data: dict[str, Any], entry_id: str | None = None) -> bytes:
    """Encodes one unnamed event. JSON has no line breaks, so it is one `data` line."""
    id_line = f"id: {entry_id}\n".encode() if entry_id else b""
    return id_line + b"data: " + to_json(data) + b"\n\n"


def last_event_id(request: Request) -> str | None:
    """Returns the id of the last event that the client has."""
    event_id = request.headers.get("last-event-id") or request.query_params.get("starting_after")
    return event_id or None


class EventStream(Response):
    """Sends the backlog, then `events` while the subscription lasts; closes `resources` then."""

    def __init__(
        self,
        subscriber: Subscriber,
        resources: ExitStack,
        backlog: bytes,
        events: AsyncIterator[bytes],
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]  # that of the empty body; a stream has none
        self._subscriber = subscriber
        self._resources = resources
        self._backlog = backlog
        self._events = events
        self._is_complete = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            if scope["method"] != "HEAD":
                await self._send_until_closed(receive, send)
            await _end_response(send)
            if self._is_complete and self.background:
                await self.background()
        finally:
            self._resources.close()

    async def _send_until_closed(self, receive: Receive, send: Send) -> None:
        """Sends until the events or the credential end, the subscription closes, or the client
        disconnects.
        """
        if self._subscriber.closed:
            return
        sending = asyncio.create_task(self._send_events(send))
        self._subscriber.on_close = sending.cancel
        disconnecting = asyncio.create_task(_wait_for_disconnect(receive))
        try:
            await asyncio.wait(
                {sending, disconnecting},
                timeout=self._subscriber.seconds_left,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            self._subscriber.on_close = None
            sending.cancel()
            disconnecting.cancel()
            await asyncio.gather(sending, disconnecting, return_exceptions=True)

    async def _send_events(self, send: Send) -> None:
        await self._send_backlog(send)
        async for part in self._events:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        self._is_complete = True

    async def _send_backlog(self, send: Send) -> None:
        """Sends the backlog and frees it: it may be large, and a stream is open for minutes."""
        backlog, self._backlog = self._backlog, b""
        await send({"type": "http.response.body", "body": RETRY + backlog, "more_body": True})


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _end_response(send: Send) -> None:
    """Ends the response, without waiting for a client that does not read."""
    try:
        async with asyncio.timeout(CLOSE_TIMEOUT_S):
            await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        return
