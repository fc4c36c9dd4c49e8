"""Whether a job that could not be done now is tried again by itself, and when.

Only where nothing was bought and waiting may help: refused connections, 429, 503, a lore_service
that is away. A call that may have been bought is bought again only with the client's consent
(`on_unknown: retry`), once.
"""

import random
from dataclasses import dataclass

from jobs.errors import JobError, OutcomeUnknown, ServiceUnavailable
from jobs.job import Record

FIRST_S, LONGEST_S = 1.0, 60.0
"""The wait before the first retry doubles with each one, up to the longest; half of it is chance,
so that jobs that failed together do not come back together."""


@dataclass(frozen=True)
class Again:
    """The next try of a job."""

    wait_s: float
    buys_again: bool = False
    """Whether a call of unknown outcome may be bought once more."""


def next_try(record: Record, error: JobError) -> Again | None:
    """When to try again after this error; None when it is over."""
    tries = int(record.get("retries", "0")) + 1
    if isinstance(error, OutcomeUnknown):
        consent = record.get("on_unknown") == "retry" and record.get("generation", "0") == "0"
        return Again(FIRST_S, buys_again=True) if consent else None
    if not isinstance(error, ServiceUnavailable) or error.detail.get("may_be_bought"):
        return None
    if not error.as_detail()["retryable"] or tries >= int(record.get("max_attempts", "1")):
        return None
    return _in_time(record, max(_pause(tries), error.detail.get("retry_after_ms", 0) / 1000))


def _pause(tries: int) -> float:
    longest: float = min(LONGEST_S, FIRST_S * 2 ** (tries - 1))
    return longest / 2 + random.uniform(0, longest / 2)


def _in_time(record: Record, wait_s: float) -> Again | None:
    """None when the job's deadline comes first."""
    if (deadline := record.get("deadline_s")) is not None:
        passed = (int(record["attempt_started_ms"]) - int(record["created_ms"])) / 1000
        if passed + wait_s >= float(deadline):
            return None
    return Again(wait_s)
