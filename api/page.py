"""The page at `/`: one HTML file whose scripts and styles are files under `/web/page/`.

Its policy allows nothing but this server's own files: no script or style in the page itself, no
other host, no frame; and no text is ever read as HTML (trusted types, where the browser has them).
"""

from collections.abc import Sequence
from functools import cached_property
from html import escape
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.operation import Answer, operation

POLICY = "; ".join(
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
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


ROUTES = '<meta name="routes" content="">'
"""Where the page is told what this server can do, so that it asks for nothing else."""


class Page:
    """The route of the page. `table`: all routes; read when somebody first asks."""

    def __init__(self, table: Sequence[Route]) -> None:
        self._table = table

    @operation("The page", {200: Answer("Jobs, for people.", media_type="text/html")})
    async def page(self, request: Request) -> Response:
        """Submits, finds, watches, cancels and retries jobs, and shows their results. What it
        shows is in its query string: `/?job=ID`.
        """
        return HTMLResponse(self._html, headers=HEADERS)

    @cached_property
    def _html(self) -> str:
        page = (files("api") / "web" / "page" / "index.html").read_text(encoding="utf-8")
        told = ",".join(
            f"{method} {route.path}" for route in self._table for method in route.methods or ()
        )
        return page.replace(ROUTES, f'<meta name="routes" content="{escape(told)}">')
