"""The offline model's routes, and the page that says what it is."""

import html
from dataclasses import asdict
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from lore_service.offline.billing import Billing
from lore_service.offline.completions import DEFAULT_MODEL, LABEL, Completions, error
from lore_service.offline.faults import KINDS, Faults, Rule


def create_app(
    *,
    seconds: float = 30.0,
    chunks: int | None = None,
    price_in: float = 0.0,
    price_out: float = 0.0,
    ledger: Path | None = None,
) -> Starlette:
    """The server. `seconds` is the length of one answer, prices are per million tokens."""
    billing, faults = Billing(price_in, price_out, ledger), Faults()
    pages = Pages(billing, faults, seconds)
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route(
                "/v1/chat/completions",
                Completions(billing, faults, seconds, chunks),
                methods=["POST"],
            ),
            Route("/v1/models", pages.models),
            Route("/counters", pages.counters, methods=["GET", "DELETE"]),
            Route("/faults", pages.faults, methods=["GET", "PUT", "DELETE"]),
        ]
    )


class Pages:
    """Everything but the completions."""

    def __init__(self, billing: Billing, faults: Faults, seconds: float) -> None:
        self._billing, self._faults, self._seconds = billing, faults, seconds

    async def models(self, request: Request) -> Response:
        model = {"id": DEFAULT_MODEL, "object": "model", "created": 0, "owned_by": LABEL}
        return JSONResponse({"object": "list", "data": [model]})

    async def counters(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._billing.clear()
        return JSONResponse(self._billing.as_json())

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
        if request.method == "PUT":
            try:
                self._faults.add(await request.json())
            except (ValueError, TypeError) as problem:
                return JSONResponse(error(str(problem), "invalid_fault"), 400)
        return JSONResponse({"faults": self._faults.listed(), "kinds": KINDS})

    async def home(self, request: Request) -> Response:
        total = asdict(self._billing.total)
        counted = {
            name: total[name] for name in ("requests", "billed", "input_tokens", "output_tokens")
        }
        in_force = [str(rule) for rule in self._faults.listed()] or ["none"]
        return HTMLResponse(
            PAGE.format(
                seconds=f"{self._seconds:g}",
                counters=_rows(counted),
                bill=f"{total['micros'] / 1e6:.6f}",
                kinds=_rows(KINDS),
                rules="<br>".join(map(html.escape, in_force)),
                fields=", ".join(Rule.__dataclass_fields__),
            )
        )


def _rows(table: dict[str, Any]) -> str:
    return "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in table.items()
    )


PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Offline model</title>
<style>body{{font:16px/1.5 system-ui;max-width:46rem;margin:2rem auto;padding:0 1rem}}
th{{text-align:left;padding-right:1rem;font-weight:600}}code{{background:#8882}}</style>
<h1>Offline model, not an LLM</h1>
<p>It speaks OpenAI's HTTP interface and writes lore from a grammar: the same request, the same
answer. It costs nothing, and counts what it would have billed. An answer takes {seconds} s.</p>
<h2>Counters</h2><table>{counters}<tr><th>bill</th><td>{bill}</td></tr></table>
<p>By call id: <code>GET /counters</code>; from zero: <code>DELETE /counters</code>.</p>
<h2>Faults in force</h2><p>{rules}</p>
<h2>Faults it can have</h2><table>{kinds}</table>
<p>Put one in force: <code>curl -X PUT -d '{{"fault": "cut", "times": 1}}' …/faults</code>
(fields: {fields}); end them: <code>DELETE /faults</code>. For one request: the header
<code>X-Offline-Fault: cut</code>, or the words <code>fault:cut</code> in a job's theme.</p>
</html>"""
