"""The ids of OpenAI's objects, which are those of jobs, and the name of their model."""

import uuid

from loresmith.api.http.problems import Problem, truncated
from loresmith.jobs.core.job_record import Record

CHAT = "chatcmpl-"
RESPONSE = "resp_"
HEX_LENGTH = 32


def object_id(prefix: str, job_id: str) -> str:
    """Returns the id of the object that a job is."""
    return prefix + job_id.replace("-", "")


def model_of(record: Record) -> str:
    """Returns the model that a job named; a job of POST /jobs may name none."""
    return record.get("model", "default")


def job_id_of(prefix: str, text: str) -> str:
    """Returns the id of the job. Raises Problem for a text that is no such id."""
    digits = text.removeprefix(prefix)
    if not text.startswith(prefix) or len(digits) != HEX_LENGTH:
        raise not_found(text)
    try:
        return str(uuid.UUID(hex=digits))
    except ValueError:
        raise not_found(text) from None


def not_found(text: str) -> Problem:
    return Problem("job-not-found", f"{truncated(text)!r} does not exist: unknown id, or expired.")
