"""The rate limits of a pool: requests, tokens and calls at once."""

import pytest
from redis import Redis

from loresmith.jobs.store import keys
from tests.store.pools import MINUTE_MS, Pool


@pytest.fixture
def pool(redis: Redis) -> Pool:
    return Pool(redis)


def test_a_pool_without_limits_lets_everything_out(pool: Pool) -> None:
    assert pool.takes_at(1_000, most=50) == 50
    assert pool.redis.smembers(keys.POOLS) == {pool.name}
    assert pool.redis.zcard(keys.pool_calls(pool.name)) == 50


def test_requests_leave_at_the_rate_of_the_pool(pool: Pool) -> None:
    """Given 60 requests a minute / I expect a burst of 5 seconds, then one a second."""
    pool.limit(set_requests=60)

    assert pool.takes_at(0) == 5
    assert pool.wait(0) == (1_000, "requests")
    assert pool.wait(400) == (600, "requests")
    assert [pool.takes_at(second * 1_000) for second in range(1, 4)] == [1, 1, 1]


def test_a_bucket_holds_a_burst_and_no_more(pool: Pool) -> None:
    """Given a pool that was idle for an hour / I expect a burst of 5 seconds."""
    pool.limit(set_requests=60)
    pool.takes_at(0)

    assert pool.takes_at(60 * MINUTE_MS) == 5


def test_a_slow_pool_lets_one_request_out(pool: Pool) -> None:
    pool.limit(set_requests=2)

    assert pool.takes_at(0) == 1
    assert pool.wait(0) == (30_000, "requests")
    assert pool.wait(30_000) == (0, "")


def test_tokens_are_taken_and_the_unused_return(pool: Pool) -> None:
    """Given 60,000 tokens a minute / when a call of 5,000 used 2,000 / I expect 3,000 back."""
    pool.limit(set_tokens=60_000)
    pool.take("a", 0, tokens=5_000)

    assert pool.wait(0, tokens=1_000) == (1_000, "tokens")
    assert pool.give_back("a", 0, used=2_000) == (3_000, True)
    assert pool.wait(0, tokens=3_000) == (0, "")
    assert pool.wait(0, tokens=4_000) == (1_000, "tokens")


def test_a_call_that_used_more_delays_the_next(pool: Pool) -> None:
    pool.limit(set_tokens=60_000)
    pool.take("a", 0, tokens=5_000)

    assert pool.give_back("a", 0, used=6_000) == (-1_000, True)
    assert pool.wait(0, tokens=1_000) == (2_000, "tokens")


def test_a_request_larger_than_the_bucket_waits_for_a_full_one(pool: Pool) -> None:
    """Given a bucket of 5,000 tokens / when a request needs 20,000 / I expect it to go once the
    bucket is full, and the next after what it owes."""
    pool.limit(set_tokens=60_000)

    assert pool.wait(0, tokens=20_000) == (0, "")
    pool.take("a", 0, tokens=20_000)
    assert pool.wait(0, tokens=1_000) == (16_000, "tokens")
    assert pool.wait(16_000, tokens=1_000) == (0, "")


def test_so_many_calls_run_at_once(pool: Pool) -> None:
    pool.limit(set_concurrency=2)

    assert pool.takes_at(0) == 2
    assert pool.wait(0) == (1_000, "concurrency")
    pool.give_back("0/0", 0, used=100)
    assert pool.wait(0) == (0, "")


def test_a_place_ends_unless_it_is_renewed(pool: Pool) -> None:
    """Given two places of 10 s, of which one is renewed / when 10 s are over / I expect one free,
    and the other after its own end."""
    pool.limit(set_concurrency=2, set_tokens=60_000)
    pool.take("a", 0, place_ends=10_000)
    pool.take("b", 0, place_ends=10_000)
    pool.renew("b", 20_000)
    pool.renew("stranger", 20_000)

    assert pool.wait(9_999) == (1_000, "concurrency")
    assert pool.takes_at(10_000) == 1
    assert pool.takes_at(20_000) == 1
    assert pool.redis.hkeys(keys.pool_tokens(pool.name)) == ["10000/0", "20000/0"]


def test_what_was_not_sent_returns_whole(pool: Pool) -> None:
    pool.limit(set_requests=1, set_tokens=1_200, set_concurrency=1)
    pool.take("a", 0, tokens=100)

    assert pool.give_back("a", 0) == (100, True)
    assert pool.wait(0) == (0, "")


def test_a_place_is_given_back_once(pool: Pool) -> None:
    pool.limit(set_tokens=60_000)
    pool.take("a", 0, tokens=5_000)
    pool.give_back("a", 0)
    pool.take("b", 0, tokens=5_000)

    assert pool.give_back("a", 0) == (0, False)
    assert pool.wait(0, tokens=100) == (100, "tokens")


def test_a_call_whose_use_is_unknown_keeps_its_tokens(pool: Pool) -> None:
    pool.limit(set_tokens=60_000, set_concurrency=1)
    pool.take("a", 0, tokens=5_000)

    assert pool.give_back("a", 0, used="all") == (0, True)
    assert pool.wait(0, tokens=100) == (100, "tokens")


def test_a_closed_pool_opens_by_itself(pool: Pool) -> None:
    pool.limit(closed_until_ms=5_000)

    assert pool.wait(1_000) == (4_000, "closed")
    assert pool.wait(5_000) == (0, "")


def test_a_limit_that_was_set_precedes_the_others(pool: Pool) -> None:
    pool.limit(learnt_requests=12)
    assert pool.takes_at(0) == 1
    pool.limit(file_requests=24)
    assert pool.takes_at(60_000) == 2
    pool.limit(set_requests=36)
    assert pool.takes_at(120_000) == 3


def test_damaged_keys_are_a_pool_without_limits(redis: Redis, pool: Pool) -> None:
    pool.limit(set_requests=1)
    redis.hset(keys.pool_calls(pool.name), "a", "b")

    assert pool.takes_at(0, most=5) == 5
    assert pool.give_back("0/0", 0) == (0, False)
    redis.delete(keys.pool_calls(pool.name))


def test_a_job_without_a_pool_waits_for_none(redis: Redis) -> None:
    pool = Pool(redis, "")

    assert pool.takes_at(0, most=5) == 5
    assert list(redis.scan_iter()) == []


def test_a_clock_that_goes_back_by_an_hour_fills_the_buckets(pool: Pool) -> None:
    pool.limit(set_requests=60)
    for number in range(5):
        pool.take(f"c{number}", 10 * MINUTE_MS)

    assert pool.wait(10 * MINUTE_MS - 1)[1] == "requests"
    assert pool.wait(5 * MINUTE_MS) == (0, "")
