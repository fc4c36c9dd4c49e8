"""Ended jobs as answers: a completed one, or the error of any other."""

from pydantic_core import from_json

from loresmith.api.handlers.job_responses import content_removed, poll_interval_s
from loresmith.api.http.problems import Problem
from loresmith.api.openai_compat.ids import job_id_of, not_found
from loresmith.api.services.job_store import JobStore
from loresmith.jobs.core.job_record import Record, is_active
from loresmith.jobs.core.status import Status


async def read_job(store: JobStore, prefix: str, text: str, type: str) -> Record:
    """Returns the job of an object's id. Raises Problem when it does not exist, or any more."""
    record = await store.read(job_id_of(prefix, text))
    if record is None or record["type"] != type:
        raise not_found(text)
    if "content_removed_ms" in record:
        raise content_removed(record)
    return record


def require_completed(record: Record) -> Record:
    """Returns the job if it has a result. Raises Problem."""
    if is_active(record):
        retry_after = {"Retry-After": str(poll_interval_s(record))}
        raise Problem("not-finished", "The job has not ended yet.", headers=retry_after)
    if "content_removed_ms" in record:
        raise content_removed(record)
    if record["status"] == Status.CANCELLED:
        raise Problem("job-cancelled", "The job was cancelled.")
    if record["status"] != Status.COMPLETED:
        detail = from_json(record.get("error_detail") or '{"code": "internal"}')
        raise Problem("job-failed", record.get("error") or "The job failed.", error_detail=detail)
    return record
