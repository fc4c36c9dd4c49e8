"""When a job is tried again by itself: only where nothing was bought, or by consent."""

import pytest

from jobs.errors import CallFailed, JobError, OutcomeUnknown, QuotaExhausted, ServiceUnavailable
from tests.runs import record
from worker.again import LONGEST_S, next_try


def test_an_absent_provider_is_tried_again_with_growing_pauses() -> None:
    pauses = []
    for retries in range(9):
        again = next_try(record(max_attempts=10, retries=retries), ServiceUnavailable())
        assert again is not None
        assert not again.buys_again
        pauses.append(again.wait_s)

    assert all(2**n / 2 <= pause <= min(2**n, LONGEST_S) for n, pause in enumerate(pauses[:6]))
    assert max(pauses) <= LONGEST_S


def test_the_provider_is_left_alone_for_as_long_as_it_asks() -> None:
    again = next_try(record(max_attempts=3), ServiceUnavailable("busy", retry_after_ms=30_000))

    assert again is not None
    assert again.wait_s >= 30


def test_the_last_attempt_is_the_last() -> None:
    assert next_try(record(max_attempts=3, retries=2), ServiceUnavailable()) is None
    assert next_try(record(max_attempts=1), ServiceUnavailable()) is None


@pytest.mark.parametrize(
    "error",
    [
        QuotaExhausted(),
        CallFailed(),
        ServiceUnavailable("it went away in the middle", may_be_bought=True),
        ServiceUnavailable("for good", retryable=False),
    ],
)
def test_what_is_bought_or_beyond_help_is_not(error: JobError) -> None:
    assert next_try(record(max_attempts=10), error) is None


def test_a_lost_answer_is_bought_again_by_consent_only_and_once() -> None:
    asked = record(on_unknown="ask", max_attempts=10)
    agreed = record(on_unknown="retry", max_attempts=10)
    bought_again = record(on_unknown="retry", max_attempts=10, generation=1)

    assert next_try(asked, OutcomeUnknown()) is None
    assert next_try(bought_again, OutcomeUnknown()) is None
    again = next_try(agreed, OutcomeUnknown())
    assert again is not None
    assert again.buys_again


def test_a_deadline_that_comes_first_ends_it() -> None:
    late = record(max_attempts=9, deadline_s=20, created_ms=0, attempt_started_ms=19_900)
    early = record(max_attempts=9, deadline_s=20, created_ms=0, attempt_started_ms=1_000)

    assert next_try(late, ServiceUnavailable()) is None
    assert next_try(early, ServiceUnavailable()) is not None
