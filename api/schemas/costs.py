"""Responses about costs, budgets and usage."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel, SecondsQuantiles


class Cost(ResponseModel):
    """The cost of a job, in `currency`; null where it is unknown."""

    currency: str
    estimate: float | None = Field(description="The expected cost")
    estimate_max: float | None = Field(description="The maximum cost")
    reserved: float = Field(description="The amount that is reserved in its budgets")
    actual: float | None = Field(description="The cost so far, which its budgets hold")
    likely: float | None = Field(
        description="The likely cost so far: of a cancelled call its input and the received text"
    )
    upper_bound: float | None = Field(description="The most that it may have cost so far")
    state: Literal["estimated", "reserved", "running", "final", "upper_bound", "likely"] = Field(
        description="upper_bound: a call was cancelled, or its response was lost, and its usage is "
        "unknown; likely: the budgets hold the likely cost of a cancelled call"
    )


class CostStats(ResponseModel):
    """Costs of jobs, in dollars."""

    total: float
    p50: float
    p90: float


class EstimateError(ResponseModel):
    """Relative errors: 0.2 is a cost of 0.8 or 1.2 times the estimate."""

    p50: float
    p90: float
    sample: int = Field(description="Jobs with an estimate and a cost")


class CostEstimate(ResponseModel):
    """Dollars; null while the price of the model is unknown."""

    expected: float | None
    max: float | None = Field(description="With responses of maximum length, each repaired once")
    currency: str


class EstimatedTokens(ResponseModel):
    """Tokens of all calls."""

    input: int
    output_expected: int
    output_max: int = Field(description="The limits that are sent to the provider")
    method: str = Field(description="The tokenizer")


class EstimatedStep(ResponseModel):
    """A model call of the job."""

    name: str
    input: int
    output_expected: int
    output_max: int
    cost: CostEstimate


class JobEstimate(ResponseModel):
    """Expected tokens, cost and duration of a job."""

    model: str
    tokens: EstimatedTokens
    cost: CostEstimate
    duration_s: SecondsQuantiles
    steps: list[EstimatedStep]


class CostViolation(ResponseModel):
    """Why the job would be rejected."""

    code: str
    detail: str


class RequestChange(ResponseModel):
    """A change of a request (RFC 7396)."""

    payload: dict[str, Any] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)


class Alternative(ResponseModel):
    """A change of the request that would be allowed, and its cost."""

    change: RequestChange
    cost: CostEstimate


class AvailableBudget(ResponseModel):
    """What the budgets have left."""

    available: float | None = Field(description="Of the tightest hard budget; null without one")


class EstimateResponse(ResponseModel):
    """An estimate, and whether the job is allowed."""

    estimate: JobEstimate
    cached: bool = Field(
        description="The response is cached: with options.cache `use` the job would cost nothing"
    )
    allowed: bool
    violations: list[CostViolation]
    requires_confirmation: bool = Field(description="options.confirm_cost is required")
    alternatives: list[Alternative]
    budget: AvailableBudget


class KeptItems(ResponseModel):
    """Items of a step that a retry keeps; it buys the others only."""

    step: str
    count: int
    total: int


class RetryPlanResponse(ResponseModel):
    """What a retry would run."""

    id: str
    attempt: int
    allowed: bool = Field(description="The job failed or was cancelled, so it can be retried")
    cached_steps: list[str] = Field(description="Steps whose output is reused")
    steps_to_run: list[str] = Field(description="Steps whose model calls are made and charged")
    kept_items: list[KeptItems] = Field(
        description="Finished items of these steps, which are kept and not charged again"
    )
    cost: CostEstimate = Field(description="The cost of what is left to buy")
    possibly_duplicate_charges: list[str] = Field(
        description="Calls that may have been charged although their response was lost"
    )


class CallTokens(ResponseModel):
    """Tokens of a call; `cached` is part of the input, `reasoning` of the output."""

    input: int
    output: int
    cached: int
    reasoning: int


class ModelRefusal(ResponseModel):
    """A model that took no request, so that nothing was bought."""

    model: str
    error: str = Field(description="Why, in words")


class CallResponse(ResponseModel):
    """A row of the call ledger: one request to a model. A repair has its own row."""

    call_id: str
    step: str
    model: str | None
    provider: str | None = Field(description="Null for the only provider of the environment")
    refusals: list[ModelRefusal] = Field(
        description="Of a list of models: those that were asked before, and took no request"
    )
    schema_mode: str | None = Field(
        description="How the request asked for JSON: json_schema, tool, guided_json, json_object "
        "or prompt; null until the response ends, and for cached responses"
    )
    max_tokens_parameter: str | None = Field(
        description="The parameter that limited the output; null like schema_mode"
    )
    state: str = Field(description="intent, done, unknown, cancelled, or released (not charged)")
    attempt: int
    usable: bool = Field(description="The response was usable")
    repaired: str | None = Field(
        description="`local`: the answer was taken out of a text that is not JSON itself, or does "
        "not fit its schema exactly; nothing was bought for that"
    )
    tokens: CallTokens | None = Field(description="As reported by the provider; null otherwise")
    cached: bool = Field(description="The response came from the response cache")
    requests: int = Field(description="Billable requests")
    cost: float | None = Field(description="Null while it is unknown")
    likely: float | None = Field(
        description="The likely cost of a cancelled call without reported usage; else as `cost`"
    )
    upper_bound: float | None = Field(description="The maximum cost; null without a price")
    started_at: datetime | None
    settled_at: datetime | None


class CallListResponse(ResponseModel):
    """The model calls of a job."""

    calls: list[CallResponse]
    currency: str


class BudgetResponse(ResponseModel):
    """A budget in its current window. Amounts are in `currency`."""

    scope: str
    id: str
    limit: float
    currency: str
    window: str
    timezone: str
    mode: str
    soft: list[float]
    per_job_cap: float | None
    spent: float
    reserved: float = Field(description="Reserved for unfinished jobs")
    available: float
    window_start: datetime | None
    resets_at: datetime | None = Field(description="The end of the window; null without one")
    state: Literal["ok", "warning", "exhausted"]
    crossed: list[float] = Field(description="Reached thresholds of `soft`")


class BudgetListResponse(ResponseModel):
    """All budgets."""

    budgets: list[BudgetResponse]


class TokenCounts(ResponseModel):
    """Tokens."""

    input: int
    output: int


class UsageGroup(ResponseModel):
    """Usage of one group."""

    key: str | None = Field(description="Null for jobs without a value")
    jobs: int
    calls: int
    tokens: TokenCounts
    cost: float
    estimate_error: float | None = Field(description="Relative error of the estimates")
    unknown_exposure: float = Field(description="The part of the cost that is an upper bound")
    unpriced_jobs: int = Field(description="Jobs without a known price; their cost is missing here")


class UsageResponse(ResponseModel):
    """Usage of ended jobs by group."""

    group_by: str
    since: datetime
    until: datetime
    currency: str
    rows: list[UsageGroup]
    total: UsageGroup
    pending: int | None = Field(
        description="Ended jobs that are not archived yet; null except for admins"
    )
