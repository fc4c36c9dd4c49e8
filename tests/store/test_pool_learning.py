"""What a pool learns: from headers, and from refusals without them."""

import pytest
from redis import Redis

from tests.store.pools import MINUTE_MS, Pool

NOW = 10**9


@pytest.fixture
def pool(redis: Redis) -> Pool:
    return Pool(redis)


def test_a_refusal_closes_the_pool_for_as_long_as_the_provider_asks(pool: Pool) -> None:
    pool.take("a", NOW)
    pool.refused(NOW + 50, asked_ms=7_000, age_ms=50)

    assert pool.wait(NOW + 50) == (7_000, "closed")
    assert pool.closed(NOW + 1_050) == ("rate_limited", 6_000)
    assert pool.wait(NOW + 7_050) == (0, "")


def test_refusals_one_after_the_other_close_it_for_longer(pool: Pool) -> None:
    """Given a provider that says no time / I expect pauses of 0.5, 1, 2 and 4 s."""
    pauses, now = [], NOW
    for number in range(4):
        pool.take(f"{number}", now)
        pool.refused(now + 10, age_ms=10)
        pauses.append(pool.wait(now + 10)[0])
        pool.give_back(f"{number}", now + 10)
        now += 10 + pauses[-1]

    assert pauses == [500, 1_000, 2_000, 4_000]


def test_refusals_of_requests_that_were_sent_together_count_once(pool: Pool) -> None:
    for number in range(5):
        pool.take(f"{number}", NOW)
    for number in range(5):
        pool.refused(NOW + 50 + number, age_ms=50 + number, unanswered=5)

    assert pool.wait(NOW + 54) == (496, "closed")


def test_an_overload_teaches_no_limit(pool: Pool) -> None:
    pool.takes_at(NOW, most=10)
    pool.refused(NOW + 50, phase="waiting_provider", age_ms=50, unanswered=1)

    assert pool.closed(NOW + 50) == ("waiting_provider", 0)
    assert pool.field("learnt_concurrency") is None


def test_a_refusal_beside_many_calls_teaches_the_concurrency(pool: Pool) -> None:
    """Given ten calls that run, and an eleventh that is refused / I expect ten, and a trial of one
    more; and ten again when it is refused."""
    pool.takes_at(NOW, most=11)
    pool.refused(NOW + 50, age_ms=50, unanswered=1)
    pool.give_back(f"{NOW}/10", NOW + 50)
    assert pool.field("learnt_concurrency") == "10"

    assert pool.takes_at(NOW + 1_000) == 1
    pool.refused(NOW + 1_050, age_ms=50, unanswered=1)
    pool.give_back(f"{NOW + 1_000}/0", NOW + 1_050)

    assert pool.field("learnt_concurrency") == "10"
    assert pool.wait(NOW + 2_000) == (1_000, "concurrency")


def test_an_accepted_trial_raises_the_concurrency_until_it_is_forgotten(pool: Pool) -> None:
    pool.takes_at(NOW, most=11)
    pool.refused(NOW + 50, age_ms=50, unanswered=1)
    pool.give_back(f"{NOW}/10", NOW + 50)

    taken = [pool.takes_at(NOW + 2_000 * second, most=99) for second in range(1, 7)]

    assert taken == [1, 2, 4, 8, 16, 99]


def learnt_rate(pool: Pool) -> None:
    """Refuses nearly all of 30 requests without any that was served before."""
    for number in range(30):
        pool.take(f"{number}", NOW + number)
    for number in range(10):
        pool.refused(NOW + 100 + 1_000 * number, age_ms=0, unanswered=99)


def test_many_refusals_teach_a_rate(pool: Pool) -> None:
    learnt_rate(pool)

    rate = float(pool.field("learnt_requests") or 0)
    assert 1 <= rate < 400
    assert pool.field("learnt_from") == "refusals"


def test_a_rate_that_holds_nothing_back_is_forgotten(pool: Pool) -> None:
    learnt_rate(pool)
    later = NOW + 10_000 + 2 * MINUTE_MS

    assert pool.takes_at(later, most=50) == 1
    assert pool.takes_at(later + 1_000, most=50) == 50
    assert pool.field("learnt_requests") is None


def test_headers_teach_the_rate(pool: Pool) -> None:
    """Given a limit of 600 a minute / I expect 99 % of it, and at once less when less is left."""
    pool.note_limit(NOW, "requests", 600, 599, 100)
    assert pool.takes_at(NOW) == 49

    pool.note_limit(NOW + MINUTE_MS, "requests", 600, 3, 57_000)
    assert pool.takes_at(NOW + MINUTE_MS) == 3


def test_a_limit_of_a_day_is_not_one_of_a_minute(pool: Pool) -> None:
    """Given 1,000 requests a day, as some providers call it / I expect no rate from it."""
    pool.note_limit(NOW, "requests", 1_000, 900, 8_640_000)

    assert pool.field("learnt_requests") is None


def test_refusals_of_few_requests_teach_no_rate(pool: Pool) -> None:
    """Given the first requests of a pool, all refused / I expect pauses, and no rate of nothing."""
    now = NOW
    for number in range(6):
        pool.take(f"{number}", now)
        pool.refused(now + 10, age_ms=10)
        pool.give_back(f"{number}", now + 10)
        now += 10 + pool.wait(now + 10)[0]

    assert pool.field("learnt_requests") is None
    assert pool.wait(now) == (0, "")
