"""What clients get, as models. Only /openapi.json is made from them; the tests hold answers to it.

Answers are not built through these models: a record in Redis is text already, and building it twice
would cost more than reading it.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from api.money_replies import (
    Budget,
    Budgets,
    Calls,
    Cost,
    CostStats,
    Estimated,
    EstimateError,
    Reply,
    RetryPlan,
    Seconds,
    Usage,
)
from api.requests import Related, exactly, pascal
from jobs.kind import Kind
from jobs.kinds import KINDS
from jobs.states import ProgressSource, Status


class ErrorDetail(BaseModel):
    """Why a job failed; more fields may say more."""

    code: str = Field(description="One of the codes in docs; a closed set")
    message: str
    retryable: bool = Field(description="Whether a retry may help")


class Links(Reply):
    """Where to go from here."""

    self: str
    cancel: str | None = None
    retry: str | None = None


class ProgressDetail(Reply):
    """Where a running job is."""

    source: str = Field(description="What moves the bar: simulated, tokens, items or steps")
    step: str | None
    step_index: int | None = Field(description="Which of the steps it is, from 1")
    step_count: int | None
    items_done: int | None = Field(description="Finished entities; null where there is no list")
    items_expected: int | None
    eta_s: Seconds | None = Field(
        description="How long it will take yet, by those that lasted as long; null when overdue"
    )
    overdue: bool = Field(description="Whether it takes longer than nine of ten")
    last_activity_at: datetime | None


class Waiting(Reply):
    """Why nobody runs the job now."""

    reason: str = Field(
        description="queued: the workers are busy; no_worker: none is there; next_try: see "
        "next_try_at; recovering: its worker is gone, another one takes it over"
    )
    position: int | None = Field(description="In the queue, from 1")


class Job(Reply):
    """A job. Null where there is nothing yet."""

    id: str = Field(json_schema_extra={"format": "uuid"})
    type: str
    status: Status
    progress: int = Field(ge=0, le=100, description="Per cent; never goes down within an attempt")
    message: str = Field(description="For people")
    created_at: datetime
    phase: str | None = Field(description="Finer than status, and open: never switch on it")
    progress_source: ProgressSource = Field(description="What moved the bar")
    progress_detail: ProgressDetail | None = Field(description="While it runs")
    updated_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None = Field(description="When an ended job is forgotten")
    version: int = Field(description="Grows with every change; the ETag")
    attempt: int
    retries: int = Field(description="Automatic tries after the first one")
    max_attempts: int = Field(description="How often it is tried by itself, the first included")
    waiting: Waiting | None = Field(description="Told by GET /jobs/{id} while nobody runs it")
    next_try_at: datetime | None
    result: Any
    partial_result: Any = Field(description="What a job without a result has made")
    error: str | None
    error_detail: ErrorDetail | None
    usage: dict[str, Any] | None = Field(description="Tokens and calls")
    cost: Cost
    model: str | None
    session_id: str | None
    user_id: str | None
    team_id: str | None
    related: Related | None
    batch_key: str | None
    tags: list[str]
    metadata: dict[str, Any]
    seen_at: datetime | None = Field(description="When a client said that its end was looked at")
    reused: bool = Field(description="Whether the job was there before the create")
    links: Links


class ListedJob(Job):
    """A job in a list; result and payload only where they were asked for."""

    payload: dict[str, Any] | None = None


class Jobs(Reply):
    """A page of jobs."""

    jobs: list[ListedJob]
    next_cursor: str | None
    counts: dict[Status, int] | None
    as_of: datetime


class Quantiles(Reply):
    """Seconds."""

    p50: float
    p90: float
    p99: float


class TypeStats(Reply):
    """One job type."""

    ended: int
    completed: int
    running_s: Quantiles | None


class Recovered(Reply):
    """Jobs that lost a worker or were tried again, and how many of them were completed."""

    jobs: int
    completed: int


class Stats(Reply):
    """What has happened lately."""

    counts: dict[Status, int]
    success_rate: float | None = Field(description="Completed of completed and failed")
    waiting_s: Quantiles | None
    running_s: Quantiles | None
    by_type: dict[str, TypeStats]
    recovered: Recovered
    cost: CostStats | None = Field(description="Null where no job has a known price")
    estimate_error: EstimateError | None = Field(
        description="How far from its estimate a job's cost was, as a share of it; null without any"
    )
    sample: int = Field(description="Ended jobs that the times are taken from")


class CleanedUp(Reply):
    """What a cleanup did."""

    matched: int
    deleted: int
    more: bool = Field(description="Whether more fit than one request deletes")
    dry_run: bool


class Step(Reply):
    """A named part of a job."""

    name: str
    message: str
    expected_s: float


class JobType(Reply):
    """What can be asked for."""

    type: str
    title: str
    description: str
    expected_s: float = Field(description="Seconds it usually takes")
    timeout_s: float = Field(description="Seconds after which it fails")
    steps: list[Step]
    payload_schema: dict[str, Any]
    result_schema: dict[str, Any]
    example: dict[str, Any] | None


class JobTypes(Reply):
    """All job types."""

    job_types: list[JobType]


class WorldSummary(Reply):
    """A world in a list."""

    id: str
    user_id: str
    title: str
    theme: str
    model: str
    created_at: datetime


class SavedWorld(WorldSummary):
    """A world, whole."""

    content: dict[str, Any]


class SavedWorlds(Reply):
    """A page of worlds."""

    worlds: list[WorldSummary]
    next_cursor: str | None


class Health(Reply):
    """The process lives."""

    status: Literal["ok"]


class Check(Reply):
    """What one look found."""

    ok: bool
    detail: str


class Readiness(Reply):
    """Whether the system can work."""

    status: Literal["ready", "not ready"]
    checks: dict[str, Check]


class Fault(Reply):
    """What does not fit, and where: one of pointer, header and parameter."""

    pointer: str | None = Field(default=None, description="A JSON pointer into the body")
    header: str | None = None
    parameter: str | None = None
    detail: str


class Problem(BaseModel):
    """What went wrong (RFC 9457); more members may say more, for example `job`."""

    type: str
    title: str
    status: int
    detail: str = Field(description="Names the field or the cure")
    instance: str
    code: str = Field(description="Switch on this")
    retryable: bool = Field(description="Whether the same request may succeed later")
    request_id: str
    errors: list[Fault] = []


def _job(kind: Kind[Any]) -> type[Job]:
    """Job of one type, with its own result."""
    return create_model(
        f"{pascal(kind.name)}Job",
        __base__=Job,
        __doc__=f"A job of type {kind.name}.",
        type=(exactly(kind.name), ...),
        result=(kind.result | None, Field(description="What was asked for, once it is completed")),
    )


JOBS: dict[str, type[Job]] = {name: _job(kind) for name, kind in KINDS.items()}
"""What a client gets, by job type."""

PLAIN: tuple[type[BaseModel], ...] = (
    Budget, Budgets, Calls, CleanedUp, Estimated, Jobs, JobTypes, RetryPlan, SavedWorld,
    SavedWorlds, Health, Readiness, Stats, Usage, Problem,
)  # fmt: skip
"""The other answers."""
