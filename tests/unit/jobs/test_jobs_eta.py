"""How long it will take yet, and whether that can be believed."""

import random
from collections.abc import Callable

import pytest

from jobs.eta import Left, Usual, left, usual

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
    assert usual([3.0] * 4, 30) == Usual(30, 45)


def test_of_many_runs_the_middle_and_the_ninth_of_ten() -> None:
    found = usual([float(second) for second in range(9, 0, -1)], 30)

    assert (found.p50, found.p90) == (5, 9)
    assert found.runs == TEN[:9]


def test_a_run_is_measured_by_those_that_lasted_longer() -> None:
    """Given runs of 1 to 10 s / when one lasts for 6 s / I expect it to end as those of 7, 8, 9 and
    10 s did, not as all ten.
    """
    known = Usual(5.5, 10, TEN)

    assert left(known, 0) == Left(5.5, 10)
    assert left(known, 6) == Left(2.5, 4)
    assert left(known, 9.5) == Left(0.5, 0.5)
    assert left(known, 10) is None


def test_a_job_that_was_to_be_over_is_not_told_to_end_now() -> None:
    """Given two sorts of runs, of 10 and of 40 s / when one lasts for 20 s / I expect it known
    as one of the long ones: the middle of all would have it end 10 s ago.
    """
    known = usual([10.0] * 30 + [40.0] * 20, 30)

    assert known.p50 == 10
    assert left(known, 20) == Left(20, 20)


def test_without_runs_what_the_type_declares_counts_down() -> None:
    declared = usual([], 30)
    told = [left(declared, elapsed) for elapsed in (0, 10, 20, 30, 40, 44.9)]
    ends = [
        (elapsed + each.p50, elapsed + each.p90)
        for elapsed, each in zip((0, 10, 20, 30, 40, 44.9), told, strict=True)
        if each
    ]

    assert told[0] == Left(30, 45)
    assert len(ends) == 6
    assert ends == sorted(ends), "the longer it lasts, the later it ends"
    assert all(each and 0 < each.p50 < each.p90 for each in told)
    assert left(declared, 45) is None


def test_without_runs_it_goes_on_at_the_pace_that_is_seen() -> None:
    """Given a type that declares 30 s / when two thirds are done after 4 s / I expect 2 s yet; not
    when too little is done to say, nor when there are runs that know better.
    """
    declared = usual([], 30)

    assert left(declared, 4, 2 / 3) == Left(2, 3)
    assert left(declared, 4, 0.1) == left(declared, 4)
    assert left(Usual(5.5, 10, TEN), 6, 2 / 3) == Left(2.5, 4)
    assert left(declared, 45, 2 / 3) is None


@pytest.mark.parametrize("runs", [[7.0] * 50, [0.1] * 50, [0.0] * 50])
def test_runs_that_are_all_the_same(runs: list[float]) -> None:
    known = usual(runs, 30)
    moments = [known.p90 * share for share in (0, 0.5, 0.99, 0.999999)]

    assert all((told := left(known, moment)) and told.p90 >= told.p50 >= 0 for moment in moments)
    assert left(known, known.p90) is None


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("elapsed", [0.0, 0.5, 0.75], ids=["at its start", "midway", "late"])
def test_nine_of_ten_runs_end_within_the_p90(manner: str, elapsed: float) -> None:
    """Given 200 runs that last to a moment (none, half, three quarters of the runs have ended by
    it), each told by the 50 runs before it / I expect the p90 to cover 85 to 95 % of them.
    """
    chance, covered = random.Random(7), []
    runs = [MANNERS[manner](chance) for _ in range(50)]
    while len(covered) < 200:
        run, known = MANNERS[manner](chance), usual(runs[-50:], 30)
        moment = known.runs[int(elapsed * 50)] if elapsed else 0.0
        if run > moment:
            told = left(known, moment)
            covered.append(told is not None and run - moment <= told.p90)
        runs.append(run)

    assert 0.85 <= sum(covered) / len(covered) <= 0.95
