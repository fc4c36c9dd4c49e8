"""The table of HTTP problems, and their form on the wire (RFC 9457).

Code that raises a problem gives its code and a detail; status, title, retryability and remedy are
in the table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_ECHO = 100
"""Characters of client input that a problem repeats."""


@dataclass(frozen=True)
class ProblemType:
    """A row of the table."""

    status: int
    title: str
    retryable: bool
    """The same request may succeed later, unchanged."""
    remedy: str
    """What the client can do."""


PROBLEMS = {
    "validation-error": ProblemType(
        400, "The request is invalid", False, "Correct the fields listed in `errors`."
    ),
    "conflicting-fields": ProblemType(
        400, "Conflicting fields", False, "Send only one of the fields listed in `errors`."
    ),
    "idempotency-key-required": ProblemType(
        400,
        "Idempotency-Key required",
        False,
        "Send a UUID as Idempotency-Key, and the same one with every retry of the request.",
    ),
    "cost-cap-exceeded": ProblemType(
        400,
        "Cost cap exceeded",
        False,
        "Use one of the `alternatives`, or raise the cap (options.max_cost, "
        "LORESMITH_MAX_JOB_COST).",
    ),
    "price-unknown": ProblemType(
        400,
        "Model price unknown",
        False,
        "Send options.allow_unknown_price: true, omit max_cost, or configure a price "
        "(LORESMITH_PRICES_FILE).",
    ),
    "unsupported-parameter": ProblemType(
        400, "Not supported", False, "Leave the field out; docs/openai-sdk.md lists what differs."
    ),
    "unauthorized": ProblemType(
        401,
        "Credential required",
        False,
        "Send a valid API key as `Authorization: Bearer lore_…`; see docs/authentication.md.",
    ),
    "budget-exceeded": ProblemType(
        402,
        "Budget exceeded",
        False,
        "Wait until `retry_at`, reduce the request, or raise the limit of the budget.",
    ),
    "forbidden": ProblemType(
        403, "Not allowed", False, "Use a credential with the role and the scope of the route."
    ),
    "forbidden-origin": ProblemType(
        403,
        "Cross-site request rejected",
        False,
        "Call the api from its own page or a server, or list the origin in LORESMITH_CORS_ORIGINS.",
    ),
    "not-found": ProblemType(404, "Route not found", False, "See /docs for the routes."),
    "model-not-found": ProblemType(
        404, "Model not found", False, "GET /v1/models lists the models."
    ),
    "job-not-found": ProblemType(
        404, "Job not found", False, "Check the id. Ended jobs are deleted after their retention."
    ),
    "world-not-found": ProblemType(
        404, "World not found", False, "Check the id. A world has the id of its job."
    ),
    "budget-not-found": ProblemType(
        404, "Budget not found", False, "GET /budgets lists budgets; PUT creates one."
    ),
    "worker-not-found": ProblemType(
        404, "Worker not found", False, "GET /workers lists the live workers."
    ),
    "limits-not-found": ProblemType(
        404, "Limits not found", False, "GET /limits lists them; PUT sets some."
    ),
    "key-not-found": ProblemType(404, "API key not found", False, "GET /keys lists the keys."),
    "method-not-allowed": ProblemType(
        405, "Method not allowed", False, "Use a method of the Allow header."
    ),
    "already-terminal": ProblemType(
        409, "Job already ended", False, "There is nothing to cancel; see `job`."
    ),
    "not-finished": ProblemType(
        409, "Job not finished", True, "Wait for Retry-After seconds, or cancel the job first."
    ),
    "not-retryable": ProblemType(
        409, "Job not retryable", False, "Only failed and cancelled jobs can be retried."
    ),
    "job-cancelled": ProblemType(
        409, "Job cancelled", False, "Create another job, or retry this one."
    ),
    "key-revoked": ProblemType(409, "API key revoked", False, "Create another key."),
    "no-result": ProblemType(
        409, "Job has no result", False, "Read the job's error, then retry the job."
    ),
    "stale-attempt": ProblemType(
        409, "Attempt outdated", False, "Another client retried the job; see `job`."
    ),
    "damaged-record": ProblemType(
        410, "Record damaged", False, "Restore the record in Redis; the server log names it."
    ),
    "content-removed": ProblemType(
        410, "Content removed", False, "Create a new job; this one had options.store: false."
    ),
    "job-deleted": ProblemType(410, "Job deleted", False, "Use a new key to create a new job."),
    "payload-too-large": ProblemType(
        413, "Request body too large", False, "Send less than `limit` bytes."
    ),
    "unsupported-media-type": ProblemType(
        415, "Unsupported media type", False, "Send application/json, uncompressed."
    ),
    "wrong-host": ProblemType(
        421,
        "Host name not accepted",
        False,
        "Use a loopback name, or start with --public and list the name in LORESMITH_HOSTS.",
    ),
    "idempotency-key-reused": ProblemType(
        422,
        "Idempotency-Key reused for another request",
        False,
        "Use a new key for a new request.",
    ),
    "cost-confirmation-required": ProblemType(
        428,
        "Cost confirmation required",
        False,
        "Resend with the same key and options.confirm_cost: `estimate.cost.max`.",
    ),
    "duplicate-charge-possible": ProblemType(
        428,
        "Duplicate charge possible",
        False,
        "Send accept_duplicate_charge: true to retry nevertheless.",
    ),
    "rate-limited": ProblemType(429, "Too many requests", True, "Retry after Retry-After seconds."),
    "too-many-streams": ProblemType(
        429,
        "Too many open streams",
        True,
        "Close event streams, poll instead, or retry after Retry-After seconds.",
    ),
    "queue-full": ProblemType(
        429,
        "Too many unfinished jobs",
        True,
        "Retry after Retry-After seconds, when jobs have ended, or cancel some.",
    ),
    "job-failed": ProblemType(
        502, "Job failed", False, "Read the error; POST /jobs/{id}/retry runs the job again."
    ),
    "internal-error": ProblemType(
        500, "Internal error", True, "Report the request_id; the server log has the details."
    ),
    "temporary-reduced-capacity": ProblemType(
        503, "A dependency is unavailable", True, "Retry after Retry-After seconds."
    ),
}
"""Problem types by code. The code is in `code`, and after `/problems/` in `type`."""


class Problem(Exception):
    """A request fails with a problem response.

    `errors` come from `body_error`, `header` or `parameter`; `more` are extension members, for
    example the job.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Iterable[dict[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.more = more

    @property
    def status(self) -> int:
        return PROBLEMS[self.code].status

    def body(self, instance: str, request_id: str) -> dict[str, Any]:
        """Returns the problem as a JSON object."""
        problem_type = PROBLEMS[self.code]
        return {
            "type": f"/problems/{self.code}",
            "title": problem_type.title,
            "status": problem_type.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "retryable": problem_type.retryable,
            "request_id": request_id,
            **({"errors": self.errors} if self.errors else {}),
            **self.more,
        }


def body_error(location: Iterable[str | int], detail: str) -> dict[str, str]:
    """Returns an error at a JSON pointer (RFC 6901) into the body; '' is the whole body."""
    pointer = "".join(f"/{_escape(part)}" for part in location)
    return {"pointer": pointer, "detail": detail}


def header(name: str, detail: str) -> dict[str, str]:
    """Returns an error in a header."""
    return {"header": name, "detail": detail}


def parameter(name: str, detail: str) -> dict[str, str]:
    """Returns an error in a query or path parameter."""
    return {"parameter": name, "detail": detail}


def validation_error(*errors: dict[str, str]) -> Problem:
    """Returns the problem of an invalid request; its detail is the first error."""
    location, message = errors[0].values()
    detail = f"{location}: {message}" if location else message
    return Problem("validation-error", detail, errors=errors)


def unavailable(detail: str, seconds: int = 1) -> Problem:
    """Returns the problem of an unavailable dependency; the client retries after `seconds`."""
    return Problem("temporary-reduced-capacity", detail, headers={"Retry-After": str(seconds)})


def truncated(text: str) -> str:
    """Shortens client input for use in a message."""
    return text if len(text) <= MAX_ECHO else text[:MAX_ECHO] + "…"


def _escape(part: str | int) -> str:
    return truncated(str(part)).replace("~", "~0").replace("/", "~1")
