"""How long it will take yet, and whether that can be believed."""

import random

import pytest

from jobs.eta import Usual, left, usual


def test_few_runs_say_nothing() -> None:
    assert usual([3.0] * 4, 30) == Usual(30, 45)


def test_of_many_runs_the_middle_and_the_ninth_of_ten() -> None:
    assert usual([float(second) for second in range(1, 10)], 30) == Usual(5, 9)


def test_it_counts_down_and_then_is_overdue() -> None:
    known = Usual(10, 20)

    assert left(known, 0) == Usual(10, 20)
    assert left(known, 8) == Usual(6, 12)
    assert left(known, 15) == Usual(2.5, 5)
    assert left(known, 20) is None


@pytest.mark.parametrize("seed", range(5))
def test_nine_of_ten_runs_stay_under_the_p90(seed: int) -> None:
    """Given 200 runs as long and as varied as model calls are, each told by the 50 before it
    / I expect the p90 to cover 85 to 95 % of them.
    """
    chance = random.Random(seed)
    runs = [chance.lognormvariate(3.2, 0.4) for _ in range(250)]

    covered = [run <= usual(runs[at - 50 : at], 30).p90 for at, run in enumerate(runs) if at >= 50]

    assert 0.85 <= sum(covered) / len(covered) <= 0.95
