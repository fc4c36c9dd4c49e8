"""How long a client sees the same progress, and how a ladder ends."""

from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.worker.progress.ladder import max_plateau_s
from loresmith.worker.progress.tracker import ProgressTracker
from tests.unit.worker.test_worker_tracker import ONE, Clock, run_for, tracker


@pytest.fixture
def clock() -> Clock:
    return Clock()


@given(
    st.floats(30, 600),
    st.floats(0, 2.5),
    st.lists(st.floats(0.45, 0.55), min_size=1, max_size=9),
)
def test_the_time_before_a_call_is_accepted_counts_for_the_limit(
    expected_s: float, accepted_after_s: float, looks: list[float]
) -> None:
    """Given a call that is accepted late / I expect no step below 79 longer than the limit, for a
    client that polls twice a second.
    """
    clock = Clock()
    progress = tracker(clock, expected_s=expected_s)
    began, since, shown = clock.now, clock.now, 20
    for seconds in islice(cycle(looks), 200):
        clock.now += seconds
        now = progress.snapshot(is_alive=clock.now - began >= accepted_after_s).progress
        if now != shown:
            assert clock.now - since + 0.5 <= max_plateau_s(expected_s) + 0.55
            since, shown = clock.now, now
        assert now >= 79 or clock.now - since <= max_plateau_s(expected_s)


@pytest.mark.parametrize(("call_s", "ends_at"), [(28.4, 76), (29.9, 79)])
def test_a_ladder_shows_the_last_steps_that_its_call_just_missed(
    clock: Clock, call_s: float, ends_at: int
) -> None:
    """Given a call that ends just before the top / I expect each step up to 79, one a look."""
    progress = ProgressTracker(ONE, 30, "Working...", clock, by_time_only=True)
    seen = run_for(progress, clock, call_s)
    progress.finalize("Storing...", climbs=True)

    seen += run_for(progress, clock, 4)

    assert seen[int(call_s * 2) - 1] == ends_at
    assert sorted({*seen}) == [*range(21, 80), 90]
    assert not progress.climbs_last_steps


def test_a_ladder_does_not_hold_a_call_that_was_fast(clock: Clock) -> None:
    progress = ProgressTracker(ONE, 30, "Working...", clock, by_time_only=True)
    run_for(progress, clock, 20)
    progress.finalize("Storing...", climbs=True)

    assert run_for(progress, clock, 1) == [90, 90]


def test_kept_entities_of_an_earlier_attempt_do_not_lower_the_progress(clock: Clock) -> None:
    """Given a retry that starts at 60 and keeps a tenth of its step / I expect it at 60 or more."""
    progress = ProgressTracker(ONE, 30, "Working...", clock, start=60)
    progress.begin("generate")
    progress.keep("generate", 0.1)

    assert progress.snapshot().progress == 60
