"""Requests and responses about the queue: what waits and why, what is paused, and the workers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from loresmith.api.schemas.base import ResponseModel
from loresmith.api.schemas.limits import PoolLimits
from loresmith.api.schemas.requests import RequestModel
from loresmith.jobs.types.fields import Text
from loresmith.jobs.types.registry import JOB_TYPES

PauseScope = Literal["all", "pool", "type", "owner"]


class ResumeRequest(RequestModel):
    """A part of the queue."""

    scope: PauseScope = Field(description="What the name is of; `all` has none")
    name: Annotated[Text, Field(min_length=1, max_length=400)] | None = Field(
        default=None,
        validate_default=True,
        description="A pool like `openai/gpt-5-mini`, a job type, or an owner: `team:` or `user:` "
        "and its id",
    )

    @field_validator("name")
    @classmethod
    def _of_scope(cls, name: str | None, info: ValidationInfo) -> str | None:
        scope = info.data.get("scope")
        if (scope == "all") != (name is None):
            raise ValueError("goes with every scope but `all`")
        if scope == "type" and name not in JOB_TYPES:
            raise ValueError(f"must be a job type: {', '.join(JOB_TYPES)}")
        if scope == "owner" and not str(name).startswith(("team:", "user:")):
            raise ValueError("must begin with team: or user:")
        return name


class PauseRequest(ResumeRequest):
    """A part of the queue, and why it is paused."""

    reason: Annotated[Text, Field(max_length=500)] = Field(
        default="", description="A message for people"
    )


class QueuePause(ResponseModel):
    """A part of the queue whose jobs do not start."""

    scope: str
    name: str | None
    by: str = Field(description="The credential that paused it")
    at: datetime
    reason: str


class PausesResponse(ResponseModel):
    """All that is paused."""

    paused: list[QueuePause]


class QueueWorker(ResponseModel):
    """A live worker that listens to the queue."""

    name: str
    slots: int = Field(description="Jobs that it runs and could run now")
    free: int = Field(description="Jobs that it could run now; 0 while it is drained")
    queues: list[str]


class QueuePool(ResponseModel):
    """The waiting jobs of a pool, and what holds them back."""

    pool: str
    waiting: int
    running: int = Field(description="Model calls in flight, and reserved ones")
    reason: str | None = Field(
        description="paused, closed, requests, tokens or concurrency; null when jobs may start"
    )
    closed_until: datetime | None
    closed_reason: str | None
    limits: PoolLimits = Field(description="Those that count; see GET /limits")


class QueueOwner(ResponseModel):
    """The waiting jobs of a team, or of a user without one."""

    owner: str
    waiting: int
    running: int = Field(description="Jobs that run or may start now")
    weight: float
    concurrency: int | None
    longest_wait_s: float = Field(description="How long the first of its jobs waits")


class QueueType(ResponseModel):
    """The waiting jobs of a type."""

    type: str
    waiting: int


class QueueResponse(ResponseModel):
    """What waits, why, and how many workers it takes."""

    paused: list[QueuePause]
    waiting: int = Field(description="Jobs that wait for their turn")
    admitted: int = Field(description="Jobs that may start, until a worker takes them")
    running: int
    workers: list[QueueWorker]
    wanted_workers: int = Field(
        description="Workers that are enough for the running jobs and those waiting ones that no "
        "pause and no limit holds back: a signal for an autoscaler"
    )
    pools: list[QueuePool] = Field(description="Those with the most waiting jobs, at most 100")
    more_pools: bool = Field(description="Jobs of pools wait that are not listed")
    owners: list[QueueOwner] = Field(description="The longest wait first, at most 100")
    more_owners: bool = Field(description="Jobs of owners wait that are not listed")
    types: list[QueueType]


class RunningJob(ResponseModel):
    """A job that a worker runs."""

    id: str
    type: str
    message: str
    progress: int
    started_at: datetime | None


class WorkerResponse(QueueWorker):
    """A worker, and what it runs."""

    jobs: list[RunningJob]


class WorkerListResponse(ResponseModel):
    """All live workers."""

    workers: list[WorkerResponse]


class DrainResponse(ResponseModel):
    """A worker that finishes its jobs and stops."""

    name: str
    draining: bool
