"""What clients may send. These models validate, and /openapi.json is made from them."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, create_model, field_validator
from pydantic_core import to_json

from jobs.budgets import Mode, Window
from jobs.kind import Kind, Text
from jobs.kinds import KINDS

Name = Annotated[Text, Field(min_length=1, max_length=200)]
Tag = Annotated[Text, Field(min_length=1, max_length=50)]
DAY_S = 86_400
MOST_METADATA = 4_096


class Asked(BaseModel):
    """Base of all: an unknown field is an error that names it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Options(Asked):
    """How a job is to be run. Every field may be left out."""

    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:/@+-]{1,200}$")] | None = Field(
        default=None, description="The language model to ask; the server's own when absent"
    )
    timeout_s: float | None = Field(
        default=None, ge=1, le=3_600, strict=True, description="Seconds the job may run; per type"
    )
    start_within_s: float | None = Field(
        default=None, ge=1, le=7 * DAY_S, strict=True,
        description="Seconds after which a job that no worker took fails; 24 h by default",
    )  # fmt: skip
    deadline_s: float | None = Field(
        default=None, ge=1, le=7 * DAY_S, strict=True,
        description="Seconds from now after which the job fails wherever it is; none by default",
    )  # fmt: skip
    max_attempts: int | None = Field(
        default=None, ge=1, le=10, strict=True,
        description="How often it is tried where nothing was bought and a later try may help; 3",
    )  # fmt: skip
    on_unknown: Literal["ask", "fail", "retry"] | None = Field(
        default=None,
        description="What to do about a model call that may have been bought and whose answer is "
        "lost: `ask` (default) and `fail` end the job, `retry` buys it once more",
    )
    cache: Literal["use", "skip", "only"] | None = Field(
        default=None,
        description="Whether answers kept from identical requests will do: `use` (default) buys "
        "what is not kept, `skip` buys all anew, `only` buys nothing",
    )
    max_cost: float | None = Field(
        default=None, ge=0, le=1e6, description="Dollars that the job may cost at most"
    )
    confirm_cost: float | None = Field(
        default=None, ge=0, le=1e6,
        description="Dollars that have been agreed to, when the server asked for that (428)",
    )  # fmt: skip
    allow_unknown_price: bool | None = Field(
        default=None, strict=True,
        description="Take the job also where `max_cost` cannot be held to: no price is known",
    )  # fmt: skip


class Related(Asked):
    """A thing that a job is about: a character, a chapter, a customer."""

    type: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    id: Name


class NewJob(Asked):
    """A job that a client wants. `input` is taken as another name of `payload`."""

    type: str = Field(description="The job type; GET /job-types lists them")
    payload: BaseModel
    session_id: Name | None = Field(
        default=None, description="A name of the client's own, to find its jobs by"
    )
    team_id: Name | None = Field(default=None, description="The team whose budget it comes under")
    related: Related | None = Field(
        default=None, description="What the job is about in the client's own world"
    )
    batch_key: Name | None = Field(default=None, description="What it was created together with")
    tags: list[Tag] = Field(default_factory=list, max_length=10, description="To find it by")
    metadata: dict[str, Any] = Field(
        default_factory=dict,
        description="Anything of the client's own; kept, and at most 4 kB of JSON",
    )
    options: Options = Field(default_factory=Options)

    @field_validator("metadata")
    @classmethod
    def _small(cls, value: dict[str, Any]) -> dict[str, Any]:
        if len(to_json(value)) > MOST_METADATA:
            raise ValueError(f"is more than {MOST_METADATA} bytes of JSON")
        return value


class Seen(Asked):
    """What a client tells when it has shown the end of a job. The body may be left out."""

    recovered: bool | None = Field(
        default=None, strict=True, description="Whether it had lost sight of the job before"
    )
    paused_ms: float | None = Field(
        default=None, ge=0, le=7 * DAY_S * 1000, description="For how long it could not look"
    )


class Cleanup(Asked):
    """Which ended jobs to delete."""

    older_than_s: float = Field(
        default=0, ge=0, le=DAY_S, strict=True, description="Only those that ended so long ago"
    )
    status: list[Literal["completed", "failed", "cancelled", "skipped"]] = Field(
        default=[], description="Only these; all ended ones when empty"
    )
    dry_run: bool = Field(default=False, strict=True, description="Delete nothing, only count")


class Terms(Asked):
    """The terms of a budget."""

    limit: float = Field(ge=0, le=1e9, description="Dollars that may be spent in the window")
    currency: Literal["USD"] = "USD"
    window: Window = Field(default="month", description="A calendar day or month, or for ever")
    timezone: Name = Field(default="UTC", description="Where days and months begin")
    soft: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        default=[0.5, 0.8], max_length=10, description="Shares of the limit from which it warns"
    )
    mode: Mode = Field(default="hard", description="soft: counts and warns, refuses nothing")
    per_job_cap: float | None = Field(
        default=None, ge=0, le=1e9, description="Dollars that one job may cost at most"
    )


class Cancel(Asked):
    """Why a job is cancelled. The body may be left out."""

    reason: Annotated[Text, Field(max_length=500)] = Field(default="", description="For people")


class Retry(Asked):
    """How a job is retried. The body may be left out."""

    expected_attempt: int | None = Field(
        default=None, ge=1, le=2**31, strict=True,
        description="The attempt the client saw; another one means that somebody was faster: 409",
    )  # fmt: skip
    accept_duplicate_charge: bool = Field(
        default=False, strict=True,
        description="Whether a model call of unknown outcome may be bought a second time",
    )  # fmt: skip


def pascal(name: str) -> str:
    """generate_characters → GenerateCharacters."""
    return "".join(part.capitalize() for part in name.split("_"))


def exactly(word: str) -> Any:
    """The type whose only value is this word."""
    return Literal[word]


def _new_job(kind: Kind[Any]) -> type[NewJob]:
    """NewJob of one type, its payload included. Named after the kind, for readable schemas."""
    name = pascal(kind.name)
    payload = create_model(f"{name}Payload", __base__=kind.payload, __doc__=kind.payload.__doc__)
    field = Field(
        validation_alias=AliasChoices("payload", "input"),
        examples=[kind.example] if kind.example else None,
    )
    return create_model(
        f"New{name}",
        __base__=NewJob,
        __doc__=f"{kind.title}. {kind.description}",
        type=(exactly(kind.name), Field(description="The job type")),
        payload=(payload, field),
    )


NEW_JOBS: dict[str, type[NewJob]] = {name: _new_job(kind) for name, kind in KINDS.items()}
"""What a client sends, by job type."""
