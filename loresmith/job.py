"""What the server tells about jobs and job types, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Self

from jobs.states import TERMINAL, Progress, ProgressSource, Status
from loresmith.errors import AnswerUnreadable

TIMES = frozenset({"created_at", "updated_at", "started_at", "completed_at", "next_try_at"})


@dataclass(frozen=True)
class Job:
    """A job as it was when the server was asked. Frozen: ask again for news."""

    id: str
    type: str
    status: str
    """One of jobs.states.Status."""
    progress: int
    """Per cent; never goes down within an attempt."""
    message: str
    """What it is doing, for people."""
    version: int
    """Grows with every change."""
    attempt: int = 1
    phase: str | None = None
    """Finer than status, and open: show it, do not switch on it."""
    progress_source: str | None = None
    """What moved the bar; `simulated` is elapsed time against what such a job usually takes."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    next_try_at: datetime | None = None
    """When a job that waits for another try is tried again."""
    result: Any = None
    partial_result: Any = None
    """What a job without a result has made."""
    error: str | None = None
    error_detail: Mapping[str, Any] | None = None
    """code, message, retryable."""
    usage: Mapping[str, Any] | None = None
    cost: Mapping[str, Any] | None = None
    """estimate, estimate_max, actual (so far, while it runs), state; in `currency`."""
    model: str | None = None
    session_id: str | None = None
    reused: bool = False
    """Whether a submit found the job that the same key made before."""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Everything the server said, also what this client does not know."""

    @classmethod
    def read(cls, body: Any) -> Self:
        """The job in a JSON value. Raises AnswerUnreadable."""
        if not isinstance(body, Mapping):
            raise AnswerUnreadable("a job must be a JSON object")
        try:
            known = {name.name: body[name.name] for name in fields(cls) if name.name in body}
            known |= {name: _moment(body[name]) for name in TIMES if body.get(name)}
            return cls(**known | {"raw": body})
        except (TypeError, ValueError) as error:
            raise AnswerUnreadable(f"not a job: {error}") from None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it, unless somebody retries it."""
        return self.status in TERMINAL

    @property
    def completed(self) -> bool:
        """Whether `result` is what was asked for."""
        return self.status == Status.COMPLETED

    @property
    def estimated(self) -> bool:
        """Whether the bar is moved by the clock and not by what the model has written."""
        ticking = Progress.CALLING < self.progress <= Progress.LAST_TICK
        return ticking and self.progress_source == ProgressSource.SIMULATED and not self.ended


@dataclass(frozen=True)
class JobType:
    """What can be asked for."""

    type: str
    title: str
    description: str
    expected_s: float
    """Seconds it usually takes."""
    timeout_s: float
    """Seconds after which it fails."""
    payload_schema: Mapping[str, Any]
    """JSON Schema of what it takes."""
    result_schema: Mapping[str, Any]
    example: Mapping[str, Any] | None = None
    """A payload that works."""

    @classmethod
    def read(cls, body: Any) -> Self:
        """The job type in a JSON value. Raises AnswerUnreadable."""
        if not isinstance(body, Mapping):
            raise AnswerUnreadable("a job type must be a JSON object")
        try:
            return cls(**{name.name: body[name.name] for name in fields(cls) if name.name in body})
        except TypeError as error:
            raise AnswerUnreadable(f"not a job type: {error}") from None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class JobList:
    """A part of the jobs that there are."""

    jobs: list[Job]
    counts: Mapping[str, int] | None
    """How many there are of each status; None where the server does not count."""
