"""What clients get that is about money, as models; see api/replies.py."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Reply(BaseModel):
    """Base of all: what is sent has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Seconds(Reply):
    """How long, as seconds: half of the time less than p50, nine times of ten less than p90."""

    p50: float
    p90: float


class Cost(Reply):
    """What a job costs, in `currency`; null where it is not known."""

    currency: str
    estimate: float | None = Field(description="What it was expected to cost")
    estimate_max: float | None = Field(description="The most it may cost")
    reserved: float = Field(description="What is held for it in its budgets now")
    actual: float | None = Field(description="What it has cost so far")
    state: Literal["estimated", "reserved", "running", "final", "at_most"] = Field(
        description="at_most: a call may have been bought and its answer was lost"
    )


class CostStats(Reply):
    """What jobs have cost, in dollars."""

    total: float
    p50: float
    p90: float


class EstimateError(Reply):
    """0.2 is a cost of 0.8 or 1.2 times the estimate."""

    p50: float
    p90: float
    sample: int = Field(description="Jobs that had an estimate and bought something")


class CostEstimate(Reply):
    """Dollars; null where the price of the model is not known."""

    expected: float | None
    max: float | None = Field(description="Each answer as long as may be, and repaired once")
    currency: str


class EstimatedTokens(Reply):
    """Tokens of all calls."""

    input: int
    output_expected: int
    output_max: int = Field(description="The bounds that are sent to the provider")
    method: str = Field(description="How the input was counted")


class EstimatedStep(Reply):
    """One model call that the job will make."""

    name: str
    input: int
    output_expected: int
    output_max: int
    cost: CostEstimate


class Estimate(Reply):
    """What a job will take."""

    model: str
    tokens: EstimatedTokens
    cost: CostEstimate
    duration_s: Seconds
    steps: list[EstimatedStep]


class CostViolation(Reply):
    """Why the job would be refused."""

    code: str
    detail: str


class Alternative(Reply):
    """What would fit: a change of the request (RFC 7396), and what it would cost then."""

    change: dict[str, Any]
    cost: CostEstimate


class Available(Reply):
    """What is left to spend."""

    available: float | None = Field(description="In the tightest hard budget; null without one")


class Estimated(Reply):
    """An estimate, and whether the job may be made."""

    estimate: Estimate
    kept: bool = Field(
        description="Whether its answer is kept from an identical job, and would cost nothing"
    )
    allowed: bool
    violations: list[CostViolation]
    needs_confirmation: bool = Field(description="Whether options.confirm_cost is wanted")
    alternatives: list[Alternative]
    budget: Available


class RetryPlan(Reply):
    """What a retry would do."""

    id: str
    attempt: int
    allowed: bool = Field(description="Whether the job can be retried: it failed or was cancelled")
    reused_steps: list[str] = Field(description="Steps whose output is there already")
    will_buy: list[str] = Field(description="Steps whose model calls are bought")
    cost: CostEstimate = Field(description="What those would cost")
    may_pay_again: list[str] = Field(
        description="Calls that may have been bought, with their answer lost: a retry needs consent"
    )


class CallTokens(Reply):
    """Tokens of one call; cached ones are a part of the input, reasoning of the output."""

    input: int
    output: int
    cached: int
    reasoning: int


class LedgerCall(Reply):
    """A row of the call ledger: one request to a model. A repair is a row of its own."""

    call_id: str
    step: str
    model: str | None
    state: str = Field(description="intent, done, unknown, cancelled, or released: not bought")
    attempt: int
    usable: bool = Field(description="Whether its answer was of use")
    tokens: CallTokens | None = Field(description="As the provider said; null where it did not")
    cached: bool = Field(description="Whether the answer was kept from an identical request")
    requests: int = Field(description="Billable requests that were sent")
    cost: float | None = Field(description="Null while it is not known")
    at_most: float | None = Field(description="What it costs at most; null without a price")
    started_at: datetime | None
    settled_at: datetime | None


class Calls(Reply):
    """The model calls of a job."""

    calls: list[LedgerCall]
    currency: str


class Budget(Reply):
    """A budget and how it stands in its window of now. Amounts are in `currency`."""

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
    reserved: float = Field(description="Held for jobs that have not ended")
    available: float
    window_start: datetime | None
    resets_at: datetime | None = Field(description="When the window ends; null for a total")
    state: Literal["ok", "warning", "exhausted"]
    crossed: list[float] = Field(description="Thresholds of `soft` that have been reached")


class Budgets(Reply):
    """All budgets."""

    budgets: list[Budget]


class Tokens(Reply):
    """Tokens."""

    input: int
    output: int


class UsageRow(Reply):
    """What one group has used."""

    key: str | None = Field(description="Null: the jobs that have none")
    jobs: int
    calls: int
    tokens: Tokens
    cost: float
    estimate_error: float | None = Field(
        description="How far cost was from the estimate, as a share of it; of jobs that had one"
    )
    unknown_exposure: float = Field(description="The part of cost that is only at most")


class Usage(Reply):
    """What ended jobs have used, by group."""

    group_by: str
    since: datetime
    until: datetime
    currency: str
    rows: list[UsageRow]
    total: UsageRow
    pending: int = Field(description="Ended jobs that are not in the archive yet")
