"""Responses: JSON, problems, and rejected bodies."""

import asyncio
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MAX_DISCARDED_BYTES = 32 * 1024 * 1024
DISCARD_TIMEOUT_S = 2.0


class JSONResponse(Response):
    """A value as JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return to_json(content)


class ProblemResponse(JSONResponse):
    """A problem (RFC 9457)."""

    media_type = "application/problem+json"


class RejectedBodyResponse(ProblemResponse):
    """A problem about a body that is still being sent; closes the connection afterwards.

    Sends the response at once and discards what still arrives for a short time: closing a
    connection with unread data resets it, and most clients then lose the response.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*self.raw_headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await _discard_body(receive)
        await send({"type": "http.response.body", "body": b""})


async def _discard_body(receive: Receive) -> None:
    remaining = MAX_DISCARDED_BYTES
    try:
        async with asyncio.timeout(DISCARD_TIMEOUT_S):
            while remaining > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                remaining -= len(message["body"])
    except TimeoutError:
        return
