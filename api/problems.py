"""What can go wrong over HTTP, in one table, and its one shape on the wire (RFC 9457).

Every problem names the field or the cure. Whatever raises says only the code; status, title and
whether trying again may help stand here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_ECHO = 100
"""Characters of a client's own text that a problem repeats."""


@dataclass(frozen=True)
class ProblemType:
    """One row of the table."""

    status: int
    title: str
    retryable: bool
    """Whether the same request may succeed later, unchanged."""
    cure: str
    """What a client does about it."""


PROBLEMS = {
    "validation-error": ProblemType(
        400, "The request does not fit", False, "Correct the fields that `errors` names."
    ),
    "conflicting-fields": ProblemType(
        400, "Two parts of the request contradict each other", False, "Send one of the two."
    ),
    "idempotency-key-required": ProblemType(
        400,
        "This server wants an Idempotency-Key",
        False,
        "Send one: a UUID made once for what you want, and the same one with every retry.",
    ),
    "cost-cap-exceeded": ProblemType(
        400,
        "The job may cost more than its cap",
        False,
        "Take one of the `alternatives`, or raise the cap (options.max_cost, LORE_JOB_CAP).",
    ),
    "price-unknown": ProblemType(
        400,
        "No cap can be held: the price of the model is not known",
        False,
        "Send options.allow_unknown_price: true, leave max_cost out, or set a price (LORE_PRICES).",
    ),
    "budget-exceeded": ProblemType(
        402,
        "A budget has no room for the job",
        False,
        "Wait until `retry_at`, ask for less, or have the limit of the budget raised.",
    ),
    "forbidden-origin": ProblemType(
        403, "Requests from other web sites are refused", False, "Call from the page's own server."
    ),
    "not-found": ProblemType(404, "There is no such route", False, "See /docs for the routes."),
    "job-not-found": ProblemType(
        404, "There is no such job", False, "Check the id; a job is kept for 24 h after its end."
    ),
    "world-not-found": ProblemType(
        404, "There is no such world", False, "Check the id; a world has the id of its job."
    ),
    "budget-not-found": ProblemType(
        404, "There is no such budget", False, "GET /budgets lists them; PUT makes one."
    ),
    "method-not-allowed": ProblemType(
        405, "The route does not take this method", False, "Use a method of the Allow header."
    ),
    "already-terminal": ProblemType(
        409, "The job has ended", False, "Nothing is left to cancel; `job` is how it ended."
    ),
    "not-finished": ProblemType(
        409, "The job has not ended", True, "Wait for Retry-After seconds, or cancel it first."
    ),
    "not-retryable": ProblemType(
        409, "The job cannot be retried", False, "Only failed and cancelled jobs can be."
    ),
    "no-result": ProblemType(
        409, "The job ended without a result", False, "Read its error, then retry it."
    ),
    "stale-attempt": ProblemType(
        409, "Somebody else retried the job before", False, "Look at `job`; it may run already."
    ),
    "job-deleted": ProblemType(
        410, "The job of this key was deleted", False, "Use a new key to make a new job."
    ),
    "payload-too-large": ProblemType(413, "The body is too large", False, "Send a shorter body."),
    "unsupported-media-type": ProblemType(
        415,
        "The body is not plain JSON",
        False,
        "Send application/json, uncompressed.",
    ),
    "wrong-host": ProblemType(
        421, "This server answers to loopback names only", False, "Start it with --public."
    ),
    "idempotency-key-reused": ProblemType(
        422, "The key belongs to another request", False, "Use a new key for a new request."
    ),
    "cost-confirmation-required": ProblemType(
        428,
        "The job is expensive and wants a yes",
        False,
        "Send the same under the same key with options.confirm_cost: `estimate.cost.max`.",
    ),
    "may-pay-again": ProblemType(
        428,
        "A retry may buy the same model call twice",
        False,
        "Send accept_duplicate_charge: true to run it nevertheless.",
    ),
    "internal-error": ProblemType(
        500, "The server made a mistake", True, "Report the request_id; its log has the details."
    ),
    "temporary-reduced-capacity": ProblemType(
        503, "Something the server needs is away", True, "Try again after Retry-After seconds."
    ),
}
"""Problem types by code: what `code` says, and what follows `/problems/` in `type`."""


class Problem(Exception):
    """A request that is answered with a problem.

    `errors` are faults from `at`, `header` or `parameter`; `more` are members beside the standard
    ones, for example the job.
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
        """The members of the problem as JSON."""
        kind = PROBLEMS[self.code]
        return {
            "type": f"/problems/{self.code}",
            "title": kind.title,
            "status": kind.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            "retryable": kind.retryable,
            "request_id": request_id,
            **({"errors": self.errors} if self.errors else {}),
            **self.more,
        }


def at(location: Iterable[str | int], detail: str) -> dict[str, str]:
    """A fault at a place in the body, as a JSON pointer (RFC 6901); the whole body is ''."""
    pointer = "".join(f"/{_escape(part)}" for part in location)
    return {"pointer": pointer, "detail": detail}


def header(name: str, detail: str) -> dict[str, str]:
    """A fault in a header."""
    return {"header": name, "detail": detail}


def parameter(name: str, detail: str) -> dict[str, str]:
    """A fault in the query or in the path."""
    return {"parameter": name, "detail": detail}


def invalid(fault: dict[str, str], *more: dict[str, str]) -> Problem:
    """The problem of a request with faults; its detail tells the first."""
    place, detail = fault.values()
    told = f"{place}: {detail}" if place else detail
    return Problem("validation-error", told, errors=[fault, *more])


def away(what: str, seconds: int = 1) -> Problem:
    """The problem of a request that needs something that is away; try again in `seconds`."""
    return Problem("temporary-reduced-capacity", what, headers={"Retry-After": str(seconds)})


def echo(text: str) -> str:
    """A client's own text, fit to be repeated to it."""
    return text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "…"


def _escape(part: str | int) -> str:
    return echo(str(part)).replace("~", "~0").replace("/", "~1")
