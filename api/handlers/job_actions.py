"""`POST /jobs/{id}/cancel`, `POST /jobs/{id}/retry` and `DELETE /jobs/{id}`."""

from typing import Annotated, Any, Final

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.background.enqueuer import JobNotifier
from loresmith.api.handlers.job_responses import (
    accepted_response,
    content_removed,
    job_id_of,
    job_problem,
    job_response,
    load_job,
)
from loresmith.api.http.audit import audit
from loresmith.api.http.body import optional_body
from loresmith.api.http.problems import Problem
from loresmith.api.http.query import Flag, OneOf, StrictQueryModel
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.fragments import BODY_PROBLEMS, CREATED_HEADERS, JOB_ID
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.requests import CancelJobRequest, RetryJobRequest
from loresmith.api.services.budgets import budget_exceeded
from loresmith.api.services.job_store import JobStore, JobStores, RetryOutcome
from loresmith.api.services.pricing import PricingService
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.core.status import Status
from loresmith.jobs.types.registry import JOB_TYPES

CANCEL_MODES: Final = ("now", "after_current_call")


class CancelParams(StrictQueryModel):
    """How to cancel."""

    mode: Annotated[str, OneOf(CANCEL_MODES)] = Field(
        CANCEL_MODES[0],
        description="`after_current_call` lets the running model call finish, which is charged in "
        "any case",
    )


class RetryParams(StrictQueryModel):
    """Whether to retry."""

    dry_run: Flag = Field(False, description="Only return which steps a retry would run")


class DeleteParams(StrictQueryModel):
    """How to delete."""

    cancel: Flag = Field(False, description="Cancel an unfinished job first")


