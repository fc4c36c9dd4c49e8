"""Models of request bodies. They validate, and /openapi.json is built from them."""

from typing import Annotated, Any, Literal, TypeVar, Union

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    create_model,
)
from pydantic_core import to_json

from loresmith.api.http.query import OneOf
from loresmith.jobs.core.duration import (
    DAY_S,
    DURATION,
    MAX_RETENTION_S,
    MIN_RETENTION_S,
    seconds,
)
from loresmith.jobs.core.job_record import Priority
from loresmith.jobs.core.sensitive_values import Kind
from loresmith.jobs.core.status import STATUS_ALIASES, TERMINAL
from loresmith.jobs.costs.budgets import Mode, Window
from loresmith.jobs.types.base import CachePolicy, JobType
from loresmith.jobs.types.fields import Text
from loresmith.jobs.types.registry import JOB_TYPES

T = TypeVar("T")
MODEL = r"[A-Za-z0-9._:/@+-]{1,200}"
MODELS = rf"^{MODEL}(\|{MODEL}){{0,4}}$"
"""A model, or up to five that are tried in order."""
Name = Annotated[Text, Field(min_length=1, max_length=200)]
Tag = Annotated[Text, Field(min_length=1, max_length=50)]
Dollars = Annotated[float, Field(strict=True)]
"""A JSON number: consent and limits are never read from a text or a boolean."""
MAX_METADATA_BYTES = 4_096
MAX_CLEANUP_AGE_S = 366 * DAY_S
ENDED_WORDS = tuple(sorted(TERMINAL)) + tuple(
    word for word, status in STATUS_ALIASES.items() if status in TERMINAL
)

Duration = Annotated[
    float,
    BeforeValidator(
        seconds, json_schema_input_type=float | Annotated[str, Field(pattern=DURATION.pattern)]
    ),
]
"""Seconds."""


def small(metadata: T) -> T:
    """Returns the client's own data. Raises ValueError when it is too large."""
    if len(to_json(metadata)) > MAX_METADATA_BYTES:
        raise ValueError(f"exceeds {MAX_METADATA_BYTES} bytes of JSON")
    return metadata


