"""Backoff: doubling, capped, with jitter."""

import pytest

from loresmith.jobs.core.backoff import Backoff


def test_delays_double_up_to_the_cap() -> None:
    backoff = Backoff(0.5, 3.0, jitter=0)

    assert [backoff.next_s() for _ in range(5)] == [0.5, 1.0, 2.0, 3.0, 3.0]


def test_a_reset_starts_again() -> None:
    backoff = Backoff(0.5, 3.0, jitter=0)
    backoff.next_s()
    backoff.next_s()

    backoff.reset()

    assert backoff.next_s() == 0.5


@pytest.mark.parametrize("attempt", [0, 3, 10_000])
def test_jitter_shortens_by_its_share_at_most(attempt: int) -> None:
    delays = [Backoff(1.0, 8.0, jitter=0.5).delay_s(attempt) for _ in range(200)]

    longest = min(8.0, 2.0 ** min(attempt, 10))
    assert all(longest / 2 <= delay <= longest for delay in delays)
    assert len(set(delays)) > 1
