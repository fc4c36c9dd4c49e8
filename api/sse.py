"""Server-sent events on the wire: one answer that goes on until its updates end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.tail import Watch

HEARTBEAT_S = 15.0
GOODBYE_S = 1.0
BEGIN = b"retry: 3000\n\n"
HEARTBEAT = b": hb\n\n"
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def event(data: dict[str, Any], entry_id: str | None = None) -> bytes:
    """One unnamed event. JSON has no line breaks, so it is one line of data."""
    named = f"id: {entry_id}\n".encode() if entry_id else b""
    return named + b"data: " + to_json(data) + b"\n\n"


class EventStream(Response):
    """An answer of `events`, as long as the watch lasts. `opened` is closed after it."""

    def __init__(
        self,
        watch: Watch,
        opened: ExitStack,
        events: AsyncIterator[bytes],
    ) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]  # of the empty body; this one has no known length
        self._watch = watch
        self._opened = opened
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            if scope["method"] != "HEAD":
                await self._until_an_end(receive, send)
            await _goodbye(send)
        finally:
            self._opened.close()

    async def _until_an_end(self, receive: Receive, send: Send) -> None:
        """Of the updates, of the watch, or of the client, whichever comes first."""
        if self._watch.over:
            return
        writing = asyncio.create_task(self._write(send))
        self._watch.cutting = writing.cancel
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._watch.cutting = None
            writing.cancel()
            leaving.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)

    async def _write(self, send: Send) -> None:
        async for piece in self._events:
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _left(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _goodbye(send: Send) -> None:
    """The end of the answer; a client that does not read is not waited for."""
    try:
        async with asyncio.timeout(GOODBYE_S):
            await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        return
