"""Server-sent events as OpenAI sends them: a response that lasts until its parts end."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import ExitStack, aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from loresmith.api.events.sse import HEADERS

KEEP_ALIVE = b": keep-alive\n\n"


class OpenAIStream(Response):
    """Sends parts. `resources` are closed at the end, `delivered` is awaited once all are sent."""

    def __init__(
        self,
        parts: AsyncGenerator[bytes, None],
        resources: ExitStack,
        delivered: Callable[[], Awaitable[None]],
        headers: dict[str, str],
    ) -> None:
        super().__init__(headers=HEADERS | headers)
        del self.headers["content-length"]
        self._parts = parts
        self._stack = resources
        self._delivered = delivered

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._stack:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            sending = asyncio.create_task(self._send(send))
            leaving = asyncio.create_task(disconnected(receive))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
                is_complete = sending.done() and not leaving.done()
            finally:
                for task in (sending, leaving):
                    task.cancel()
                results = await asyncio.gather(sending, leaving, return_exceptions=True)
            if isinstance(results[0], Exception):
                raise results[0]
            if is_complete:
                await send({"type": "http.response.body", "body": b""})
                await self._delivered()

    async def _send(self, send: Send) -> None:
        async with aclosing(self._parts) as parts:
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})


async def disconnected(receive: Receive) -> None:
    """Returns when the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
