"""Values that the stores of this package read and write. Knows neither Redis nor RQ."""

from dataclasses import dataclass, field
from typing import Any, Literal

from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import Phase, ProgressSource, Status
from loresmith.jobs.store.queue import JobMessage


@dataclass(frozen=True)
class QueueEntry:
    """An entry of an RQ queue, by the id of its RQ job."""

    queue: str
    id: str
    job_type: str = field(default="", compare=False)
    """Shown in the description of a running job; empty before its record is known."""


@dataclass(frozen=True)
class Claim:
    """The result of a claim: the record, or the reason why the worker does not get the job."""

    job: JobMessage
    record: Record | None
    refusal: str = ""
    """A word of claim.lua, or the text of an error."""


@dataclass(frozen=True)
class RetryDecision:
    """The next automatic attempt of a job."""

    delay_s: float
    phase: str
    """What the job shows until then."""
    counts: Literal["retry", "again", "wait"]
    """retry: an attempt; again: one that may buy an unknown call once more; wait: no attempt."""


@dataclass(frozen=True)
class AttemptOutcome:
    """The status that an attempt ends with, and the fields of the record that it writes."""

    status: Status
    fields: dict[str, Any]
    durations: str = ""
    """Key of the list that receives its duration; empty when the duration is not representative."""


@dataclass(frozen=True)
class ProgressSnapshot:
    """What a client is shown of a running job."""

    progress: int
    source: ProgressSource
    phase: Phase
    message: str


@dataclass(frozen=True)
class BufferedEvent:
    """One event of a running job, not yet stored."""

    type: Literal["delta", "item", "step", "usage"]
    step: str
    value: str
    """delta: the text; item: its JSON; step: its state; usage: its JSON."""
    count: int = 0
    """delta: its offset; item: its index; step: the items that it will produce."""
    number: int = 0
    """Counts the events of one attempt."""
