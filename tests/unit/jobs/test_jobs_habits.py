"""How long the next answer is, from the last ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.eta import ENOUGH_RUNS
from jobs.habits import DECLARED, Amounts, Habits, learnt

tokens = st.integers(0, 200_000)


@given(st.builds(Amounts, tokens, tokens, tokens, tokens))
def test_a_run_is_written_and_read(run: Amounts) -> None:
    assert Amounts.parse(str(run)) == run


def test_few_runs_say_nothing() -> None:
    runs = [Amounts(1000, 900, 100, 50)] * (ENOUGH_RUNS - 1)

    assert learnt(runs) == Habits()
    assert learnt([]).share(1000) == DECLARED


def test_a_bound_has_room_that_does_not_grow() -> None:
    """Given bounds of 500 and 1,000 for each entity, and answers of 220 for each / I expect just
    that for numbers that were never asked for, though one run was strange.
    """
    runs = [Amounts(500 + 1000 * n, 220 * n, 0, 0) for n in (1, 2, 3, 3, 4, 5)]
    runs.append(Amounts(2500, 2400, 0, 0))
    habits = learnt(runs)

    for n in (1, 6, 20):
        bound = 500 + 1000 * n
        assert habits.share(bound) * bound == pytest.approx(220 * n, rel=0.05, abs=25)


def test_runs_of_one_size_say_how_full_they_were() -> None:
    habits = learnt([Amounts(1000, answered, 0, 0) for answered in (300, 310, 290, 305, 900)])

    assert habits.share(1000) == habits.share(2000) == pytest.approx(0.305)


def test_how_a_provider_counts_is_learnt() -> None:
    """Given a provider that counts less of a request / I expect as much less the next time; not
    from runs that nobody had estimated.
    """
    assert learnt([Amounts(1000, 300, 400, 160)] * ENOUGH_RUNS).input == 0.4
    assert learnt([Amounts(1000, 300, 0, 160)] * ENOUGH_RUNS).input == 1.0


@given(st.lists(st.builds(Amounts, tokens, tokens, tokens, tokens), max_size=50), tokens)
def test_an_answer_is_never_longer_than_its_bound(runs: list[Amounts], bound: int) -> None:
    assert 0 <= learnt(runs).share(bound) <= 1
