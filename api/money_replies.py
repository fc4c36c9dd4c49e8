"""What clients get that is about money, as models; see api/replies.py."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Reply(BaseModel):
    """Base of all: what is sent has these fields and no others."""

    model_config = ConfigDict(extra="forbid")


class Cost(Reply):
    """What a job costs, in `currency`; null where it is not known."""

    currency: str
    estimate: float | None = Field(description="What it was expected to cost")
    estimate_max: float | None = Field(description="The most it may cost")
    reserved: float = Field(description="What is held for it in its budgets now")
    actual: float | None = Field(description="What it has cost, once it has ended")
    state: Literal["estimated", "reserved", "running", "final", "at_most"] = Field(
        description="at_most: a call may have been bought and its answer was lost"
    )


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
