"""Pages for people: the routes with a curl for each, and a page for each problem.

Plain HTML without JavaScript, made from the OpenAPI document; nothing is loaded from anywhere.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.answers import JSON
from api.openapi import document
from api.operation import Answer, Parameter, operation
from api.problems import PROBLEMS, Problem, echo

Json = dict[str, Any]

STYLE = """
:root { color-scheme: light dark; --ink: #1d2430; --paper: #fbfaf7; --line: #d9d5ca;
  --mark: #7a3b12 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e4da; --paper: #171a1f; --line: #3a3f48; --mark: #e6a46a }
}
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 58rem; margin: 2rem auto; padding: 0 1rem }
h2 { border-top: 1px solid var(--line); padding-top: 1.2rem; margin-top: 2rem }
h2 code { color: var(--mark); font-size: 1.05rem }
a { color: var(--mark) }
pre { border: 1px solid var(--line); padding: .7rem; overflow-x: auto; font-size: .85rem }
table { border-collapse: collapse; width: 100%; font-size: .92rem }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem;
  border-bottom: 1px solid var(--line) }
"""
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SERVER = "http://127.0.0.1:8080"


class Docs:
    """The routes that describe all routes; they are read when somebody first asks."""

    def __init__(self, table: Sequence[Route]) -> None:
        self._table = table

    @cached_property
    def _document(self) -> Json:
        return document(self._table)

    @cached_property
    def _page(self) -> str:
        return _page("Loresmith: the routes", _routes(self._document))

    @operation("This page", {200: Answer("The routes, for people.", media_type="text/html")})
    async def docs(self, request: Request) -> Response:
        """Every route with an example."""
        return _html(self._page)

    @operation("The OpenAPI document", {200: Answer("OpenAPI 3.1.", "OpenApi")})
    async def openapi(self, request: Request) -> Response:
        """The same for programs."""
        return JSON(self._document)

    @operation(
        "What a problem means",
        {200: Answer("The problem and its cure, for people.", media_type="text/html")},
        problems=("not-found",),
        parameters=(Parameter("code", "path", "The code of a problem", required=True),),
    )
    async def problem(self, request: Request) -> Response:
        """The page that the `type` of a problem names."""
        code: str = request.path_params["code"]
        kind = PROBLEMS.get(code)
        if kind is None:
            raise Problem("not-found", f"No problem is called {echo(code)}.")
        again = "may succeed later" if kind.retryable else "will not succeed later"
        told = (
            f"<h1>{escape(kind.title)}</h1><p><code>{escape(code)}</code>, status {kind.status}. "
            f"The same request {again}.</p><p>{escape(kind.cure)}</p>"
        )
        return _html(_page(kind.title, told))


def _html(page: str) -> Response:
    safe = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
    return HTMLResponse(page, headers=safe)


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}</style></head><body>{content}</body></html>"
    )


def _routes(told: Json) -> str:
    operations = [
        (method, path, one)
        for path, methods in told["paths"].items()
        for method, one in methods.items()
    ]
    contents = "".join(
        f'<li><a href="#{_anchor(method, path)}"><code>{method.upper()} {escape(path)}</code></a> '
        f"{escape(one['summary'])}</li>"
        for method, path, one in operations
    )
    chapters = "".join(_chapter(*operation) for operation in operations)
    about = escape(told["info"]["description"])
    return (
        f"<h1>Loresmith</h1><p>{about} For programs: <a href='/openapi.json'>/openapi.json</a>.</p>"
        f"<ul>{contents}</ul>{chapters}"
    )


def _chapter(method: str, path: str, told: Json) -> str:
    return (
        f'<h2 id="{_anchor(method, path)}">{escape(told["summary"])} '
        f"<code>{method.upper()} {escape(path)}</code></h2>"
        f"<p>{escape(told['description'])}</p><pre>{escape(_curl(method, path, told))}</pre>"
        f"{_parameters(told['parameters'])}{_answers(told['responses'])}"
    )


def _anchor(method: str, path: str) -> str:
    return f"{method}{path}".replace("/", "-").replace("{", "").replace("}", "")


def _curl(method: str, path: str, told: Json) -> str:
    """A command that works, once $ID and $CODE are somebody's."""
    path = path.replace("{id}", "$ID").replace("{code}", "job-not-found")
    query = "".join(
        f"?{parameter['name']}=$USER"
        for parameter in told["parameters"]
        if parameter["in"] == "query" and parameter["required"]
    )
    verb = "" if method == "get" else f" -X {method.upper()}"
    command = f'curl{verb} "{SERVER}{path}{query}"'
    content = told.get("requestBody", {}).get("content", {})
    for media_type, body in content.items():
        command += f" \\\n  -H 'Content-Type: {media_type}' -d '{json.dumps(body['example'])}'"
    return command


def _parameters(parameters: Iterable[Json]) -> str:
    rows = [
        (f"{parameter['name']} ({parameter['in']})", parameter["description"])
        for parameter in parameters
    ]
    return _table(("Parameter", "Meaning"), rows) if rows else ""


def _answers(responses: Json) -> str:
    rows = [(status, told["description"]) for status, told in sorted(responses.items())]
    return _table(("Status", "Meaning"), rows)


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    heads = "".join(f"<th>{name}</th>" for name in head)
    cells = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table><tr>{heads}</tr>{cells}</table>"
