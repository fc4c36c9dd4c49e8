"""How long it will take yet, and whether that can be believed."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.jobs.statistics.durations import (
    DurationEstimate,
    RemainingTime,
    estimate_duration,
    remaining_time,
)

Chance = Callable[[random.Random], float]

TEN = tuple(float(second) for second in range(1, 11))

MANNERS: dict[str, Chance] = {
    "as model calls are": lambda chance: chance.lognormvariate(3.2, 0.4),
    "all much alike": lambda chance: chance.uniform(28, 32),
    "short or long": lambda chance: (
        chance.gauss(10, 1) if chance.random() < 0.6 else 40.0 + chance.gauss(0, 4)
    ),
    "without a memory": lambda chance: 5 + chance.expovariate(1 / 20),
}
"""Ways in which the durations of jobs may vary."""


def test_few_runs_say_nothing() -> None:
    assert estimate_duration([3.0] * 4, 30) == DurationEstimate(30, 45)


def test_of_many_runs_the_middle_and_the_ninth_of_ten() -> None:
    matches = estimate_duration([float(second) for second in range(9, 0, -1)], 30)

    assert (matches.p50, matches.p90) == (5, 9)
    assert matches.runs == TEN[:9]


def test_the_remaining_time_counts_down_with_the_ladder() -> None:
    """Given a job on time / I expect what is left of its usual time, and the p90 of the runs that
    lasted longer.
    """
    known = DurationEstimate(5.5, 10, TEN)

    assert remaining_time(known, 0) == RemainingTime(5.5, 10)
    assert remaining_time(known, 2.75, 0.5) == RemainingTime(2.8, 7.2)
    assert remaining_time(known, 10) is None


def test_without_runs_what_the_type_declares_counts_down() -> None:
    declared = estimate_duration([], 30)

    assert remaining_time(declared, 0) == RemainingTime(30, 45)
    assert remaining_time(declared, 15, 0.5) == RemainingTime(15, 22.5)
    assert remaining_time(declared, 45) is None


def test_a_late_job_is_not_said_to_end_now() -> None:
    """Given a job at the top of the ladder / when it takes longer and longer / I expect its
    remaining time to grow with its delay.
    """
    declared = estimate_duration([], 30)
    late = [remaining_time(declared, elapsed_s, 59 / 60) for elapsed_s in (30, 36, 42)]

    assert [each and each.p50 for each in late] == [2, 3.5, 5]


def test_the_pace_of_the_ladder_counts() -> None:
    """Given a type of 30 s / when two thirds of the ladder are climbed after 10 s / I expect less
    than 10 s; not when an earlier attempt climbed them.
    """
    declared = estimate_duration([], 30)
    fast, resumed = (
        remaining_time(declared, 10, 2 / 3, is_resumed=is_resumed) for is_resumed in (False, True)
    )

    assert fast
    assert fast.p50 == 7.1
    assert resumed
    assert resumed.p50 == 10


@given(
    st.lists(st.floats(1, 300), max_size=50),
    st.lists(st.booleans(), min_size=60, max_size=60),
    st.floats(1, 300),
)
def test_it_does_not_jump(runs: list[float], rises: list[bool], declared_s: float) -> None:
    """Given any runs, and a ladder that rises a step or none at each of 60 looks / I expect no
    remaining time to be more than twice the one before, or less than half.
    """
    known, share, before = estimate_duration(runs, declared_s), 0.0, None
    for look, rise in enumerate(rises):
        share += rise / 60
        now = remaining_time(known, look * known.p50 / 60, min(share, 59 / 60))
        if now and before:
            for one, other in ((now.p50, before.p50), (now.p90, before.p90)):
                assert other / 2 - 0.1 <= one <= other * 2 + 0.1
        before = now


@pytest.mark.parametrize("runs", [[7.0] * 50, [0.1] * 50, [0.0] * 50])
def test_runs_that_are_all_the_same(runs: list[float]) -> None:
    known = estimate_duration(runs, 30)
    moments = [known.p90 * share for share in (0, 0.5, 0.99, 0.999999)]

    assert all(
        (reply := remaining_time(known, moment)) and reply.p90 >= reply.p50 >= 0
        for moment in moments
    )
    assert remaining_time(known, known.p90) is None


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("elapsed", [0.0, 0.5, 0.75], ids=["at its start", "midway", "late"])
def test_about_nine_of_ten_runs_end_within_the_p90(manner: str, elapsed: float) -> None:
    """Given 200 runs that last to a moment (none, half, three quarters of the runs have ended by
    it), each told by the 50 runs before it / I expect the p90 to cover at least 80 % of them.
    """
    chance, covered = random.Random(7), []
    runs = [MANNERS[manner](chance) for _ in range(50)]
    while len(covered) < 200:
        run, known = MANNERS[manner](chance), estimate_duration(runs[-50:], 30)
        moment = known.runs[int(elapsed * 50)] if elapsed else 0.0
        if run > moment:
            reply = remaining_time(known, moment, min(moment / known.p50, 59 / 60))
            covered.append(reply is not None and run - moment <= reply.p90)
        runs.append(run)

    assert sum(covered) / len(covered) >= 0.8
