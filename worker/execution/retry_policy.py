"""Decides whether and when a job runs again after an error.

Waiting is not failing: while a provider, the lore_service or the archive is away, a model is rate
limited, or no process of the right version is there, the job waits until its deadline, and no
attempt is counted. Asking again never buys twice: a call keeps its call_id, and the ledger knows
it. A fault of Loresmith uses up an attempt. A call of unknown outcome is bought again once, and
only with the client's consent.
"""

from dataclasses import dataclass

from loresmith.jobs.core.backoff import Backoff
from loresmith.jobs.core.duration import in_words
from loresmith.jobs.core.errors import InternalError, JobError, OutcomeUnknown
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import Phase
from loresmith.jobs.core.text import sentence
from loresmith.worker.adapters.store_types import RetryDecision
from loresmith.worker.execution.attempt import (
    JobAttempt,
    event_of,
    origin_of,
    seconds_between,
)

MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S = 1.0, 60.0
BACKOFF = Backoff(MIN_RETRY_INTERVAL_S, MAX_RETRY_INTERVAL_S)
"""Its jitter spreads the retries of jobs that failed together."""
WAIT_BACKOFF = Backoff(MIN_RETRY_INTERVAL_S, max_s=30.0)
MAX_RETRY_AFTER_S = 3600.0
"""A longer pause of the provider fails the job."""
SPREAD = 0.25
"""The share of a provider's pause by which jobs that wait for its end are spread after it."""
MAX_WAIT_S = 86_400.0
"""How long a job without a deadline waits, beyond its start deadline, once it has generated."""
MIN_REMAINING_S = 0.5
"""With less time left, a job does not wait for another try."""


@dataclass(frozen=True, order=True)
class WaitLimit:
    """The age at which a job gives up waiting."""

    age_s: float
    name: str
    """For people."""


def decide_retry(
    attempt: JobAttempt, error: JobError, *, has_usage: bool
) -> RetryDecision | JobError:
    """Returns when the job runs again, or the error that it fails with.

    `has_usage`: a model has generated something for the job.
    """
    if isinstance(error, OutcomeUnknown):
        return _bought_again(attempt) or error
    if not error.as_detail()["retryable"]:
        return error
    if error.waiting_phase:
        return _wait(attempt, error, _wait_limit(attempt.record, has_usage))
    if isinstance(error, InternalError):
        return _retried(attempt) or error
    return error


def _bought_again(attempt: JobAttempt) -> RetryDecision | None:
    record = attempt.record
    in_advance = record.get("on_unknown") == "retry" and record.get("generation", "0") == "0"
    if not in_advance and "consent" not in record:
        return None
    return RetryDecision(MIN_RETRY_INTERVAL_S, Phase.RETRY_WAIT, "again")


def _retried(attempt: JobAttempt) -> RetryDecision | None:
    retries = int(attempt.record.get("retries", "0"))
    delay_s = BACKOFF.delay_s(retries)
    if retries + 1 >= int(attempt.record.get("max_attempts", "1")) or (
        delay_s >= attempt.remaining_s
    ):
        return None
    return RetryDecision(delay_s, Phase.RETRY_WAIT, "retry")


def _wait(attempt: JobAttempt, error: JobError, limit: WaitLimit) -> RetryDecision | JobError:
    retry_after_s = error.detail.get("retry_after_ms", 0) / 1000
    remaining_s = limit.age_s - attempt.age_s
    if retry_after_s > MAX_RETRY_AFTER_S:
        reason = f"a job waits for at most {in_words(MAX_RETRY_AFTER_S)}"
        return _gave_up(error, f"The provider asks to wait {in_words(retry_after_s)}; {reason}")
    if retry_after_s >= remaining_s:
        reason = f"the job has {in_words(remaining_s)} left until {limit.name}"
        return _gave_up(error, f"The provider asks to wait {in_words(retry_after_s)}; {reason}")
    if remaining_s < MIN_REMAINING_S:
        return _gave_up(error, f"The job waited until {limit.name}")
    reopens_s = max(retry_after_s, error.detail.get("reopens_ms", 0) / 1000)
    waits = 0 if reopens_s > retry_after_s else int(attempt.record.get("waits", "0"))
    delay_s = _waiting_delay_s(waits, reopens_s)
    phase = str(error.detail.get("waiting_phase") or error.waiting_phase)
    last_try_s = max(retry_after_s, remaining_s - MIN_REMAINING_S)
    return RetryDecision(min(delay_s, last_try_s), phase, "wait")


def _wait_limit(record: Record, has_usage: bool) -> WaitLimit:
    """Returns the first limit. The start deadline counts until a model has generated something."""
    start_by_s = seconds_between(record, origin_of(record), "start_by_ms") or MAX_WAIT_S
    event = event_of(record)
    limit = WaitLimit(start_by_s, f"its start deadline, {in_words(start_by_s)} after its {event}")
    if has_usage:
        age_s = start_by_s + MAX_WAIT_S
        limit = WaitLimit(age_s, f"{in_words(age_s)} after its {event}, as it has no deadline")
    if deadline_s := float(record.get("deadline_s", 0)):
        name = f"its deadline, {in_words(deadline_s)} after its {event}"
        limit = min(limit, WaitLimit(deadline_s, name))
    return limit


def _waiting_delay_s(waits: int, reopens_s: float) -> float:
    if not reopens_s:
        return WAIT_BACKOFF.delay_s(waits)
    spread = Backoff(SPREAD * reopens_s, SPREAD * reopens_s, jitter=1.0)
    return max(WAIT_BACKOFF.delay_s(waits), reopens_s + spread.delay_s(0))


def _gave_up(error: JobError, reason: str) -> JobError:
    """Returns the same error with the reason why the job waits no longer."""
    return type(error)(f"{sentence(str(error))} {sentence(reason)}", **error.detail)
