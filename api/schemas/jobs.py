"""Models of responses. /openapi.json is built from them, and tests validate responses by it.

Responses are not built through these models: records in Redis are text already, and building
models would cost more than reading the record.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, create_model

from loresmith.api.schemas.audit import AuditCheckResponse, AuditResponse
from loresmith.api.schemas.base import ResponseModel, SecondsQuantiles
from loresmith.api.schemas.cleanup import CleanupResponse, ErasureResponse
from loresmith.api.schemas.costs import (
    BudgetListResponse,
    BudgetResponse,
    CallListResponse,
    Cost,
    CostStats,
    EstimateError,
    EstimateResponse,
    RetryPlanResponse,
    UsageResponse,
)
from loresmith.api.schemas.health import HealthResponse, ReadinessResponse, SystemResponse
from loresmith.api.schemas.job_token import JobTokenResponse
from loresmith.api.schemas.job_types import JobTypeListResponse
from loresmith.api.schemas.keys import KeyListResponse, KeyResponse, NewKeyResponse
from loresmith.api.schemas.limits import LimitsResponse, OwnerLimitsResponse, PoolResponse
from loresmith.api.schemas.queue import (
    DrainResponse,
    PausesResponse,
    QueueResponse,
    WorkerListResponse,
)
from loresmith.api.schemas.requests import RelatedObject, exactly, pascal
from loresmith.api.schemas.session import SessionResponse
from loresmith.jobs.core.events import TokenUsage
from loresmith.jobs.core.job_fields import INDEXED_FIELDS
from loresmith.jobs.core.job_record import Priority
from loresmith.jobs.core.status import ProgressSource, Status
from loresmith.jobs.types.base import JobType
from loresmith.jobs.types.registry import JOB_TYPES


class ErrorDetail(BaseModel):
    """Why a job failed. More fields may be present."""

    code: str = Field(description="One of the job error codes in docs/errors.md; a closed set")
    message: str
    retryable: bool = Field(description="Whether a retry may help")


class Links(ResponseModel):
    """URLs of the actions that the status allows."""

    self: str
    cancel: str | None = None
    retry: str | None = None


class ProgressDetail(ResponseModel):
    """The progress of a running job."""

    source: str = Field(
        description="What progress is measured by: simulated, tokens, items or steps"
    )
    step: str | None
    step_index: int | None = Field(description="The number of the step, from 1")
    step_count: int | None
    items_done: int | None = Field(description="Finished items; null without a list")
    items_expected: int | None
    eta_s: SecondsQuantiles | None = Field(
        description="Remaining time, from the runs that took longer; null when overdue"
    )
    overdue: bool = Field(description="The job takes longer than nine of ten")
    last_activity_at: datetime | None


class QueueWait(ResponseModel):
    """What the job waits for."""

    reason: str = Field(
        description="queued: its turn comes; no_worker: none listens to the job's queue; "
        "paused: the queue, or its pool, type or owner; suspended: `rq suspend` is in effect; "
        "owner_concurrency: as many jobs of its owner run as may; pool_closed: the provider "
        "refuses its model for now; pool_requests, pool_tokens, pool_concurrency: the rate limit "
        "of its model has no room; next_try: see next_try_at; recovering: the job lost its worker "
        "and waits for another; rate_limited, waiting_provider, waiting_archive, waiting_version: "
        "its phase, while what it needs is away; see next_try_at"
    )
    position: int | None = Field(
        description="How many jobs start until it has started, itself included; an estimate when "
        "there are many owners"
    )
    expected_start_in_s: float | None = Field(
        description="Estimated seconds until it starts; null when that depends on a person"
    )


INDEXED: dict[str, Any] = {name: (str | None, ...) for name in INDEXED_FIELDS if name != "type"}
IndexedFields: Any = create_model("IndexedFields", __base__=ResponseModel, **INDEXED)


class JobResponse(IndexedFields):
    """A job. Fields without a value yet are null."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    type: str
    status: Status
    progress: int = Field(ge=0, le=100, description="Per cent; never decreases within an attempt")
    message: str = Field(description="A message for people")
    title: str | None = Field(description="The start of a prompt; null for types without a title")
    created_at: datetime
    priority: Priority
    phase: str | None = Field(description="Details of the status; an open set, do not switch on it")
    progress_source: ProgressSource = Field(description="What progress is measured by")
    progress_detail: ProgressDetail | None = Field(description="Present while the job runs")
    updated_at: datetime | None
    started_at: datetime | None = Field(
        description="When it first ran, or first ran after a retry of the ended job"
    )
    completed_at: datetime | None
    expires_at: datetime | None = Field(description="When an ended job is deleted")
    version: int = Field(description="Increases with every change; the ETag")
    attempt: int
    retries: int = Field(description="Automatic retries so far")
    max_attempts: int = Field(description="Maximum automatic attempts, with the first")
    waiting: QueueWait | None = Field(
        description="What an unfinished job waits for; in a list only what is away"
    )
    next_try_at: datetime | None
    result: Any
    partial_result: Any = Field(description="Output of a job that has no result")
    content_removed_at: datetime | None = Field(
        description="When payload and result were removed, of a job with `options.store: false`"
    )
    cancel_reason: str | None = Field(description="Why the job was cancelled, as the client said")
    created_by: str | None = Field(description="The credential, and its name if it has one")
    cancelled_by: str | None
    retried_by: str | None = Field(description="Of the last retry")
    error: str | None
    error_detail: ErrorDetail | None
    usage: TokenUsage | None
    cost: Cost
    related: RelatedObject | None
    tags: list[str]
    metadata: dict[str, Any]
    seen_at: datetime | None = Field(description="When a client marked the job as seen")
    reused: bool = Field(description="The job existed before the request")
    links: Links


