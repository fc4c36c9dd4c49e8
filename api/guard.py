"""What every request and every answer goes through: names, refusals of strangers, safe headers."""

import itertools
import os
import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.answers import on_error
from api.problems import Problem

LOOPBACK_HOST = re.compile(rb"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.I)
REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
READING = ("GET", "HEAD", "OPTIONS")
STRANGERS = (b"cross-site", b"same-site")

SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_STORE = (b"cache-control", b"no-store")
NO_CONTENT = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class Guard:
    """The outermost layer. `public`: whether the server may be reached by any host name.

    Without it only loopback names are answered, so that no web page can reach a server on its
    reader's machine under a name of the page's own (DNS rebinding); and pages of other sites can
    change nothing in either case.
    """

    def __init__(self, app: ASGIApp, *, public: bool) -> None:
        self._app = app
        self._public = public
        self._prefix = os.urandom(4).hex()
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        scope["request_id"] = request_id = self._name(headers)
        added = (*SAFE_HEADERS, (b"x-request-id", request_id.encode()))

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _completed(message.get("headers", ()), added)
            await send(message)

        if stranger := self._stranger(scope["method"], headers):
            answer = await on_error(Request(scope), stranger)
            await answer(scope, receive, send_safely)
        else:
            await self._app(scope, receive, send_safely)

    def _name(self, headers: dict[bytes, bytes]) -> str:
        """The request's id: the client's own if it is a plain word."""
        given = headers.get(b"x-request-id", b"")
        if REQUEST_ID.fullmatch(given):
            return given.decode()
        return f"{self._prefix}-{next(self._numbers):x}"

    def _stranger(self, method: str, headers: dict[bytes, bytes]) -> Problem | None:
        if not self._public and not LOOPBACK_HOST.fullmatch(headers.get(b"host", b"localhost")):
            return Problem(
                "wrong-host",
                "This server was started for this machine only and answers to localhost, 127.0.0.1 "
                "and [::1]. Start it with --public to let others in.",
            )
        if method not in READING and headers.get(b"sec-fetch-site") in STRANGERS:
            return Problem("forbidden-origin", "A page of another site may not change anything.")
        return None


def _completed(
    given: Iterable[tuple[bytes, bytes]], added: tuple[tuple[bytes, bytes], ...]
) -> list[tuple[bytes, bytes]]:
    headers = [*given, *added]
    present = {name for name, _ in headers}
    if NO_STORE[0] not in present:
        headers.append(NO_STORE)
    if NO_CONTENT[0] not in present:
        headers.append(NO_CONTENT)
    return headers
