"""The pace of the ladder, for any pattern in which responses arrive."""

from dataclasses import dataclass, field
from itertools import cycle, islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.worker.progress.ladder import (
    BOTTOM,
    TOP,
    UPDATE_INTERVAL_S,
    Work,
    advance,
    max_plateau_s,
    step_of,
)

LOOKS = st.lists(st.floats(0.3, 0.7), min_size=1, max_size=12)
"""Seconds between two looks of a heartbeat thread that is not quite on time."""
SHARES = st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=12)
"""What is measured, each for a tenth of the looks or less: nothing, or any share at all."""
ALL_LOOKS = 240


@dataclass
class Climb:
    """The times and steps that a client sees of one call."""

    expected_s: float
    seen: list[tuple[float, int]] = field(default_factory=lambda: [(0.0, BOTTOM)])
    works: list[Work] = field(default_factory=list)
    position: float = BOTTOM
    now: float = 0.0

    def look(self, seconds: float, share: float | None) -> None:
        self.now += seconds
        work = Work(TOP, self.expected_s, self.now, share)
        self.position = advance(self.position, seconds, self.expected_s, work)
        self.seen.append((self.now, step_of(self.position)))
        self.works.append(work)

    @property
    def steps(self) -> list[int]:
        return [step for _, step in self.seen]

    def plateaus_s(self) -> list[float]:
        """How long each step below 79 was shown."""
        changes = [self.seen[0]]
        changes += [after for before, after in pairwise(self.seen) if after[1] != before[1]]
        return [end - start for (start, _), (end, _) in pairwise(changes)]


def climb(expected_s: float, looks: list[float], shares: list[float | None]) -> Climb:
    climbed = Climb(expected_s)
    for seconds, share in zip(looks, shares, strict=True):
        climbed.look(seconds, share)
    return climbed


def any_climb(expected_s: float, looks: list[float], shares: list[float | None]) -> Climb:
    """Repeats the looks, and holds each measurement for a while."""
    times = list(islice(cycle(looks), ALL_LOOKS))
    held = [shares[look * len(shares) // ALL_LOOKS] for look in range(ALL_LOOKS)]
    return climb(expected_s, times, held)


def test_without_a_measurement_it_rises_each_half_second_of_a_30_s_job() -> None:
    """Given a call that usually takes 30 s / I expect 20, 21 … 79, one each 0.5 s, and then 79."""
    assert climb(30, [0.5] * 80, [None] * 80).steps == [*range(20, 80), *[79] * 21]


@given(st.floats(30, 600), LOOKS, SHARES)
def test_it_never_falls_nor_leaves_the_ladder(
    expected_s: float, looks: list[float], shares: list[float | None]
) -> None:
    steps = any_climb(expected_s, looks, shares).steps

    assert steps == sorted(steps)
    assert BOTTOM <= steps[0] <= steps[-1] <= 79


@given(st.floats(1, 600), LOOKS, SHARES)
def test_no_plateau_below_79_is_longer_than_the_limit(
    expected_s: float, looks: list[float], shares: list[float | None]
) -> None:
    """Given any measurements, true or absurd / I expect a step within the limit, as the client sees
    it that polls twice a second.
    """
    climbed = any_climb(expected_s, looks, shares)
    last = climbed.seen[-1]
    standing_s = last[0] - next(time for time, step in climbed.seen if step == last[1])

    limit_s = max_plateau_s(expected_s)
    assert all(plateau + UPDATE_INTERVAL_S <= limit_s + 0.2 for plateau in climbed.plateaus_s())
    assert last[1] == 79 or standing_s < limit_s


@given(st.floats(30, 600), LOOKS, SHARES)
def test_a_step_is_skipped_only_by_work_that_is_faster_than_expected(
    expected_s: float, looks: list[float], shares: list[float | None]
) -> None:
    climbed = any_climb(expected_s, looks, shares)

    for (before, after), work in zip(pairwise(climbed.steps), climbed.works, strict=True):
        assert after <= before + 1 or (work.is_fast and after <= before + 3)


@given(st.floats(30, 120), st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=12))
def test_a_call_that_is_on_time_shows_every_step(expected_s: float, errors: list[float]) -> None:
    """Given a call of just the expected time, whose measurements err by up to 10 % / I expect each
    step, up to 79.
    """
    count = int(expected_s / UPDATE_INTERVAL_S)
    real = [(look + 1) / count for look in range(count)]
    shares = [
        min(0.95, max(0.0, share + error))
        for share, error in zip(real, cycle(errors), strict=False)
    ]

    steps = climb(expected_s, [UPDATE_INTERVAL_S] * count, [*shares]).steps

    assert all(after - before <= 1 for before, after in pairwise(steps))
    assert steps[-1] >= 70


@pytest.mark.parametrize(("real_s", "ahead"), [(15.0, True), (60.0, False), (120.0, False)])
def test_measured_work_bends_the_pace(real_s: float, ahead: bool) -> None:
    """Given a call that takes half, twice or four times the usual 30 s / I expect the ladder ahead
    of time or behind it after 10 s, and without a jump.
    """
    looks = [0.5] * 20
    measured = climb(30, looks, [(n + 1) * 0.5 / real_s for n in range(20)])
    by_time = climb(30, looks, [None] * 20)

    assert (measured.steps[-1] > by_time.steps[-1]) is ahead
    assert measured.steps[-1] != by_time.steps[-1]
    assert all(after - before <= 2 for before, after in pairwise(measured.steps))


def test_a_step_that_ends_early_lets_the_ladder_catch_up() -> None:
    """Given a world whose first step of 30 s ended after 3 s / I expect the second to start where
    the ladder is, and to lead to its own end.
    """
    position, steps = 21.0, []
    for look in range(60):
        work = Work(37.1, 30, (look + 1) * 0.5)
        position = advance(position, 0.5, 210, work)
        steps.append(step_of(position))

    assert all(after - before <= 1 for before, after in pairwise(steps))
    assert steps[-1] == 37


def test_a_step_that_runs_late_does_not_stop_the_ladder_at_its_end() -> None:
    position = 36.9
    for look in range(40):
        position = advance(position, 0.5, 210, Work(37.1, 30, 30 + (look + 1) * 0.5))

    assert step_of(position) >= 40
