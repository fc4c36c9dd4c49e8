"""The offline model's routes."""

from typing import TextIO
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from lore_service.offline.answer import LABEL
from lore_service.offline.asgi import error
from lore_service.offline.billing import Billing
from lore_service.offline.chat import Chat
from lore_service.offline.desk import Desk
from lore_service.offline.faults import KINDS, Faults
from lore_service.offline.page import page
from lore_service.offline.question import DEFAULT_MODEL
from lore_service.offline.responses import Cancelling, Responses, Stored
from lore_service.offline.runs import Runs


def create_app(
    *,
    seconds: float = 30.0,
    chunks: int | None = None,
    price_in: float = 0.0,
    price_out: float = 0.0,
    ledger: TextIO | None = None,
) -> Starlette:
    """The server. `seconds` is the length of one answer, prices are per million tokens.

    `ledger` is written to with every bill, and is closed by whoever opened it.
    """
    billing, faults = Billing(price_in, price_out, ledger), Faults()
    desk = Desk(billing, faults, seconds, chunks)
    runs, pages = Runs(desk), Pages(billing, faults, seconds)
    return Starlette(
        routes=[
            Route("/v1/chat/completions", Chat(desk), methods=["POST"]),
            Route("/v1/responses", Responses(desk, runs), methods=["POST"]),
            Route("/v1/responses/{id}", Stored(runs), methods=["GET"]),
            Route("/v1/responses/{id}/cancel", Cancelling(runs).__call__, methods=["POST"]),
            Route("/v1/models", pages.models),
            Route("/counters", pages.counters, methods=["GET", "DELETE"]),
            Route("/faults", pages.faults, methods=["GET", "PUT", "POST", "DELETE"]),
            Route("/", pages.home),
        ]
    )


class Pages:
    """What people, tests and audits look at."""

    def __init__(self, billing: Billing, faults: Faults, seconds: float) -> None:
        self._billing, self._faults, self._seconds = billing, faults, seconds

    async def home(self, request: Request) -> Response:
        return HTMLResponse(page(self._seconds, self._billing.totals(), self._faults.rules))

    async def models(self, request: Request) -> Response:
        model = {"id": DEFAULT_MODEL, "object": "model", "created": 0, "owned_by": LABEL}
        return JSONResponse({"object": "list", "data": [model]})

    async def counters(self, request: Request) -> Response:
        """All counters; with ?call_id= those of one call only."""
        if request.method == "DELETE":
            self._billing.clear()
        if call_id := request.query_params.get("call_id"):
            return JSONResponse(self._billing.call(call_id))
        return JSONResponse(self._billing.as_json())

    async def faults(self, request: Request) -> Response:
        """The rules in force. PUT one adds it, PUT a list replaces all; POST is the page's form."""
        if request.method == "POST":
            return await self._form(request)
        try:
            if request.method == "PUT":
                self._faults.add(await request.json())
        except ValueError as problem:
            return JSONResponse(error(str(problem), "invalid_fault"), 400)
        if request.method == "DELETE":
            self._faults.clear()
        rules = [rule.model_dump() for rule in self._faults.rules]
        return JSONResponse({"faults": rules, "kinds": KINDS})

    async def _form(self, request: Request) -> Response:
        origin = request.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            return JSONResponse(error("only from this page", "forbidden"), 403)
        given = dict(parse_qsl((await request.body()).decode("latin-1")))
        try:
            if given.pop("clear", None):
                self._faults.clear()
            else:
                self._faults.add(given)
        except ValueError as problem:
            return JSONResponse(error(str(problem), "invalid_fault"), 400)
        return RedirectResponse("/", 303)
