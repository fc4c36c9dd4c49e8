"""How long the next answer is, from the last ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.jobs.statistics.durations import ENOUGH_RUNS
from loresmith.jobs.statistics.token_usage import DECLARED, TokenUsageModel, UsageSample, fit

tokens = st.integers(0, 200_000)


@given(st.builds(UsageSample, tokens, tokens, tokens, tokens))
def test_a_run_is_written_and_read(run: UsageSample) -> None:
    assert UsageSample.parse(str(run)) == run


def test_few_runs_say_nothing() -> None:
    runs = [UsageSample(1000, 900, 100, 50)] * (ENOUGH_RUNS - 1)

    assert fit(runs) == TokenUsageModel()
    assert fit([]).share(1000) == DECLARED


def test_a_bound_has_room_that_does_not_grow() -> None:
    """Given bounds of 500 and 1,000 for each entity, and answers of 220 for each / I expect just
    that for numbers that were never asked for, though one run was strange.
    """
    runs = [UsageSample(500 + 1000 * n, 220 * n, 0, 0) for n in (1, 2, 3, 3, 4, 5)]
    runs.append(UsageSample(2500, 2400, 0, 0))
    token_usage = fit(runs)

    for n in (1, 6, 20):
        bound = 500 + 1000 * n
        assert token_usage.share(bound) * bound == pytest.approx(220 * n, rel=0.05, abs=25)


def test_runs_of_one_size_say_how_full_they_were() -> None:
    token_usage = fit([UsageSample(1000, answered, 0, 0) for answered in (300, 310, 290, 305, 900)])

    assert token_usage.share(1000) == token_usage.share(2000) == pytest.approx(0.305)


def test_how_a_provider_counts_is_learnt() -> None:
    """Given a provider that counts less of a request / I expect as much less the next time; not
    from runs that nobody had estimated.
    """
    assert fit([UsageSample(1000, 300, 400, 160)] * ENOUGH_RUNS).input == 0.4
    assert fit([UsageSample(1000, 300, 0, 160)] * ENOUGH_RUNS).input == 1.0


@given(st.lists(st.builds(UsageSample, tokens, tokens, tokens, tokens), max_size=50), tokens)
def test_an_answer_is_never_longer_than_its_bound(runs: list[UsageSample], bound: int) -> None:
    assert 0 <= fit(runs).share(bound) <= 1
