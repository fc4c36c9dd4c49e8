"""The web pages that may call the server: its own, and those of listed origins (CORS).

A browser says where a request comes from in Sec-Fetch-Site, which pages of plain http never send,
else in Origin, which it sends with every change, else in Referer.
"""

import re
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Scope

from loresmith.api.http.problems import Problem
from loresmith.jobs.core.settings import SettingsError

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
PAGE = re.compile(rb"[a-z+.-]+://[^/?#]*")
HEADER_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,2000}")
DEFAULT_PORTS = {b"http": b":80", b"https": b":443"}
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
OWN_SITES = (b"same-origin", b"none")

PREFLIGHT_MAX_AGE_S = 600
ALLOWED_HEADERS = (
    b"Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, Prefer, "
    b"X-API-Key, X-Idempotency-Key, X-Request-ID"
)
EXPOSED_HEADERS = (
    b"Content-Location, ETag, Idempotent-Replayed, Link, Location, Loresmith-Job, "
    b"Preference-Applied, Retry-After, WWW-Authenticate, X-Request-ID, X-Should-Retry"
)

Headers = Mapping[bytes, bytes]
HeaderList = list[tuple[bytes, bytes]]


class AllowedOrigins:
    """The server's own origin, and the listed ones."""

    def __init__(self, listed: str = "") -> None:
        """`listed` is separated by commas or blanks. Raises SettingsError."""
        self._listed = {_origin(each) for each in listed.replace(",", " ").split()}

    def check(self, scope: Scope, headers: Headers) -> None:
        """Raises Problem for a request of another web page."""
        if self._is_listed(headers) or _opens_a_page(scope["method"], headers):
            return
        site = headers.get(b"sec-fetch-site")
        is_own = site in OWN_SITES if site else self._is_own(scope, headers)
        if not is_own:
            raise Problem(
                "forbidden-origin",
                "The request comes from another web site. Add the origin of its page to "
                "LORESMITH_CORS_ORIGINS, or call the api from a server.",
            )

    def preflight(self, scope: Scope, headers: Headers) -> Response | None:
        """Returns the response to a preflight of a listed origin; None for other requests."""
        if scope["method"] != "OPTIONS" or not self._is_listed(headers):
            return None
        if b"access-control-request-method" not in headers:
            return None
        requested = headers.get(b"access-control-request-headers", b"")
        names = requested if HEADER_NAMES.fullmatch(requested) else ALLOWED_HEADERS
        response = Response(status_code=204)
        response.raw_headers = [
            (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
            (b"access-control-allow-headers", names),
            (b"access-control-max-age", str(PREFLIGHT_MAX_AGE_S).encode()),
            (b"vary", b"Access-Control-Request-Headers"),
        ]
        return response

    def response_headers(self, headers: Headers) -> HeaderList:
        """Returns what lets the page of a listed origin read the response, and no other page."""
        vary = [(b"vary", b"Origin")] if self._listed else []
        if not self._is_listed(headers):
            return [*vary, (b"cross-origin-resource-policy", b"same-origin")]
        return [
            *vary,
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"access-control-allow-origin", headers[b"origin"]),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", EXPOSED_HEADERS),
        ]

    def _is_listed(self, headers: Headers) -> bool:
        return bool(self._listed) and headers.get(b"origin") in self._listed

    def _is_own(self, scope: Scope, headers: Headers) -> bool:
        """Compares what a page without Sec-Fetch-Site sends; programs send nothing of it."""
        page = headers.get(b"origin")
        if page is None and scope["method"] not in SAFE_METHODS and b"referer" in headers:
            match = PAGE.match(headers[b"referer"])
            page = match[0] if match else b""
        if page is None:
            return scope["method"] in SAFE_METHODS or not _has_only_a_session(headers)
        scheme: bytes = scope.get("scheme", "http").encode()
        host = headers.get(b"host", b"").lower()
        return page.lower() == scheme + b"://" + host.removesuffix(DEFAULT_PORTS.get(scheme, b" "))


def _has_only_a_session(headers: Headers) -> bool:
    """Whether a cookie is the credential: only a browser sends it, also for other pages."""
    keys = (b"authorization", b"x-api-key")
    return b"lore=" in headers.get(b"cookie", b"") and not any(key in headers for key in keys)


def _opens_a_page(method: str, headers: Headers) -> bool:
    """Whether the user followed a link. The page with the link cannot read what opens."""
    return (
        method == "GET"
        and headers.get(b"sec-fetch-mode") == b"navigate"
        and headers.get(b"sec-fetch-dest") == b"document"
    )


def _origin(text: str) -> bytes:
    origin = text.lower().removesuffix("/")
    if not ORIGIN.fullmatch(origin):
        raise SettingsError(
            f"LORESMITH_CORS_ORIGINS: {text!r} is not an origin; write scheme, host and port, for "
            "example https://app.example or http://localhost:3000"
        )
    scheme = origin.partition(":")[0].encode()
    return origin.encode().removesuffix(DEFAULT_PORTS.get(scheme, b" "))
