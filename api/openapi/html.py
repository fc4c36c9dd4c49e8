"""The API reference as HTML: a section with a curl command for each route, a page per problem.

Built from the OpenAPI document. The pages have no JavaScript and load nothing.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from html import escape
from typing import Any

from loresmith.api.http.problems import PROBLEMS

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
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SERVER = "http://127.0.0.1:8080"


def routes_page(document: Json) -> str:
    """Returns the page of all routes, from the OpenAPI document."""
    return _page("Loresmith: API reference", _routes(document))


def problem_page(code: str) -> str:
    """Returns the page that explains a problem."""
    problem = PROBLEMS[code]
    retry = "may succeed later" if problem.retryable else "will not succeed later"
    content = (
        f"<h1>{escape(problem.title)}</h1><p><code>{escape(code)}</code>, status {problem.status}. "
        f"The same request {retry}.</p><p>{escape(problem.remedy)}</p>"
    )
    return _page(problem.title, content)


def _page(title: str, content: str) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<style>{STYLE}</style></head><body>{content}</body></html>"
    )


def _routes(spec: Json) -> str:
    operations = [
        (method, path, one)
        for path, methods in spec["paths"].items()
        for method, one in methods.items()
    ]
    contents = "".join(
        f'<li><a href="#{_anchor(method, path)}"><code>{method.upper()} {escape(path)}</code></a> '
        f"{escape(one['summary'])}</li>"
        for method, path, one in operations
    )
    sections = "".join(_operation_section(*each) for each in operations)
    about = escape(spec["info"]["description"])
    return (
        f"<h1>Loresmith</h1><p>{about}</p>"
        "<p>OpenAPI document: <a href='openapi.json'>/openapi.json</a>.</p>"
        f"<ul>{contents}</ul>{sections}"
    )


def _operation_section(method: str, path: str, spec: Json) -> str:
    return (
        f'<h2 id="{_anchor(method, path)}">{escape(spec["summary"])} '
        f"<code>{method.upper()} {escape(path)}</code></h2>"
        f"<p>{escape(spec['description'])}</p><pre>{escape(_curl(method, path, spec))}</pre>"
        f"{_parameters(spec['parameters'])}{_responses(spec['responses'])}"
    )


def _anchor(method: str, path: str) -> str:
    return f"{method}{path}".replace("/", "-").replace("{", "").replace("}", "")


def _curl(method: str, path: str, spec: Json) -> str:
    """Returns a curl command, with $ID and $USER to be filled in."""
    path = path.replace("{id}", "$ID").replace("{code}", "job-not-found")
    query = "".join(
        f"?{parameter['name']}=$USER"
        for parameter in spec["parameters"]
        if parameter["in"] == "query" and parameter["required"]
    )
    verb = "" if method == "get" else f" -X {method.upper()}"
    command = f'curl{verb} "{SERVER}{path}{query}"'
    content = spec.get("requestBody", {}).get("content", {})
    for media_type, body in content.items():
        command += f" \\\n  -H 'Content-Type: {media_type}' -d '{json.dumps(body['example'])}'"
    return command


def _parameters(parameters: Iterable[Json]) -> str:
    rows = [
        (f"{parameter['name']} ({parameter['in']})", parameter["description"])
        for parameter in parameters
    ]
    return _table(("Parameter", "Meaning"), rows) if rows else ""


def _responses(responses: Json) -> str:
    rows = [(status, spec["description"]) for status, spec in sorted(responses.items())]
    return _table(("Status", "Meaning"), rows)


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    heads = "".join(f"<th>{name}</th>" for name in head)
    cells = "".join(f"<tr><td>{escape(a)}</td><td>{escape(b)}</td></tr>" for a, b in rows)
    return f"<table><tr>{heads}</tr>{cells}</table>"