class JobActionHandlers:
    """Cancels, retries and deletes jobs."""

    def __init__(
        self, stores: JobStores, notifier: JobNotifier, pricing: PricingService, settings: Settings
    ) -> None:
        self._stores = stores
        self._notifier = notifier
        self._pricing = pricing
        self._settings = settings

    @operation(
        "Cancel a job",
        {
            200: ResponseSpec("The job is cancelled.", "Job", ("ETag",)),
            202: ResponseSpec(
                "The job is being cancelled; it starts no further model call.",
                "Job",
                ("ETag", "Retry-After"),
            ),
        },
        scope="jobs:write",
        job_token=True,
        problems=(
            *BODY_PROBLEMS, "job-not-found", "already-terminal", "temporary-reduced-capacity",
        ),
        parameters=(JOB_ID, *CancelParams.parameters()),
        body="CancelJobRequest",
        body_required=False,
        example={"reason": "changed my mind"},
    )  # fmt: skip
    async def cancel(self, request: Request) -> Response:
        """Is idempotent. What was generated stays in `partial_result`."""
        job_id, store = job_id_of(request), self._stores.of(request)
        params = CancelParams.from_query(request.query_params)
        body = await optional_body(request, CancelJobRequest, self._settings.max_body_bytes)
        outcome = await store.cancel(job_id, params.mode, body.reason)
        if outcome in ("cancelled", "cancelling"):
            await audit(request, "job.cancel", f"job {job_id}")
        record = await load_job(store, job_id)
        if outcome == "terminal" and record["status"] != Status.CANCELLED:
            detail = f"The job has already ended as {record['status']}."
            raise job_problem("already-terminal", detail, record)
        return job_response(record, 202 if outcome == "cancelling" else 200)

    @operation(
        "Retry a job",
        {
            202: ResponseSpec("The job runs again under the same id.", "Job", CREATED_HEADERS),
            200: ResponseSpec("With dry_run: the steps that would run.", "RetryPlanResponse"),
        },
        scope="jobs:write",
        problems=(
            "queue-full",
            *BODY_PROBLEMS, "job-not-found", "not-finished", "not-retryable", "stale-attempt",
            "content-removed",
            "duplicate-charge-possible", "budget-exceeded", "temporary-reduced-capacity",
        ),
        parameters=(JOB_ID, *RetryParams.parameters()),
        body="RetryJobRequest",
        body_required=False,
        example={"expected_attempt": 1},
    )  # fmt: skip
    async def retry(self, request: Request) -> Response:
        """Runs a failed or cancelled job again. Finished steps are reused, so only the others are
        charged. Send `expected_attempt`, so that a double click retries once.
        """
        job_id, store = job_id_of(request), self._stores.of(request)
        params = RetryParams.from_query(request.query_params)
        body = await optional_body(request, RetryJobRequest, self._settings.max_body_bytes)
        if params.dry_run:
            return JSONResponse(await self._plan(store, await load_job(store, job_id)))
        retried = await store.retry(
            job_id,
            body.expected_attempt,
            body.accept_duplicate_charge,
        )
        record = await load_job(store, job_id)
        if retried.outcome == "unknown":
            raise _duplicate_charge(retried.detail, record, await self._plan(store, record))
        if retried.outcome != "ok":
            raise _retry_problem(retried, record)
        self._notifier.notify(retried.admitted)
        await audit(request, "job.retry", f"job {job_id}")
        return accepted_response(record)

    @operation(
        "Delete a job",
        {
            204: ResponseSpec("The job, its payload and its result are deleted."),
            202: ResponseSpec(
                "The job is being cancelled first; delete it once it has ended.",
                "Job",
                ("ETag", "Retry-After"),
            ),
        },
        scope="jobs:write",
        problems=(
            "validation-error", "job-not-found", "not-finished", "temporary-reduced-capacity",
        ),
        parameters=(JOB_ID, *DeleteParams.parameters()),
    )  # fmt: skip
    async def delete(self, request: Request) -> Response:
        """Its cost stays in budgets and usage, and its idempotency key stays used."""
        job_id, store = job_id_of(request), self._stores.of(request)
        params = DeleteParams.from_query(request.query_params)
        if params.cancel:
            await store.cancel(job_id, CANCEL_MODES[0], "deleted")
        outcome = await store.delete(job_id)
        if outcome == "ok":
            await audit(request, "job.delete", f"job {job_id}")
            return Response(status_code=204)
        record = await load_job(store, job_id)
        if params.cancel:
            return job_response(record, 202)
        detail = "The job has not ended. Cancel it first, or add ?cancel=true."
        raise job_problem("not-finished", detail, record)

    async def _plan(self, store: JobStore, record: Record) -> dict[str, Any]:
        if "content_removed_ms" in record:
            raise content_removed(record)
        if record["type"] not in JOB_TYPES:
            detail = f"This server does not know the job type {record['type']}."
            raise job_problem("not-retryable", detail, record)
        plan = await store.retry_plan(record)
        return plan | await self._pricing.price_retry(record, plan["steps_to_run"])


def _duplicate_charge(call_id: str, record: Record, plan: dict[str, Any]) -> Problem:
    """Asks for consent, with the price."""
    maximum = plan["cost"]["max"]
    price = "" if maximum is None else f" with at most ${maximum:.4f}"
    detail = (
        f"Model call {call_id} may have been charged and its response was lost; a retry may be "
        f"charged again{price}. Send accept_duplicate_charge: true to retry."
    )
    return job_problem(
        "duplicate-charge-possible", detail, record, call_id=call_id, cost=plan["cost"], plan=plan
    )


def _retry_problem(retried: RetryOutcome, record: Record) -> Problem:
    if retried.refusal:
        return budget_exceeded(retried.refusal)
    if retried.outcome == "removed":
        return content_removed(record)
    if retried.outcome == "stale":
        detail = f"The job is already at attempt {retried.detail}."
        return job_problem("stale-attempt", detail, record)
    if retried.detail == Status.COMPLETED:
        detail = "The job completed. Create a new one."
        return job_problem("not-retryable", detail, record)
    return job_problem("not-finished", f"The job is {retried.detail}.", record)
