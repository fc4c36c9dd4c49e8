"""`GET /job-types`: the catalogue of job types."""

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.http.responses import JSONResponse
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.jobs.types.base import JobType
from loresmith.jobs.types.registry import JOB_TYPES


@operation(
    "List job types",
    {200: ResponseSpec("All job types.", "JobTypeListResponse")},
    scope="jobs:read",
)
async def list_job_types(request: Request) -> Response:
    """Returns for each type its payload and result as JSON Schema, and its usual duration."""
    return JSONResponse(_catalogue())


@cache
def _catalogue() -> dict[str, Any]:
    return {"job_types": [_represent(job_type) for job_type in JOB_TYPES.values()]}


def _represent(job_type: JobType[Any]) -> dict[str, Any]:
    return {
        "type": job_type.name,
        "title": job_type.title,
        "description": job_type.description,
        "expected_s": job_type.expected_s,
        "timeout_s": job_type.timeout_s,
        "steps": [
            {"name": step.name, "message": step.message, "expected_s": step.expected_s}
            for step in job_type.steps
        ],
        "payload_schema": job_type.payload.model_json_schema(),
        "result_schema": job_type.result_schema(),
        "example": job_type.example,
    }
