"""The events of jobs, as clients receive them: one model per type."""

from typing import Annotated, Any, Literal, Union, get_args

from pydantic import BaseModel, ConfigDict, Field

from loresmith.jobs.core.status import ProgressSource, Status


class EventModel(BaseModel):
    """Base of all events; an event has exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class JobStateEvent(EventModel):
    """An event with the state of its job."""

    job_id: str
    seq: int = Field(description="The version of the job")
    status: Status
    phase: str | None
    progress: int
    message: str
    source: ProgressSource = Field(description="What moved the progress")
    attempt: int


class CreatedEvent(JobStateEvent):
    """The job was created."""

    type: Literal["created"]
    by: str | None = Field(description="Who created it")


class StatusEvent(JobStateEvent):
    """The status or phase changed."""

    type: Literal["status"]
    by: str | None = Field(description="Who cancels or retries it")
    cancel_reason: str | None = Field(description="Why the job is cancelled, as the client said")


class ProgressEvent(JobStateEvent):
    """The progress or message changed."""

    type: Literal["progress"]


class DoneEvent(JobStateEvent):
    """The job ended; its last event."""

    type: Literal["done"]
    cancel_reason: str | None = Field(description="Why the job was cancelled, as the client said")
    by: str | None = Field(description="Who cancelled it")


class StepEvent(JobStateEvent):
    """A step of the job changed its state."""

    type: Literal["step"]
    step: str
    state: str


class DeltaEvent(JobStateEvent):
    """A part of the text that a model call generates."""

    type: Literal["delta"]
    step: str
    offset: int = Field(description="Characters before it; it replaces everything from there on")
    text: str


class ItemEvent(JobStateEvent):
    """A finished item of the list that a model call generates."""

    type: Literal["item"]
    step: str
    index: int
    item: Any


class TokenUsage(EventModel):
    """Tokens and calls of a job, over all its attempts."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = Field(description="Part of the input tokens")
    reasoning_tokens: int = Field(description="Part of the output tokens")
    calls: int = Field(description="Requests to a model; a repaired call counts twice")
    cache_hits: int = Field(description="Cached responses, which cost nothing")


class UsageEvent(JobStateEvent):
    """The token usage of the job so far."""

    type: Literal["usage"]
    step: str
    usage: TokenUsage


class CostSoFar(EventModel):
    """The cost of the job so far; null while a call has no known price."""

    actual: float | None
    currency: str


class CostEvent(JobStateEvent):
    """A model call was settled."""

    type: Literal["cost"]
    step: str
    cost: CostSoFar


class ResetEvent(EventModel):
    """The client's last event is no longer stored; a snapshot follows."""

    type: Literal["reset"]
    job_id: str | None = None


class JobSnapshotEvent(EventModel):
    """The job at the start of its stream."""

    type: Literal["snapshot"]
    job_id: str
    seq: int
    job: dict[str, Any] = Field(description="As in GET /jobs/{id}")


class JobListSnapshotEvent(EventModel):
    """The unfinished jobs at the start of the stream of all jobs."""

    type: Literal["snapshot"]
    jobs: list[dict[str, Any]] = Field(description="As in GET /jobs")
    counts: dict[Status, int]


class CountsEvent(EventModel):
    """The number of jobs by status."""

    type: Literal["counts"]
    counts: dict[Status, int]


STORED_EVENTS: tuple[type[JobStateEvent], ...] = (
    CreatedEvent, StatusEvent, ProgressEvent, DeltaEvent, ItemEvent, StepEvent, UsageEvent,
    CostEvent, DoneEvent,
)  # fmt: skip
"""Events in the streams of Redis; the others are made by the api."""

JOB_STREAM: tuple[type[EventModel], ...] = (*STORED_EVENTS, ResetEvent, JobSnapshotEvent)
"""Events of `GET /jobs/{id}/events`."""

ALL_JOBS_STREAM: tuple[type[EventModel], ...] = (
    *STORED_EVENTS, ResetEvent, JobListSnapshotEvent, CountsEvent,
)  # fmt: skip
"""Events of `GET /events`."""


def type_of(model: type[EventModel]) -> str:
    """Returns the event type of a model."""
    name: str = get_args(model.model_fields["type"].annotation)[0]
    return name


EVENT_TYPES = tuple(type_of(model) for model in STORED_EVENTS)

JobEvent: Any = Annotated[Union[JOB_STREAM], Field(discriminator="type")]  # noqa: UP007
AllJobsEvent: Any = Annotated[Union[ALL_JOBS_STREAM], Field(discriminator="type")]  # noqa: UP007
