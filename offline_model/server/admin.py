"""The page, the counters, the fault rules and the list of models."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from loresmith.offline_model.server.billing import Billing
from loresmith.offline_model.server.completion import LABEL
from loresmith.offline_model.server.completion_request import DEFAULT_MODEL
from loresmith.offline_model.server.errors import ApiError, BadRequest
from loresmith.offline_model.server.faults import FAULTS, FaultInjector
from loresmith.offline_model.server.page import render_page


class AdminPages:
    """Endpoints for people, tests and audits."""

    def __init__(self, billing: Billing, faults: FaultInjector, duration_s: float) -> None:
        self._billing, self._faults, self._duration_s = billing, faults, duration_s

    async def home(self, request: Request) -> Response:
        totals = self._billing.totals()
        return HTMLResponse(render_page(self._duration_s, totals, self._faults.rules))

    async def models(self, request: Request) -> Response:
        model = {"id": DEFAULT_MODEL, "object": "model", "created": 0, "owned_by": LABEL}
        return JSONResponse({"object": "list", "data": [model]})

    async def counters(self, request: Request) -> Response:
        """Returns all counters, or those of ?call_id=; DELETE resets them."""
        if request.method == "DELETE":
            self._billing.clear()
        if call_id := request.query_params.get("call_id"):
            return JSONResponse(self._billing.call(call_id))
        return JSONResponse(self._billing.as_json())

    async def faults(self, request: Request) -> Response:
        """Returns the rules. PUT adds a rule or replaces all with a list; DELETE removes all."""
        if request.method == "PUT":
            self._faults.add(await _json(request))
        if request.method == "DELETE":
            self._faults.clear()
        rules = [rule.model_dump() for rule in self._faults.rules]
        return JSONResponse({"faults": rules, "kinds": FAULTS})

    async def submit_fault(self, request: Request) -> Response:
        """Handles the form of the page."""
        origin = request.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != request.headers.get("host"):
            raise ApiError("only from this page", 403, "forbidden")
        fields = dict(parse_qsl((await request.body()).decode("latin-1")))
        if "clear" in fields:
            self._faults.clear()
        else:
            self._faults.add(fields)
        return RedirectResponse("/", 303)


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise BadRequest(str(error), "invalid_fault") from None