class RequestModel(BaseModel):
    """Base of all requests; rejects unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class JobOptions(RequestModel):
    """How to run a job. Every field is optional."""

    model: Annotated[str, Field(pattern=MODELS)] | None = Field(
        default=None, description="The language model; the server's default if absent. Of a list "
        "`a|b|c` a later one is asked where those before took no request, so nothing was bought"
    )  # fmt: skip
    priority: Priority | None = Field(
        default=None,
        description="Which of your waiting jobs start first; `interactive` by default for a "
        "request with `Prefer: wait`, else that of the job type",
    )
    timeout_s: float | None = Field(
        default=None, ge=1, le=3_600, strict=True,
        description="Maximum run time in seconds; the job type has a default",
    )  # fmt: skip
    start_deadline_s: float | None = Field(
        default=None, ge=1, le=7 * DAY_S, strict=True,
        description="Seconds until an unstarted job fails; 24 h by default",
    )  # fmt: skip
    deadline_s: float | None = Field(
        default=None, ge=1, le=7 * DAY_S, strict=True,
        description="Seconds until an unfinished job fails; none by default",
    )  # fmt: skip
    max_attempts: int | None = Field(
        default=None, ge=1, le=10, strict=True,
        description="Maximum attempts after internal errors; waiting uses up none; 3 by default",
    )  # fmt: skip
    on_unknown: Literal["ask", "fail", "retry"] | None = Field(
        default=None,
        description="After a model call that may have been charged and whose response was lost: "
        "`ask` (default) and `fail` end the job, `retry` repeats the call",
    )
    cache: CachePolicy | None = Field(
        default=None,
        description="Cached responses of identical requests: `skip` (default, unless the job type "
        "declares another) always calls the model, `use` for what is not cached, `only` never",
    )
    redact: Annotated[list[Kind], AfterValidator(lambda kinds: sorted({*kinds}))] | None = Field(
        default=None,
        description="Kinds of values that the language model gets placeholders for, and that its "
        "answer has again; what is found, and what is not, is in docs/data.md",
    )
    progress: Literal["measured", "ladder"] | None = Field(
        default=None,
        description="`measured` (default) lets finished items and text bend the pace of the "
        "progress; `ladder` raises it by the expected time alone, and shows each step up to 79",
    )
    retention: Annotated[Duration, Field(ge=MIN_RETENTION_S, le=MAX_RETENTION_S)] | None = Field(
        default=None,
        description="How long the ended job is kept, 1 minute to 30 days: seconds, or a text like "
        "`90m`, `24h`, `7d`; the server's LORESMITH_RETENTION by default",
    )
    store: bool | None = Field(
        default=None, strict=True,
        description="`false`: payload and result are removed once the result was read, or 10 "
        "minutes after the end",
    )  # fmt: skip
    max_cost: Dollars | None = Field(
        default=None, ge=0, le=1e6, description="Maximum cost in dollars"
    )
    confirm_cost: Dollars | None = Field(
        default=None, ge=0, le=1e6,
        description="The confirmed cost in dollars, after a 428 response",
    )  # fmt: skip
    allow_unknown_price: bool | None = Field(
        default=None, strict=True,
        description="Accept a job of unknown price, although `max_cost` cannot be enforced",
    )  # fmt: skip


class RelatedObject(RequestModel):
    """An object that a job is about: a character, a chapter, a customer."""

    type: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    id: Name


class OnBehalfOf(RequestModel):
    """The user and the team that own a job which another one creates for them."""

    user_id: Name = Field(description="The user who owns the job")
    team_id: Name | None = Field(
        default=None, description="The user's team; that of the credential if absent"
    )


class NewJob(RequestModel):
    """A job to create. `input` is an alias of `payload`."""

    type: str = Field(description="The job type; GET /job-types lists them")
    payload: BaseModel
    session_id: Name | None = Field(
        default=None, description="The client's own session id, a filter of lists"
    )
    team_id: Name | None = Field(
        default=None,
        description="The team that owns the job; only that of the credential, unless it acts for "
        "others",
    )
    on_behalf_of: OnBehalfOf | None = Field(
        default=None,
        description="Whose job it is, where the credential acts for others: an admin, or the scope "
        "`on-behalf-of`",
    )
    related: RelatedObject | None = Field(
        default=None, description="The client's object that the job is about"
    )
    batch_key: Name | None = Field(default=None, description="The batch that the job belongs to")
    tags: list[Tag] = Field(default_factory=list, max_length=10, description="Filters of lists")
    metadata: Annotated[dict[str, Any], AfterValidator(small)] = Field(
        default_factory=dict,
        description="The client's own data; at most 4 kB of JSON",
    )
    options: JobOptions = Field(default_factory=JobOptions)


class Acknowledgement(RequestModel):
    """How a client saw the end of a job. The body is optional."""

    recovered: bool | None = Field(
        default=None, strict=True, description="Whether the client had lost the job before"
    )
    paused_ms: float | None = Field(
        default=None, ge=0, le=7 * DAY_S * 1000, strict=True,
        description="How long the client could not poll",
    )  # fmt: skip


class CleanupRequest(RequestModel):
    """Which ended jobs to delete. The body is optional. `older_than_s` is an alias."""

    older_than: Annotated[Duration, Field(ge=0, le=MAX_CLEANUP_AGE_S)] = Field(
        default=DAY_S,
        validation_alias=AliasChoices("older_than", "older_than_s"),
        description="Minimum time since the end: seconds, or a text like `90m`, `24h`, `7d`",
    )
    status: list[Annotated[str, OneOf(ENDED_WORDS)]] = Field(
        default=[], description="Only these statuses; all if empty"
    )
    dry_run: bool = Field(default=False, strict=True, description="Only count the jobs")

    def statuses(self) -> set[str]:
        """Returns the statuses without aliases; empty for all."""
        return {str(STATUS_ALIASES.get(word, word)) for word in self.status}


class BudgetRequest(RequestModel):
    """The terms of a budget."""

    limit: Dollars = Field(ge=0, le=1e9, description="Maximum dollars per window")
    currency: Literal["USD"] = "USD"
    window: Window = Field(default="month", description="A calendar day or month, or no end")
    timezone: Name = Field(default="UTC", description="The time zone of days and months")
    soft: list[Annotated[float, Field(gt=0, lt=1, strict=True)]] = Field(
        default=[0.5, 0.8], max_length=10, description="Shares of the limit that cause a warning"
    )
    mode: Mode = Field(default="hard", description="soft: count and warn, but reject nothing")
    per_job_cap: Dollars | None = Field(
        default=None, ge=0, le=1e9, description="Maximum dollars per job"
    )


class CancelJobRequest(RequestModel):
    """Why a job is cancelled. The body is optional."""

    reason: Annotated[Text, Field(max_length=500)] = Field(
        default="", description="A message for people"
    )


class RetryJobRequest(RequestModel):
    """How to retry a job. The body is optional."""

    expected_attempt: int | None = Field(
        default=None, ge=1, le=2**31, strict=True,
        description="The attempt that the client last saw; 409 if the job has another one",
    )  # fmt: skip
    accept_duplicate_charge: bool = Field(
        default=False, strict=True,
        description="Repeat a model call of unknown outcome, which may be charged twice",
    )  # fmt: skip


def pascal(name: str) -> str:
    """generate_characters → GenerateCharacters."""
    return "".join(part.capitalize() for part in name.split("_"))


def exactly(word: str) -> Any:
    """Returns the literal type of one word."""
    return Literal[word]


def _new_job(job_type: JobType[Any]) -> type[NewJob]:
    """Returns the request model of one job type, named after it."""
    name = pascal(job_type.name)
    payload = create_model(
        f"{name}Payload", __base__=job_type.payload, __doc__=job_type.payload.__doc__
    )
    field = Field(
        validation_alias=AliasChoices("payload", "input"),
        examples=[job_type.example] if job_type.example else None,
    )
    return create_model(
        f"New{name}",
        __base__=NewJob,
        __doc__=f"{job_type.title}. {job_type.description}",
        type=(exactly(job_type.name), Field(description="The job type")),
        payload=(payload, field),
    )


NEW_JOBS: dict[str, type[NewJob]] = {
    name: _new_job(job_type) for name, job_type in JOB_TYPES.items()
}
"""Request models by job type."""

_ANY_NEW_JOB: Any = Union[tuple(NEW_JOBS.values())]  # noqa: UP007
NEW_JOB: TypeAdapter[NewJob] = TypeAdapter(Annotated[_ANY_NEW_JOB, Field(discriminator="type")])
"""The request of any job type, by its `type`."""
