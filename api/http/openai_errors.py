"""Problems in the form of OpenAI's errors, which the routes below /v1 answer with.

The only place that maps them: status, type, code and whether an SDK may send the request again.
"""

import re
from collections.abc import Mapping
from typing import Any

from starlette._utils import get_route_path
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.problems import PROBLEMS, Problem
from loresmith.api.http.responses import JSONResponse, RejectedBodyResponse

PREFIX = "/v1"
SHOULD_RETRY = "x-should-retry"
CODES = {
    "model-not-found": "model_not_found",
    "unauthorized": "invalid_api_key",
    "unsupported-parameter": "unsupported_parameter",
}
"""Problems for which OpenAI has a code of the same meaning; others keep their own."""
STATUSES = {410: 404, 422: 400, 428: 400}
"""Statuses of problems that OpenAI's API does not use."""
JOB_STATUSES = {
    "validation": 400,
    "llm_refused": 400,
    "not_cached": 400,
    "cost_limit": 402,
    "llm_quota": 429,
    "timeout": 504,
    "llm_unavailable": 503,
    "expired_before_start": 503,
}
"""By error code of a failed job; 502 for the others."""
TYPES = {402: "insufficient_quota", 429: "rate_limit_error"}
POINTER_PARTS = re.compile(r"/([^/]*)")


class RejectedOpenAIBody(RejectedBodyResponse):
    """An error about a body that is still being sent."""

    media_type = "application/json"


def is_openai_route(request: Request) -> bool:
    """Whether a request is for a path below /v1."""
    return f"{get_route_path(request.scope)}/".startswith(f"{PREFIX}/")


def openai_error(problem: Problem) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Returns status, body and headers of the error."""
    job_error: Mapping[str, Any] = problem.more.get("error_detail") or {}
    status = STATUSES.get(problem.status, problem.status)
    code = CODES.get(problem.code, problem.code)
    if job_error:
        status, code = _job_status(job_error), job_error["code"]
    param = _param(problem)
    error = {
        "message": _message(problem, param),
        "type": TYPES.get(status, "server_error" if status >= 500 else "invalid_request_error"),
        "param": param,
        "code": code,
    }
    headers = dict(problem.headers)
    if not PROBLEMS[problem.code].retryable:
        headers[SHOULD_RETRY] = "false"
    elif status in (408, 409):
        headers[SHOULD_RETRY] = "true"
    return status, {"error": error}, headers


def openai_response(problem: Problem) -> Response:
    """Returns the error as a response."""
    status, body, headers = openai_error(problem)
    return (RejectedOpenAIBody if status == 413 else JSONResponse)(body, status, headers)


def _job_status(error: Mapping[str, Any]) -> int:
    """A provider that refuses a request for good says that the request is wrong."""
    if error["code"] == "llm_error" and not error.get("retryable", True):
        return 400
    return JOB_STATUSES.get(error["code"], 502)


def _message(problem: Problem, param: str | None) -> str:
    first = problem.errors[0] if problem.errors else {}
    return f"{param}: {first['detail']}" if param and "pointer" in first else problem.detail


def _param(problem: Problem) -> str | None:
    """Returns the first wrong field, as OpenAI writes it: messages[0].content."""
    if not problem.errors:
        return None
    first = problem.errors[0]
    if "pointer" not in first:
        return first.get("header") or first.get("parameter")
    name = ""
    for part in POINTER_PARTS.findall(first["pointer"]):
        word = part.replace("~1", "/").replace("~0", "~")
        name += f"[{word}]" if word.isdecimal() else f".{word}" if name else word
    return name or None
