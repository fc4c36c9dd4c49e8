"""Jobs and job types as values, as the server sends them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Self

ACTIVE: Final = ("pending", "processing")
TICKS: Final = range(21, 80)
"""Progress that may be simulated; all other values are milestones."""
TIMES: Final = ("created_at", "updated_at", "started_at", "completed_at", "next_try_at")


@dataclass(frozen=True)
class Job:
    """A job at the time of the request. Frozen: fetch it again to see changes."""

    id: str
    type: str
    status: str
    """pending, processing, completed, failed, cancelled or skipped."""
    progress: int
    """Per cent; never decreases within an attempt."""
    message: str
    """The current activity, for people."""
    version: int
    """Grows with every change."""
    attempt: int = 1
    phase: str | None = None
    """Finer than status, and an open set: show it, do not switch on it."""
    progress_source: str | None = None
    """What paces the progress; `simulated` is elapsed time against the usual duration."""
    created_at: datetime | None = None
    updated_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    next_try_at: datetime | None = None
    """When a job that waits for its next attempt runs again."""
    result: Any = None
    partial_result: Any = None
    """The output so far of a job without a result."""
    cancel_reason: str | None = None
    """Why it was cancelled, in the words of who cancelled it."""
    error: str | None = None
    error_detail: Mapping[str, Any] | None = None
    """code, message, retryable."""
    usage: Mapping[str, Any] | None = None
    cost: Mapping[str, Any] | None = None
    """estimate, estimate_max, actual (so far, while it runs), state; in `currency`."""
    model: str | None = None
    title: str | None = None
    """The start of a prompt; None for job types without a title."""
    session_id: str | None = None
    priority: str | None = None
    """interactive, normal or batch."""
    reused: bool = False
    """Whether submit returned the job that the same key had created before."""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The whole JSON object, including fields that this client does not know."""

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Parses a JSON object. Raises ValueError."""
        known = _known_fields(cls, body)
        known |= {name: datetime.fromisoformat(body[name]) for name in TIMES if body.get(name)}
        return cls(**known | {"raw": body})

    @property
    def ended(self) -> bool:
        """Whether the job is over, unless it is retried."""
        return self.status not in ACTIVE

    @property
    def completed(self) -> bool:
        """Whether the job succeeded and has a `result`."""
        return self.status == "completed"

    @property
    def partial_text(self) -> str:
        """The text so far of the running model call, or of a job without a result; else empty."""
        partial = self.partial_result
        text = partial.get("text") if isinstance(partial, Mapping) else None
        return text if isinstance(text, str) else ""

    @property
    def estimated(self) -> bool:
        """Whether the progress is simulated from elapsed time."""
        return self.progress_source == "simulated" and self.progress in TICKS and not self.ended


@dataclass(frozen=True)
class JobTypeInfo:
    """A job type of the server."""

    type: str
    title: str
    description: str
    expected_s: float
    """The usual duration."""
    timeout_s: float
    """The duration after which it fails."""
    payload_schema: Mapping[str, Any]
    result_schema: Mapping[str, Any]
    example: Mapping[str, Any] | None = None
    """A valid payload."""

    @classmethod
    def from_json(cls, body: Any) -> Self:
        """Parses a JSON object. Raises ValueError."""
        return cls(**_known_fields(cls, body))


@dataclass(frozen=True)
class JobList:
    """The jobs that match a query."""

    jobs: list[Job]
    counts: Mapping[str, int] | None
    """Jobs of each status; None where the server does not count."""


def _known_fields(model: type, body: Any) -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise ValueError("not a JSON object")
    return {name: body[name] for field in fields(model) if (name := field.name) in body}
