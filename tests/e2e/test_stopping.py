"""A lore_service that is stopped with calls in flight loses none, while a new one serves."""

from pathlib import Path

import pytest

from chaos.service_stop import LATER_CALLS, stop_with_calls_in_flight

pytestmark = pytest.mark.e2e

CALLS = 20


def test_a_stopped_lore_service_finishes_its_calls(tmp_path: Path) -> None:
    """Given calls in flight / when the lore_service gets SIGTERM and a new one starts
    / I expect all jobs completed at their first attempt, each call billed once, and the jobs
    submitted meanwhile as well.
    """
    outcome = stop_with_calls_in_flight(tmp_path, CALLS, seconds=8)

    assert outcome.completed == CALLS + LATER_CALLS
    assert outcome.billed_once == CALLS + LATER_CALLS
    assert (outcome.failed, outcome.billed_again, outcome.attempts) == (0, 0, 1)
