"""What every request and answer goes through: a name, the refusal of strangers, safe headers, and
an answer whatever is raised.
"""

import itertools
import os
import re
from collections.abc import Iterable

from starlette.requests import Request
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from api.answers import answer_to
from api.problems import Problem

LOOPBACK_HOST = re.compile(rb"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.I)
REQUEST_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")
READING = ("GET", "HEAD", "OPTIONS")
STRANGERS = (b"cross-site", b"same-site")

SAFE_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_STORE = (b"cache-control", b"no-store")
"""Jobs are private; pages say otherwise of themselves if they may be kept."""


class Guard:
    """The outermost layer. `public`: whether the server may be reached by any host name.

    Without it only loopback names are answered, so that no web page can reach a server on its
    reader's machine under a name of the page's own (DNS rebinding); and pages of other sites can
    change nothing in either case.
    """

    def __init__(self, router: Router, *, public: bool) -> None:
        self._router = router
        self._public = public
        self._prefix = os.urandom(4).hex()
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self._router
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        headers = dict(scope["headers"])
        scope["request_id"] = request_id = self._name(headers)
        begun = False

        async def send_safely(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = _completed(message.get("headers", ()), request_id)
            await send(message)

        try:
            self._refuse_strangers(scope["method"], headers)
            await self._router(scope, receive, send_safely)
        except Exception as error:
            if begun:
                raise
            await answer_to(Request(scope), error)(scope, receive, send_safely)

    def _name(self, headers: dict[bytes, bytes]) -> str:
        """The request's id: the client's own if it is a plain word."""
        given = headers.get(b"x-request-id", b"")
        if REQUEST_ID.fullmatch(given):
            return given.decode()
        return f"{self._prefix}-{next(self._numbers):x}"

    def _refuse_strangers(self, method: str, headers: dict[bytes, bytes]) -> None:
        if not self._public and not LOOPBACK_HOST.fullmatch(headers.get(b"host", b"localhost")):
            raise Problem(
                "wrong-host",
                "This server was started for this machine only and answers to localhost, 127.0.0.1 "
                "and [::1]. Start it with --public to let others in.",
            )
        if method not in READING and headers.get(b"sec-fetch-site") in STRANGERS:
            raise Problem("forbidden-origin", "A page of another site may not change anything.")


def _completed(given: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    headers = [*given, *SAFE_HEADERS, (b"x-request-id", request_id.encode())]
    if not any(name == NO_STORE[0] for name, _ in headers):
        headers.append(NO_STORE)
    return headers