class ListedJobResponse(JobResponse):
    """A job in a list; result and payload only if included."""

    payload: dict[str, Any] | None = None


class JobListResponse(ResponseModel):
    """A page of jobs."""

    jobs: list[ListedJobResponse]
    next_cursor: str | None
    counts: dict[Status, int] | None
    as_of: datetime


class Quantiles(ResponseModel):
    """Seconds."""

    p50: float
    p90: float
    p99: float


class TypeStats(ResponseModel):
    """One job type."""

    ended: int
    completed: int
    running_s: Quantiles | None


class RecoveredJobs(ResponseModel):
    """Jobs that lost a worker or were retried, and how many of them completed."""

    jobs: int
    completed: int


class StatsResponse(ResponseModel):
    """Statistics of recent jobs."""

    counts: dict[Status, int]
    success_rate: float | None = Field(
        description="Completed jobs as a share of completed and failed ones"
    )
    waiting_s: Quantiles | None
    running_s: Quantiles | None
    by_type: dict[str, TypeStats]
    recovered: RecoveredJobs
    cost: CostStats | None = Field(description="Null without a job of known price")
    estimate_error: EstimateError | None = Field(
        description="Relative error of cost estimates; null without any"
    )
    sample: int = Field(description="Ended jobs that the times are computed from")


class WorldSummaryResponse(ResponseModel):
    """A world in a list."""

    id: str
    user_id: str
    kind: str = Field(description="`world`, or the job type that saved it")
    title: str
    theme: str
    model: str
    created_at: datetime
    expires_at: datetime | None


class WorldResponse(WorldSummaryResponse):
    """A world with its content."""

    content: dict[str, Any]


class WorldListResponse(ResponseModel):
    """A page of worlds."""

    worlds: list[WorldSummaryResponse]
    next_cursor: str | None


class FieldError(ResponseModel):
    """An error and its location: a pointer, a header or a parameter."""

    pointer: str | None = Field(default=None, description="A JSON pointer into the body")
    header: str | None = None
    parameter: str | None = None
    detail: str


class ProblemBody(BaseModel):
    """A problem (RFC 9457). More members may be present, for example `job`."""

    type: str
    title: str
    status: int
    detail: str = Field(description="What is wrong, and what to do")
    instance: str
    code: str = Field(description="Switch on this")
    retryable: bool = Field(description="The same request may succeed later")
    request_id: str
    errors: list[FieldError] = []


def _job(job_type: JobType[Any]) -> type[JobResponse]:
    """Returns the model of jobs of one type, with its result."""
    return create_model(
        f"{pascal(job_type.name)}Job",
        __base__=JobResponse,
        __doc__=f"A job of type {job_type.name}.",
        type=(exactly(job_type.name), ...),
        result=(job_type.result | None, Field(description="The result of a completed job")),
    )


JOBS: dict[str, type[JobResponse]] = {name: _job(job_type) for name, job_type in JOB_TYPES.items()}
"""Models of jobs, by job type."""

PLAIN: tuple[type[BaseModel], ...] = (
    BudgetResponse, BudgetListResponse, CallListResponse, CleanupResponse, ErasureResponse,
    EstimateResponse,
    JobListResponse, JobTypeListResponse, RetryPlanResponse, WorldResponse,
    WorldListResponse, HealthResponse, ReadinessResponse, SystemResponse, StatsResponse,
    UsageResponse, KeyResponse, NewKeyResponse, KeyListResponse, SessionResponse,
    JobTokenResponse, ProblemBody, AuditResponse, AuditCheckResponse,
    LimitsResponse, OwnerLimitsResponse, PoolResponse,
    PausesResponse, QueueResponse, WorkerListResponse, DrainResponse,
)  # fmt: skip
"""The other responses."""
