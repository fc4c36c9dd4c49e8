"""Models of the responses of probes."""

from typing import Literal

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel


class HealthResponse(ResponseModel):
    """Whether the process works."""

    status: str = Field(description="`ok`, or which part of the process is dead")


class HealthCheckResponse(ResponseModel):
    """The outcome of one check."""

    ok: bool
    detail: str


class ReadinessResponse(ResponseModel):
    """Whether this process can accept jobs."""

    status: Literal["ready", "not ready"]
    checks: dict[str, HealthCheckResponse]


class SystemResponse(ResponseModel):
    """The state of all processes."""

    status: Literal["ok", "degraded"]
    checks: dict[str, HealthCheckResponse]
