"""The states of a job, and the one table of transitions between them.

`status` is a closed set that clients may switch on; `phase` is an open, finer word for people.
The Lua scripts refuse whatever this table does not allow (tests/architecture holds them to it).
"""

from enum import StrEnum


class Status(StrEnum):
    """Where a job is in its life. Closed: a new member breaks clients."""

    PENDING = "pending"
    """Accepted and stored; no worker has taken it yet."""
    PROCESSING = "processing"
    """Taken by a worker, or about to be taken over by another one."""
    COMPLETED = "completed"
    """The result is stored."""
    FAILED = "failed"
    """Ended without a result; `error` says why, `partial_result` keeps what there was."""
    CANCELLED = "cancelled"
    """Stopped on request."""
    SKIPPED = "skipped"
    """A batch cell that never ran, and cost nothing."""


ACTIVE = frozenset({Status.PENDING, Status.PROCESSING})
TERMINAL = frozenset(Status) - ACTIVE

STATUS_ALIASES = {
    "queued": Status.PENDING,
    "running": Status.PROCESSING,
    "in_progress": Status.PROCESSING,
    "succeeded": Status.COMPLETED,
    "canceled": Status.CANCELLED,
}
"""Words of other systems that filters accept for a status. Never sent."""


class Phase(StrEnum):
    """What an unfinished job is doing. Open: clients show it and never switch on it."""

    QUEUED = "queued"
    GENERATING = "generating"
    FINALIZING = "finalizing"
    CANCELLING = "cancelling"
    RECOVERING = "recovering"
    RETRY_WAIT = "retry_wait"
    RATE_LIMITED = "rate_limited"
    WAITING_PROVIDER = "waiting_provider"
    """The provider or the lore_service is away."""
    WAITING_ARCHIVE = "waiting_archive"
    WAITING_VERSION = "waiting_version"
    """No process that could run it knows its job type or model call yet."""


WAITING_PHASES = (
    Phase.RATE_LIMITED,
    Phase.WAITING_PROVIDER,
    Phase.WAITING_ARCHIVE,
    Phase.WAITING_VERSION,
)
"""Phases of a job that waits for something to come back, which uses up no attempt."""


# transition: (the script that makes it, the states it may start from, the state it ends in)
TRANSITIONS: dict[str, tuple[frozenset[Status], Status]] = {
    "claim": (frozenset({Status.PENDING, Status.PROCESSING}), Status.PROCESSING),
    "release": (frozenset({Status.PROCESSING}), Status.PROCESSING),
    "complete": (frozenset({Status.PROCESSING}), Status.COMPLETED),
    "fail": (frozenset({Status.PENDING, Status.PROCESSING}), Status.FAILED),
    "cancel": (frozenset({Status.PENDING, Status.PROCESSING}), Status.CANCELLED),
    "skip": (frozenset({Status.PENDING}), Status.SKIPPED),
    "retry": (frozenset({Status.FAILED, Status.CANCELLED}), Status.PENDING),
}


class Progress:
    """The fixed rungs of the ladder, in per cent; between CALLING and CALLED the worker ticks."""

    CREATED = 0
    CALLING = 20
    LAST_TICK = 79
    CALLED = 90
    DONE = 100


class ProgressSource(StrEnum):
    """What moved the bar."""

    SIMULATED = "simulated"
    """Elapsed time against what such a job usually takes."""
    TOKENS = "tokens"
    ITEMS = "items"
    STEPS = "steps"
    TERMINAL = "terminal"


class Message:
    """What a person reads beside the bar. The words of the first design."""

    CREATED = "Preparing your request..."
    COMPLETED = "Job completed successfully"
    FAILED = "Job failed"
    CANCELLED = "Job cancelled"
    CANCELLING = "Cancelling..."
    RECOVERING = "Its worker went away; another one takes over..."
    RETRY_WAIT = "Trying again soon..."
    HANDED_BACK = "Its worker is shutting down; another one takes over..."
