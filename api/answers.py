"""The answers: JSON, problems, and the one place that turns every exception into a problem."""

import asyncio
import logging
from typing import Any

from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from api.batching import StoreAway
from api.problems import Problem, away, echo
from archive import ArchiveError

log = logging.getLogger(__name__)

LINGER_BYTES = 32 * 1024 * 1024
LINGER_S = 2.0


class JSON(Response):
    """A value as JSON."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return to_json(content)


class ProblemJSON(JSON):
    """A problem."""

    media_type = "application/problem+json"


class Refusal(ProblemJSON):
    """A problem with a body that is still being sent; the connection is closed after it.

    The answer goes out at once, and what still arrives is thrown away for a while: closing on
    unread bytes would reset the connection, and many a client would never see the answer.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [*self.raw_headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        await _throw_away(receive)
        await send({"type": "http.response.body", "body": b""})


async def _throw_away(receive: Receive) -> None:
    left = LINGER_BYTES
    try:
        async with asyncio.timeout(LINGER_S):
            while left > 0:
                message = await receive()
                if not message.get("more_body", False):
                    return
                left -= len(message["body"])
    except TimeoutError:
        return


def answer_to(request: Request, error: Exception) -> Response:
    """The problem that a request is answered with when something was raised."""
    problem = as_problem(request, error)
    request_id = request.scope.get("request_id", "")
    if problem.status == 500:
        path = echo(request.url.path)
        log.error("request %s: %s %s", request_id, request.method, path, exc_info=error)
    kind = Refusal if problem.status == 413 else ProblemJSON
    body = problem.body(echo(request.url.path), request_id)
    return kind(body, problem.status, problem.headers)


def as_problem(request: Request, error: Exception) -> Problem:
    """What a client is told about an exception; of one that nobody expected, nothing but that."""
    match error:
        case Problem():
            return error
        case StoreAway():
            return away(str(error))
        case ArchiveError():
            log.warning("the archive failed: %s", error)
            return away("The archive of worlds does not answer now; jobs are not affected.")
        case HTTPException(status_code=404):
            return Problem("not-found", "No route of this server has this path; /docs lists them.")
        case HTTPException(status_code=405):
            return _not_allowed(request)
        case ClientDisconnect():
            return Problem("validation-error", "The connection ended before the body did.")
        case _:
            return Problem("internal-error", "A fault of ours; nothing is known to be lost.")


def _not_allowed(request: Request) -> Problem:
    """Starlette names the methods of one route of the path; a path may have several."""
    fitting = [
        route for route in request.app.routes if route.matches(request.scope)[0] != Match.NONE
    ]
    allowed = ", ".join(sorted({method for route in fitting for method in route.methods}))
    detail = f"This route takes {allowed}."
    return Problem("method-not-allowed", detail, headers={"Allow": allowed})
