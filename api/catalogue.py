"""The job types, for forms and for people."""

from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON
from api.operation import Answer, operation
from jobs.kind import Kind
from jobs.kinds import KINDS


@operation("The job types", {200: Answer("What can be asked for.", "JobTypes")})
async def job_types(request: Request) -> Response:
    """For each type what it takes and what it makes, as JSON Schema, and how long it takes."""
    return JSON(_catalogue())


@cache
def _catalogue() -> dict[str, Any]:
    return {"job_types": [_entry(kind) for kind in KINDS.values()]}


def _entry(kind: Kind[Any]) -> dict[str, Any]:
    return {
        "type": kind.name,
        "title": kind.title,
        "description": kind.description,
        "expected_s": kind.expected_s,
        "timeout_s": kind.timeout_s,
        "steps": [
            {"name": step.name, "message": step.message, "expected_s": step.expected_s}
            for step in kind.steps
        ],
        "payload_schema": kind.payload.model_json_schema(),
        "result_schema": kind.result_schema(),
        "example": kind.example,
    }
