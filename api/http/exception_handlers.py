"""Turns every exception that a request raises into a problem response."""

import logging

from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from loresmith.api.http.forwarded import client_path
from loresmith.api.http.openai_errors import is_openai_route, openai_response
from loresmith.api.http.problems import Problem, truncated, unavailable
from loresmith.api.http.responses import ProblemResponse, RejectedBodyResponse
from loresmith.archive import ArchiveError
from loresmith.jobs.core.damaged_record import DamagedRecord
from loresmith.jobs.core.logs import get_logger, safe
from loresmith.jobs.core.logs.fields import LogFields
from loresmith.jobs.core.outage_log import ARCHIVE_OUTAGE
from loresmith.jobs.store.pipeline import CommandRefused, StoreUnavailable

log = get_logger(__name__)


def handle_exception(request: Request, error: Exception) -> Response:
    """Returns the problem response for an exception, and logs it; a bug with its traceback."""
    problem = to_problem(request, error)
    request_id = request.scope.get("request_id", "")
    _log(request, problem, error)
    if is_openai_route(request):
        return openai_response(problem)
    response = RejectedBodyResponse if problem.status == 413 else ProblemResponse
    body = problem.body(truncated(client_path(get_route_path(request.scope))), request_id)
    body["type"] = client_path(body["type"])
    return response(body, problem.status, problem.headers)


def _log(request: Request, problem: Problem, error: Exception) -> None:
    """Names the route, not the path: a path may hold what a client wrote. An outage has its own
    lines.
    """
    level = logging.WARNING if problem.status >= 500 else logging.INFO
    if isinstance(error, StoreUnavailable | ArchiveError) and problem.status == 503:
        level = logging.DEBUG
    bug = error if problem.code == "internal-error" else None
    fields: LogFields = {
        "method": request.method,
        "route": _route_path(request),
        "http_status": problem.status,
        "code": problem.code,
    }
    if bug:
        log.bug("request failed", bug, **fields)
    else:
        log.log(level, "request rejected", **fields)


def _route_path(request: Request) -> str:
    return getattr(request.scope.get("route"), "path", "(none)")


def to_problem(request: Request, error: Exception) -> Problem:
    """Maps an exception to a problem; an unexpected one tells the client no details."""
    match error:
        case Problem():
            return error
        case DamagedRecord() | CommandRefused():
            log.error("a record in Redis is damaged", error=safe(error))
            return Problem("damaged-record", f"A record in Redis is damaged: {error}.")
        case StoreUnavailable():
            creates = request.method == "POST" and _route_path(request) == "/jobs"
            key = " with the same Idempotency-Key" if creates else ""
            return unavailable(f"{error}. Send the request again{key}.")
        case ArchiveError():
            ARCHIVE_OUTAGE.failed(error)
            return unavailable("The archive is unavailable. Jobs are not affected; retry later.")
        case HTTPException(status_code=404):
            return Problem("not-found", "No route has this path. See /docs for the routes.")
        case HTTPException(status_code=405):
            return _method_not_allowed(request)
        case ClientDisconnect():
            return Problem(
                "validation-error", "The connection closed before the body was complete."
            )
        case _:
            return Problem("internal-error", "The server has a bug; its log has the details.")


def _method_not_allowed(request: Request) -> Problem:
    """Lists the methods of all routes of this path; Starlette would list those of one."""
    path = request.scope["route"].path
    methods = {
        method for route in request.app.routes if route.path == path for method in route.methods
    }
    allowed = ", ".join(sorted(methods))
    return Problem(
        "method-not-allowed", f"This path supports {allowed}.", headers={"Allow": allowed}
    )
