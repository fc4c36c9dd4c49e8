"""Cancelling, retrying and deleting jobs."""

from typing import Any, Final, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from api import views
from api.answers import JSON
from api.bodies import fit, parse, read, require_json
from api.budgets import exceeded
from api.dispatch import Bell
from api.jobs import BODY_PROBLEMS, CREATED, JOB_ID, found
from api.operation import Answer, Parameter, operation
from api.problems import Problem
from api.quotes import Quotes
from api.requests import Cancel, Retry
from api.store import Retried, Store
from jobs.config import Config
from jobs.job import Record
from jobs.states import Status

BodyT = TypeVar("BodyT", bound=BaseModel)

MODES: Final = ("now", "after_current_call")
YES_OR_NO: Final = ("false", "true")
MODE = Parameter(
    "mode",
    "query",
    "`after_current_call` lets the model call that runs come to its end: it is paid anyway",
    {"type": "string", "enum": list(MODES), "default": MODES[0]},
)
DRY_RUN = Parameter(
    "dry_run",
    "query",
    "Whether only to say what a retry would keep and buy",
    {"type": "string", "enum": list(YES_OR_NO), "default": YES_OR_NO[0]},
)
CANCEL = Parameter(
    "cancel",
    "query",
    "Whether a job that has not ended is cancelled first",
    {"type": "string", "enum": list(YES_OR_NO), "default": YES_OR_NO[0]},
)


class Control:
    """The routes that change a job's course."""

    def __init__(self, store: Store, bell: Bell, quotes: Quotes, config: Config) -> None:
        self._store = store
        self._quotes = quotes
        self._bell = bell
        self._config = config

    @operation(
        "Cancel a job",
        {
            200: Answer("The job is cancelled.", "Job", ("ETag",)),
            202: Answer(
                "The job is being stopped; from this answer on no model call of it starts.",
                "Job",
                ("ETag", "Retry-After"),
            ),
        },
        problems=(
            *BODY_PROBLEMS, "job-not-found", "already-terminal", "temporary-reduced-capacity",
        ),
        parameters=(JOB_ID, MODE),
        body="Cancel",
        body_required=False,
        example={"reason": "changed my mind"},
    )  # fmt: skip
    async def cancel(self, request: Request) -> Response:
        """Cancelling twice is cancelling once. What was generated stays in `partial_result`."""
        job_id = views.job_id(request)
        mode = views.choice(request, "mode", MODES)
        asked = await self._body(request, Cancel)
        outcome = await self._store.cancel(job_id, mode, asked.reason)
        record = await found(self._store, job_id)
        if outcome == "terminal" and record["status"] != Status.CANCELLED:
            detail = f"The job has ended already: {record['status']}."
            raise views.with_job("already-terminal", detail, record)
        return views.job(record, 202 if outcome == "cancelling" else 200)

    @operation(
        "Retry a job",
        {
            202: Answer("The job runs again, under its own id.", "Job", CREATED),
            200: Answer("With dry_run: what would be kept and bought.", "RetryPlan"),
        },
        problems=(
            *BODY_PROBLEMS, "job-not-found", "not-finished", "not-retryable", "stale-attempt",
            "may-pay-again", "budget-exceeded", "temporary-reduced-capacity",
        ),
        parameters=(JOB_ID, DRY_RUN),
        body="Retry",
        body_required=False,
        example={"expected_attempt": 1},
    )  # fmt: skip
    async def retry(self, request: Request) -> Response:
        """Runs a failed or cancelled job again. Steps that were finished are kept, so that only
        what is missing is bought. Send `expected_attempt`, so that a double click retries once.
        """
        job_id = views.job_id(request)
        asked = await self._body(request, Retry)
        if views.choice(request, "dry_run", YES_OR_NO) == "true":
            return JSON(await self._plan(await found(self._store, job_id)))
        retried = await self._store.retry(
            job_id,
            asked.expected_attempt,
            asked.accept_duplicate_charge,
            self._config.start_within_s,
        )
        record = await found(self._store, job_id)
        if retried.outcome != "ok":
            raise _not_retried(retried, record)
        self._bell.ring(job_id, attempt=int(retried.detail))
        return views.accepted(record)

    async def _plan(self, record: Record) -> dict[str, Any]:
        plan = await self._store.retry_plan(record)
        return plan | {"cost": await self._quotes.of_steps(record, plan["will_buy"])}

    @operation(
        "Delete a job",
        {
            204: Answer("The job, its payload and its result are erased."),
            202: Answer(
                "It is being cancelled first; delete it once it has ended.",
                "Job",
                ("ETag", "Retry-After"),
            ),
        },
        problems=(
            "validation-error", "job-not-found", "not-finished", "temporary-reduced-capacity",
        ),
        parameters=(JOB_ID, CANCEL),
    )  # fmt: skip
    async def delete(self, request: Request) -> Response:
        """What was paid stays on the books, and its idempotency key stays used."""
        job_id = views.job_id(request)
        first = views.choice(request, "cancel", YES_OR_NO) == "true"
        if first:
            await self._store.cancel(job_id, MODES[0], "deleted")
        outcome = await self._store.delete(job_id)
        if outcome == "ok":
            return Response(status_code=204)
        record = await found(self._store, job_id)
        if first:
            return views.job(record, 202)
        detail = "The job has not ended; cancel it first, or add ?cancel=true."
        raise views.with_job("not-finished", detail, record)

    async def _body(self, request: Request, model: type[BodyT]) -> BodyT:
        """The body, which may be left out together with its Content-Type. Raises Problem."""
        body = await read(request, self._config.max_body)
        if not body:
            return model()
        require_json(request)
        return fit(model, body, parse(body))


def _not_retried(retried: Retried, record: Record) -> Problem:
    if retried.refusal:
        return exceeded(retried.refusal)
    if retried.outcome == "stale":
        detail = f"The job is at attempt {retried.detail} already."
        return views.with_job("stale-attempt", detail, record)
    if retried.outcome == "unknown":
        detail = (
            f"Model call {retried.detail} may have been bought and its answer was lost; "
            "a retry may buy it again. Send accept_duplicate_charge: true to do so."
        )
        return views.with_job("may-pay-again", detail, record, call_id=retried.detail)
    if retried.detail == Status.COMPLETED:
        return views.with_job("not-retryable", "The job was completed; create a new one.", record)
    return views.with_job("not-finished", f"The job is {retried.detail}.", record)
