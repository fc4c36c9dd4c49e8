"""`/docs`, `/openapi.json` and `/problems/{code}`."""

from collections.abc import Sequence
from functools import cached_property
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from loresmith.api.http.forwarded import client_path
from loresmith.api.http.hosts import HOST
from loresmith.api.http.params import Parameter
from loresmith.api.http.problems import PROBLEMS, Problem, truncated
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.document import build_document
from loresmith.api.openapi.html import CONTENT_SECURITY_POLICY, SERVER, problem_page, routes_page
from loresmith.api.openapi.operation import ResponseSpec, operation


class DocsHandlers:
    """Describes all routes. The documents are built on the first request."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes

    @cached_property
    def _document(self) -> dict[str, Any]:
        return build_document(self._routes)

    @cached_property
    def _page(self) -> str:
        return routes_page(self._document)

    @operation(
        "API reference", {200: ResponseSpec("The routes.", media_type="text/html")}, scope="public"
    )
    async def docs(self, request: Request) -> Response:
        """Shows every route with an example, as a web page."""
        return _html_response(self._page.replace(SERVER, escape(_server(request))))

    @operation("OpenAPI document", {200: ResponseSpec("OpenAPI 3.1.", "OpenApi")}, scope="public")
    async def openapi(self, request: Request) -> Response:
        """Describes every route for programs."""
        servers = {"servers": [{"url": client_path("")}]} if client_path("") else {}
        return JSONResponse(self._document | servers)

    @operation(
        "Problem reference",
        {200: ResponseSpec("The problem and its remedy.", media_type="text/html")},
        scope="public",
        problems=("not-found",),
        parameters=(Parameter("code", "path", "The code of a problem", required=True),),
    )
    async def problem(self, request: Request) -> Response:
        """Explains a problem; its `type` is the URL of this page."""
        code: str = request.path_params["code"]
        if code not in PROBLEMS:
            raise Problem("not-found", f"There is no problem {truncated(code)}.")
        return _html_response(problem_page(code))


def _server(request: Request) -> str:
    """Returns the address of the api as the client wrote it."""
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host}{client_path('')}" if HOST.fullmatch(host) else SERVER


def _html_response(page: str) -> Response:
    headers = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Referrer-Policy": "no-referrer",
    }
    return HTMLResponse(page, headers=headers)
