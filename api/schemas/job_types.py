"""Responses about job types."""

from typing import Any

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel


class JobTypeStep(ResponseModel):
    """A step of a job type."""

    name: str
    message: str
    expected_s: float


class JobTypeResponse(ResponseModel):
    """A job type."""

    type: str
    title: str
    description: str
    expected_s: float = Field(description="Usual duration in seconds")
    timeout_s: float = Field(description="Default maximum run time in seconds")
    steps: list[JobTypeStep]
    payload_schema: dict[str, Any]
    result_schema: dict[str, Any]
    example: dict[str, Any] | None


class JobTypeListResponse(ResponseModel):
    """All job types."""

    job_types: list[JobTypeResponse]
