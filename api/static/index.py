"""Serves the page: `GET /`.

Its Content-Security-Policy allows only files of this server: no script or style in the HTML, no
other host, no frame. Trusted types keep text from being parsed as HTML.
"""

from functools import cached_property
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from loresmith.api.openapi.operation import ResponseSpec, operation

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class IndexPage:
    @operation(
        "The page",
        {200: ResponseSpec("The page, as HTML.", media_type="text/html")},
        scope="public",
    )
    async def page(self, request: Request) -> Response:
        """Submits, finds, watches, cancels and retries jobs, and shows their results. The query
        string selects what it shows: `/?job=ID`.
        """
        return HTMLResponse(self._html, headers=HEADERS)

    @cached_property
    def _html(self) -> str:
        return (files(__package__) / "page" / "index.html").read_text(encoding="utf-8")
