"""The closed set of statuses, and the ways between them."""

import pytest

from loresmith.jobs.core.status import (
    ACTIVE,
    TERMINAL,
    TRANSITIONS,
    Message,
    Phase,
    Progress,
    Status,
)


def ways_out(status: Status) -> set[str]:
    return {name for name, (starts, _) in TRANSITIONS.items() if status in starts}


def test_a_status_is_active_or_terminal() -> None:
    assert set(Status) == ACTIVE | TERMINAL
    assert not ACTIVE & TERMINAL


@pytest.mark.parametrize("status", sorted(ACTIVE))
def test_whatever_lives_can_fail_and_be_cancelled(status: Status) -> None:
    """Or a job could stay for ever: only the reconciler's 'fail' and a person's 'cancel' are
    sure.
    """
    assert {"fail", "cancel"} <= ways_out(status)


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_what_is_over_can_only_be_retried(status: Status) -> None:
    assert ways_out(status) <= {"retry"}


def test_a_result_is_final() -> None:
    assert ways_out(Status.COMPLETED) == ways_out(Status.SKIPPED) == set()


def test_every_status_can_be_reached() -> None:
    assert {end for _, end in TRANSITIONS.values()} == set(Status)


def test_the_ladder_only_goes_up() -> None:
    rungs = [Progress.CREATED, Progress.CALLING, Progress.LAST_TICK, Progress.CALLED, Progress.DONE]

    assert rungs == sorted(set(rungs)) == [0, 20, 79, 90, 100]


def test_phases_are_finer_words_not_statuses() -> None:
    assert not set(Phase) & set(Status)


def test_words_for_people_are_sentences() -> None:
    words = [word for name, word in vars(Message).items() if name.isupper()]

    assert words
    assert all(word[0].isupper() for word in words)
