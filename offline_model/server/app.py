"""Routes of the offline model."""

from typing import TextIO

from starlette.applications import Starlette
from starlette.routing import Route

from loresmith.offline_model.server.admin import AdminPages
from loresmith.offline_model.server.billing import Billing
from loresmith.offline_model.server.chat.endpoint import ChatCompletions
from loresmith.offline_model.server.errors import ApiError, send_error
from loresmith.offline_model.server.faults import FaultInjector
from loresmith.offline_model.server.request_handler import RequestHandler
from loresmith.offline_model.server.responses.endpoints import (
    CancelResponse,
    CreateResponse,
    RetrieveResponse,
)
from loresmith.offline_model.server.responses.store import ResponseStore


def create_app(
    *,
    duration_s: float,
    chunks: int | None = None,
    price_in: float = 0.0,
    price_out: float = 0.0,
    ledger: TextIO | None = None,
) -> Starlette:
    """Builds the server. Prices are per million tokens; the caller closes the ledger."""
    billing, faults = Billing(price_in, price_out, ledger), FaultInjector()
    handler = RequestHandler(billing, faults, duration_s, chunks)
    responses, admin = ResponseStore(handler), AdminPages(billing, faults, duration_s)
    return Starlette(
        routes=[
            Route("/v1/chat/completions", ChatCompletions(handler), methods=["POST"]),
            Route("/v1/responses", CreateResponse(handler, responses), methods=["POST"]),
            Route("/v1/responses/{id}", RetrieveResponse(responses), methods=["GET"]),
            Route("/v1/responses/{id}/cancel", CancelResponse(responses), methods=["POST"]),
            Route("/v1/models", admin.models),
            Route("/counters", admin.counters, methods=["GET", "DELETE"]),
            Route("/faults", admin.faults, methods=["GET", "PUT", "DELETE"]),
            Route("/faults", admin.submit_fault, methods=["POST"]),
            Route("/", admin.home),
        ],
        exception_handlers={ApiError: send_error},
    )
