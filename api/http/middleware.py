"""Wraps every request: request ids, host and origin checks, safe headers, problem responses."""

import itertools
import os
import re
from collections.abc import Iterable

from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from loresmith.api.http.audit import AuditLog
from loresmith.api.http.exception_handlers import handle_exception
from loresmith.api.http.forwarded import ProxyHeaders
from loresmith.api.http.hosts import AllowedHosts
from loresmith.api.http.origins import AllowedOrigins, HeaderList
from loresmith.api.http.problems import header, validation_error
from loresmith.api.http.query_token import take_token
from loresmith.jobs.core.logs import REQUEST_ID

PLAIN_ID = re.compile(rb"[A-Za-z0-9_.-]{1,64}")

NO_SNIFF = (b"x-content-type-options", b"nosniff")
NO_STORE = (b"cache-control", b"no-store")
"""Jobs are private; static files set a header of their own."""


class SecurityMiddleware:
    """The outermost layer: every request passes its checks, every response gets its headers."""

    def __init__(
        self,
        router: Router,
        *,
        hosts: AllowedHosts | None = None,
        origins: AllowedOrigins | None = None,
        proxy_headers: ProxyHeaders | None = None,
        audit_log: AuditLog | None = None,
    ) -> None:
        self._router = router
        self._hosts = hosts or AllowedHosts()
        self._origins = origins or AllowedOrigins()
        self._proxy_headers = proxy_headers or ProxyHeaders()
        self._audit_log = audit_log
        self._prefix = os.urandom(4).hex()
        self._numbers = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self._router
        if scope["type"] != "http":
            await self._router(scope, receive, send)
            return
        headers = dict(scope["headers"])
        scope["request_id"] = request_id = self._request_id(headers)
        REQUEST_ID.set(request_id)
        safe_headers = [NO_SNIFF, (b"x-request-id", request_id.encode())]
        safe_headers += self._origins.response_headers(headers)
        response_started = False

        async def send_safely(message: Message) -> None:
            nonlocal response_started
            if message["type"] == "http.response.start":
                response_started = True
                message["headers"] = _with_safe_headers(message.get("headers", ()), safe_headers)
            await send(message)

        try:
            scope["audit_log"] = self._audit_log
            answer = self._checked(scope) or self._router
            await answer(scope, receive, send_safely)
        except Exception as error:
            if response_started:
                raise
            await handle_exception(Request(scope), error)(scope, receive, send_safely)

    def _checked(self, scope: Scope) -> Response | None:
        """Returns the response to a request that needs no route. Raises Problem."""
        _require_one_host(scope)
        take_token(scope)
        self._proxy_headers.apply(scope)
        headers = dict(scope["headers"])
        self._hosts.check(headers.get(b"host", b"localhost"))
        self._origins.check(scope, headers)
        return self._origins.preflight(scope, headers) or _redirect_to_page(scope)

    def _request_id(self, headers: dict[bytes, bytes]) -> str:
        """Returns the client's X-Request-ID if it is a plain word, else a new id."""
        request_id = headers.get(b"x-request-id", b"")
        if PLAIN_ID.fullmatch(request_id):
            return request_id.decode()
        return f"{self._prefix}-{next(self._numbers):x}"


def _require_one_host(scope: Scope) -> None:
    """Rejects several Host headers, and none in HTTP/1.1 (RFC 9112, 3.2). Raises Problem."""
    hosts = sum(name == b"host" for name, _ in scope["headers"])
    if hosts > 1 or (not hosts and scope.get("http_version") == "1.1"):
        raise validation_error(header("Host", "must be given once"))


def _redirect_to_page(scope: Scope) -> Response | None:
    """Adds the slash to the path of the page, whose links are relative to it."""
    root_path = scope["root_path"]
    if not root_path or get_route_path(scope) or scope["method"] not in ("GET", "HEAD"):
        return None
    query = scope["query_string"].decode("latin-1")
    return RedirectResponse(f"{root_path}/{query and '?'}{query}", 308)


def _with_safe_headers(
    raw_headers: Iterable[tuple[bytes, bytes]], safe_headers: HeaderList
) -> HeaderList:
    headers = [*raw_headers, *safe_headers]
    if not any(name == NO_STORE[0] for name, _ in headers):
        headers.append(NO_STORE)
    return headers
