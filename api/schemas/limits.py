"""Requests and responses about limits of pools and owners."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel
from loresmith.api.schemas.requests import RequestModel

MAX_LIMIT = 1_000_000_000


class PoolLimitsRequest(RequestModel):
    """The limits of a pool. They replace those that were set before; null: none is set."""

    requests_per_minute: int | None = Field(default=None, ge=1, le=MAX_LIMIT, strict=True)
    tokens_per_minute: int | None = Field(
        default=None, ge=1, le=MAX_LIMIT, strict=True, description="Input and output tokens"
    )
    concurrency: int | None = Field(
        default=None, ge=1, le=MAX_LIMIT, strict=True, description="Model calls at once"
    )


class OwnerLimitsRequest(RequestModel):
    """The limits of an owner. They replace those that were set before."""

    weight: float = Field(
        default=1, ge=0.01, le=1_000, strict=True,
        description="Its share of the workers, compared with other owners whose jobs wait",
    )  # fmt: skip
    concurrency: int | None = Field(
        default=None, ge=1, le=MAX_LIMIT, strict=True, description="Jobs at once; null: no limit"
    )


class PoolLimits(ResponseModel):
    """Limits from one source; null where it says none."""

    requests_per_minute: float | None
    tokens_per_minute: float | None
    concurrency: float | None


class PoolResponse(ResponseModel):
    """The rate limits that the calls of a model at a provider's account share."""

    pool: str
    set: PoolLimits = Field(description="By PUT")
    file: PoolLimits = Field(description="By the providers file")
    learnt: PoolLimits = Field(description="From the provider's answers")
    effective: PoolLimits = Field(description="What counts: set, else file, else learnt")
    requests_left: float | None = Field(description="Requests that may be sent at once")
    tokens_left: float | None
    calls: int = Field(description="Model calls in flight, and reserved ones")
    closed_until: datetime | None = Field(description="No call is sent before")
    closed_reason: str | None


class OwnerLimitsResponse(ResponseModel):
    """The limits of an owner of jobs."""

    scope: Literal["team", "user"]
    id: str
    weight: float
    concurrency: int | None


class LimitsResponse(ResponseModel):
    """All pools that were used or have limits, and all owners that have limits."""

    pools: list[PoolResponse]
    owners: list[OwnerLimitsResponse]
