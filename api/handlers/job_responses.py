"""Responses that show a job: body, ETag, Retry-After, and problems with the job in them."""

from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.forwarded import client_path
from loresmith.api.http.params import path_uuid
from loresmith.api.http.problems import Problem, truncated
from loresmith.api.http.responses import JSONResponse
from loresmith.api.schemas.representation import represent_job, timestamp
from loresmith.api.schemas.sparse_fields import ALL_FIELDS, FieldSelection
from loresmith.api.services.budgets import budget_exceeded
from loresmith.api.services.job_store import JobStore, SubmitOutcome
from loresmith.jobs.core.job_record import Record, is_active
from loresmith.jobs.core.status import STATUS_ALIASES
from loresmith.jobs.types.registry import JOB_TYPES

POLL_INTERVAL_S = 3
SHORT_POLL_INTERVAL_S = 1
MAX_POLL_INTERVAL_S = 15
JOBS_PER_EXTRA_SECOND = 50
"""For so many jobs ahead in the queue, clients poll one second less often."""
NEARLY_DONE_PERCENT = 70
"""Progress from which clients poll at the short interval."""


def job_id_of(request: Request) -> str:
    """Returns the job id of the path in lower case. Raises Problem for a malformed one."""
    job_id = path_uuid(request)
    if job_id is None:
        word = truncated(request.path_params["id"])
        hint = f" GET /jobs?status={word} lists jobs by status." if word in STATUS_ALIASES else ""
        raise Problem("job-not-found", f"{word!r} is not the id of a job, which is a UUID.{hint}")
    return job_id


async def load_job(store: JobStore, job_id: str) -> Record:
    """Reads a job's record. Raises Problem when it does not exist."""
    record = await store.read(job_id)
    if record is None:
        raise job_not_found(job_id)
    return record


def job_not_found(job_id: str) -> Problem:
    return Problem(
        "job-not-found", f"Job {truncated(job_id)} does not exist: unknown id, or expired."
    )


def content_removed(record: Record) -> Problem:
    """Says that a job has no content any more, since when."""
    since = timestamp(record["content_removed_ms"])
    detail = f"The payload and the result were removed at {since}: the job had options.store false."
    return job_problem("content-removed", detail, record)


async def forget_once_read(
    request: Request, store: JobStore, record: Record, response: Response
) -> Response:
    """Returns the response with a complete result. Once it was sent, the content of a job that is
    not stored is removed, unless the client has left before.
    """
    is_last = record.get("store") == "0" and "result" in record and not is_active(record)
    job_type = JOB_TYPES.get(record["type"])
    if job_type and job_type.is_sent_again:
        return response
    if is_last and request.method != "HEAD" and not await request.is_disconnected():
        response.background = BackgroundTask(store.content_was_read, record["id"])
    return response


def job_response(
    record: Record,
    status: int = 200,
    *,
    reused: bool = False,
    selection: FieldSelection = ALL_FIELDS,
    waited_s: int | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Returns a job as a response. `waited_s`: the seconds of the client's `Prefer: wait`."""
    headers = {"ETag": job_etag(record, selection)} | (headers or {})
    if waited_s is not None:
        headers["Preference-Applied"] = f"wait={waited_s}"
    if is_active(record):
        headers.setdefault("Retry-After", str(poll_interval_s(record)))
    job = selection.apply(represent_job(record, reused=reused), record)
    return JSONResponse(job, status, headers)


def accepted_response(record: Record) -> Response:
    """Returns the response to a request that started a job."""
    headers = {
        "Location": client_path(f"/jobs/{record['id']}"),
        "Retry-After": str(POLL_INTERVAL_S),
    }
    return job_response(record, 202, headers=headers)


def job_etag(record: Record, selection: FieldSelection = ALL_FIELDS) -> str:
    """Returns the ETag: it changes with the job's version, and differs by field selection."""
    corrected = f".{record['corrected']}" if "corrected" in record else ""
    return f'"{record["version"]}{corrected}{selection.etag_suffix}"'


def poll_interval_s(record: Record) -> int:
    """Returns when to poll again: soon near the end of a job, later deep in the queue."""
    position = int(record.get("waiting_position", 0))
    if position > JOBS_PER_EXTRA_SECOND:
        extra_s = position // JOBS_PER_EXTRA_SECOND
        return min(MAX_POLL_INTERVAL_S, POLL_INTERVAL_S + extra_s)
    nearly_done = int(record["progress"]) >= NEARLY_DONE_PERCENT
    return SHORT_POLL_INTERVAL_S if nearly_done else POLL_INTERVAL_S


def job_problem(code: str, detail: str, record: Record, **extensions: Any) -> Problem:
    """Returns a problem that contains the job as it is."""
    headers = {"Retry-After": str(poll_interval_s(record))} if is_active(record) else {}
    return Problem(code, detail, headers=headers, job=represent_job(record), **extensions)


def submit_problem(submitted: SubmitOutcome) -> Problem:
    """Says why a submission created no job."""
    if submitted.refusal:
        return budget_exceeded(submitted.refusal)
    if submitted.outcome == "foreign":
        return job_not_found(submitted.job_id)
    if submitted.outcome == "mismatch":
        return Problem(
            "idempotency-key-reused",
            "The key or id belongs to a job that was created with a different body.",
            job_id=submitted.job_id,
        )
    return Problem(
        "job-deleted",
        "The job of this key was deleted. Use a new key.",
        job_id=submitted.job_id,
    )
