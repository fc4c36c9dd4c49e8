"""The page at `/`: one HTML file whose scripts and styles are files under `/web/page/`.

Its policy allows nothing but this server's own files: no script or style in the page itself, no
other host, no frame; and no text is ever read as HTML (trusted types, where the browser has them).
"""

from functools import cached_property
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.assets import CLIENT
from api.modules import needed
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


MODULES = '<link rel="modulepreload" href="">'
"""Where the page is told which modules it will need, so that they are loaded side by side."""


class Page:
    """The route of the page."""

    @operation("The page", {200: Answer("Jobs, for people.", media_type="text/html")})
    async def page(self, request: Request) -> Response:
        """Submits, finds, watches, cancels and retries jobs, and shows their results. What it
        shows is in its query string: `/?job=ID`.
        """
        return HTMLResponse(self._html, headers=HEADERS)

    @cached_property
    def _html(self) -> str:
        root = files("api") / "web"
        page = (root / "page" / "index.html").read_text(encoding="utf-8")
        modules = needed(root, "page/main.js", apart=[CLIENT])
        links = (f'<link rel="modulepreload" href="/web/{name}">' for name in modules)
        return page.replace(MODULES, "\n".join(links))
