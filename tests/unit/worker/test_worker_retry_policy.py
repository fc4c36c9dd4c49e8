"""Waiting uses up no attempt; a fault of ours does; an unknown call needs consent."""

import itertools
from typing import Any

import pytest

from loresmith.jobs.core.errors import (
    CallFailed,
    InternalError,
    JobError,
    JobTypeUnknown,
    OutcomeUnknown,
    QuotaExhausted,
    ServiceUnavailable,
    SinkFailed,
)
from loresmith.jobs.core.status import Phase
from loresmith.worker.adapters.store_types import RetryDecision
from loresmith.worker.execution.retry_policy import decide_retry
from tests.worker_fakes import attempt_of

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def decide(error: JobError, *, has_usage: bool = False, **record: Any) -> RetryDecision | JobError:
    times = {"created_ms": 0, "attempt_started_ms": 0, "start_by_ms": DAY_MS}
    attempt = attempt_of(lambda: 0.0, **(times | record))
    return decide_retry(attempt, error, has_usage=has_usage)


def wait(error: JobError, **record: Any) -> RetryDecision:
    decision = decide(error, **record)
    assert isinstance(decision, RetryDecision), decision
    assert decision.counts == "wait"
    return decision


def failure(error: JobError, **record: Any) -> JobError:
    decision = decide(error, **record)
    assert isinstance(decision, JobError), decision
    return decision


@pytest.mark.parametrize(
    ("error", "phase"),
    [
        (ServiceUnavailable(), Phase.WAITING_PROVIDER),
        (ServiceUnavailable("gone", may_be_bought=True), Phase.WAITING_PROVIDER),
        (ServiceUnavailable("429", waiting_phase="rate_limited"), Phase.RATE_LIMITED),
        (ServiceUnavailable("new", waiting_phase="waiting_version"), Phase.WAITING_VERSION),
        (JobTypeUnknown(), Phase.WAITING_VERSION),
        (SinkFailed("locked", retryable=True), Phase.WAITING_ARCHIVE),
    ],
)
def test_what_comes_back_by_itself_is_waited_for(error: JobError, phase: Phase) -> None:
    """Given a job with one attempt, and an hour of waits behind it / I expect another wait."""
    decision = wait(error, max_attempts=1, retries=0, waits=1_000)

    assert decision.phase == phase


def test_waits_grow_to_a_maximum_with_jitter() -> None:
    delays = [wait(ServiceUnavailable(), waits=waits).delay_s for waits in range(40)]

    assert all(2**n / 2 <= delay <= 2**n for n, delay in enumerate(delays[:5]))
    assert all(15 <= delay <= 30 for delay in delays[5:])
    assert len(set(delays[5:])) > 30


def test_jobs_come_back_spread_after_the_pause_of_their_provider() -> None:
    error = ServiceUnavailable("busy", retry_after_ms=40_000)

    delays = [wait(error).delay_s for _ in range(50)]

    assert all(40 <= delay <= 50 for delay in delays)
    assert max(delays) - min(delays) > 3


def test_a_pause_of_more_than_an_hour_fails_the_job_with_the_time_in_words() -> None:
    wait(ServiceUnavailable("busy", retry_after_ms=HOUR_MS))

    error = failure(ServiceUnavailable("Busy", retry_after_ms=2 * HOUR_MS + 300_000))

    assert str(error) == (
        "Busy. The provider asks to wait 2 hours 5 minutes; a job waits for at most 1 hour."
    )
    assert (error.code, error.as_detail()["retryable"]) == ("llm_unavailable", True)


def test_a_pause_beyond_the_deadline_fails_the_job_with_the_time_in_words() -> None:
    error = failure(ServiceUnavailable("Busy.", retry_after_ms=90_000), deadline_s=60)

    assert str(error) == (
        "Busy. The provider asks to wait 1 minute 30 seconds; the job has 1 minute left until its "
        "deadline, 1 minute after its creation."
    )


def test_the_last_try_comes_just_before_the_deadline() -> None:
    deadline: dict[str, Any] = {"deadline_s": 20, "waits": 9}

    assert wait(ServiceUnavailable(), attempt_started_ms=10_000, **deadline).delay_s == 9.5
    assert "until its deadline" in str(
        failure(ServiceUnavailable(), attempt_started_ms=19_900, **deadline)
    )


def test_the_start_deadline_counts_until_something_is_generated() -> None:
    late: dict[str, Any] = {"start_by_ms": 60_000, "attempt_started_ms": 61_000}

    assert "start deadline" in str(failure(ServiceUnavailable(), **late))
    wait(ServiceUnavailable(), has_usage=True, **late)
    assert "deadline, 1 minute" in str(
        failure(ServiceUnavailable(), has_usage=True, deadline_s=60, **late)
    )


def test_a_job_without_deadline_does_not_wait_for_ever() -> None:
    error = failure(SinkFailed("locked"), has_usage=True, attempt_started_ms=2 * DAY_MS)

    assert "2 days after its creation" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        QuotaExhausted(),
        CallFailed(),
        ServiceUnavailable("for good", retryable=False),
        SinkFailed("refused", retryable=False),
    ],
)
def test_real_failures_are_not_retried(error: JobError) -> None:
    assert failure(error, max_attempts=10) is error


def test_a_fault_of_ours_uses_up_an_attempt() -> None:
    decisions = [decide(InternalError(), max_attempts=3, retries=retries) for retries in range(3)]

    assert [getattr(decision, "counts", "failed") for decision in decisions] == [
        "retry",
        "retry",
        "failed",
    ]


@pytest.mark.parametrize(
    ("on_unknown", "generation", "consent"), [*itertools.product(["ask", "retry"], [0, 1], [0, 1])]
)
def test_an_unknown_outcome_is_bought_again_once_and_only_by_consent(
    on_unknown: str, generation: int, consent: int
) -> None:
    record: dict[str, Any] = {"on_unknown": on_unknown, "generation": generation}
    if consent:
        record["consent"] = 1

    decision = decide(OutcomeUnknown(), max_attempts=10, **record)

    agreed = consent or (on_unknown, generation) == ("retry", 0)
    assert getattr(decision, "counts", "failed") == ("again" if agreed else "failed")


def test_our_own_limit_fails_no_job_and_needs_no_backoff() -> None:
    """Given a job that has waited often, and has 5 s left / when a limit of ours has room in 2 s,
    and then in 20 s / I expect a try soon after the 2 s, and another just before its deadline."""
    busy = {"waits": 9, "deadline_s": 5}

    assert 2 <= wait(ServiceUnavailable(reopens_ms=2_000), **busy).delay_s <= 2.5 + 1
    assert wait(ServiceUnavailable(reopens_ms=20_000), **busy).delay_s == 4.5
