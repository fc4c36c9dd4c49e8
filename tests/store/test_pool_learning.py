"""What a pool learns: from headers, and from refusals without them."""

import pytest
from redis import Redis

from loresmith.jobs.store import keys
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


def refuse(pool: Pool, now: int) -> int:
    """Sends a request that is refused 50 ms later; returns when the pool opens."""
    pool.take(f"refused{now}", now)
    pool.refused(now + 50, age_ms=50, unanswered=1)
    pool.give_back(f"refused{now}", now + 50)
    return now + 50 + pool.wait(now + 50)[0]


def ten_at_once(pool: Pool) -> int:
    """Refuses three requests beside ten calls; returns when the next trial is due."""
    pool.takes_at(NOW, most=10)
    refuse(pool, refuse(pool, refuse(pool, NOW + 10)))
    return int(pool.field("next_trial_ms") or 0)


def test_refusals_beside_calls_teach_the_concurrency(pool: Pool) -> None:
    """Given ten calls that run, and three refusals of one more, the last two after a pause / I
    expect ten, and trials of one more after 2 s and then 8 s."""
    due = ten_at_once(pool)
    assert pool.field("learnt_concurrency") == "10"

    assert pool.wait(due - 10) == (1_000, "concurrency")
    refuse(pool, due)

    assert pool.field("learnt_concurrency") == "10"
    assert pool.wait(due + 8_000) == (1_000, "concurrency")
    assert pool.wait(due + 8_100) == (0, "")


def test_two_refusals_beside_calls_teach_no_concurrency(pool: Pool) -> None:
    """Given a request that is accepted after a pause / I expect no concurrency: a rate was met."""
    pool.takes_at(NOW, most=10)
    opens = refuse(pool, NOW + 10)
    pool.take("accepted", opens)
    refuse(pool, opens + 2_000)

    assert pool.field("learnt_concurrency") is None


def test_an_accepted_trial_raises_the_concurrency_until_it_is_forgotten(pool: Pool) -> None:
    due = ten_at_once(pool)

    taken = [pool.takes_at(due + 2_000 * second, most=99) for second in range(1, 5)]

    assert taken == [1, 2, 4, 99]


def learnt_rate(pool: Pool, per_s: int = 10) -> int:
    """Refuses at the beginning and at the end of ten seconds with 10 requests a second; returns the
    time of the last refusal."""
    for second in range(10):
        pool.takes_at(NOW + 1_000 * second, most=per_s)
        if second == 0:
            refuse(pool, NOW + 100)
    refuse(pool, NOW + 10_000)
    return NOW + 10_050


def test_what_was_accepted_between_two_refusals_is_the_rate(pool: Pool) -> None:
    """Given 90 requests that were accepted in 10 s / I expect 98 % of that rate."""
    learnt_rate(pool)

    assert pool.field("learnt_from") == "refusals"
    assert 450 <= float(pool.field("learnt_requests") or 0) <= 560


def test_a_learnt_rate_holds_and_then_grows(pool: Pool) -> None:
    """Given 600 a minute, all used / I expect half a second of it for 30 s, later more than twice
    as much."""
    pool.redis.hset(keys.pool(pool.name), mapping={"learnt_from": "refusals", "cut_ms": NOW})
    pool.redis.hset(keys.pool(pool.name), "sent", f"{NOW + 30_000}:580:0")
    pool.limit(learnt_requests=600, minute_requests=600, refused_ms=NOW)

    assert pool.takes_at(NOW + 30_000) == 5
    assert pool.takes_at(NOW + 55_000) > 10


def test_a_minute_has_no_more_requests_than_the_last_one_that_was_refused(pool: Pool) -> None:
    """Given 600 a minute, all sent 30 s ago / I expect none before they are a minute old."""
    pool.redis.hset(keys.pool(pool.name), mapping={"learnt_from": "refusals", "cut_ms": NOW})
    pool.redis.hset(keys.pool(pool.name), "sent", f"{NOW - 20_000}:600:0")
    pool.limit(learnt_requests=600, minute_requests=600, refused_ms=NOW)

    assert pool.wait(NOW + 10_000) == (200, "requests")
    assert pool.wait(NOW + 41_000) == (0, "")


def test_a_rate_that_is_not_used_does_not_grow(pool: Pool) -> None:
    """Given a rate of 540 a minute, of which a tenth is used / I expect it after a minute."""
    cut = learnt_rate(pool)
    for second in range(1, 60):
        pool.takes_at(cut + 1_000 * second, most=1)

    assert sum(pool.takes_at(cut + 60_000 + 500 * part) for part in range(1, 5)) < 25


def test_a_limit_of_a_minute_is_asked_again_when_a_part_has_left(pool: Pool) -> None:
    """Given 100 requests in a second, and refusals since / I expect the fourth request when
    they are a minute old, and no more than 98 in a minute."""
    pool.takes_at(NOW, most=100)
    pool.limit(set_concurrency=1_000)
    now = NOW + 1_000
    for _ in range(3):
        now = refuse(pool, now)

    assert now == pytest.approx(NOW + MINUTE_MS, abs=100)
    sent = sum(pool.takes_at(now + 600 + 100 * part) for part in range(0, 580, 2))
    assert 70 <= sent <= 98


def test_a_long_pause_that_the_provider_asks_for_shows_the_rate_at_once(pool: Pool) -> None:
    """Given 60 requests in 20 s, and a refusal for 40 s more / I expect 60 a minute."""
    for second in range(20):
        pool.takes_at(NOW + 1_000 * second, most=3)
    pool.take("refused", NOW + 20_000)
    pool.refused(NOW + 20_050, asked_ms=40_000, age_ms=50)

    assert float(pool.field("learnt_requests") or 0) == pytest.approx(57, abs=3)


def test_refusals_by_chance_do_not_lower_the_rate_without_end(pool: Pool) -> None:
    """Given a provider that refuses every tenth request, however few they are / I expect the rate
    to be forgotten for a while."""
    now, rates = NOW, []
    for _ in range(30):
        for _ in range(10):
            now += max(100, pool.wait(now)[0])
            pool.take(f"{now}", now)
        now = refuse(pool, now + 600)
        rates.append(pool.field("learnt_requests"))

    assert rates[1] is not None
    assert None in rates[2:]


def test_a_rate_that_holds_nothing_back_is_forgotten(pool: Pool) -> None:
    later = learnt_rate(pool) + 6 * MINUTE_MS

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
