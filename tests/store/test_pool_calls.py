"""Model calls take room of their pool with their intent, and give it back with their end."""

from typing import Any

import pytest
from redis import Redis

from loresmith.jobs.store import keys
from loresmith.lore_service.ledger.ledger import IntentReply, PoolWait
from tests.store.driver import Store, call_id
from tests.store.pools import Pool


@pytest.fixture
def pool(redis: Redis) -> Pool:
    return Pool(redis)


def buy(store: Store, pool: Pool, job_id: str = "j", tokens: int = 100, **fields: Any) -> str:
    """Asks for a call of a running job; returns the outcome."""
    return intent(store, pool, job_id, tokens, **fields).outcome


def intent(
    store: Store, pool: Pool, job_id: str = "j", tokens: int = 100, **fields: Any
) -> IntentReply:
    return store.intent(job_id, pool=pool.name, expected_tokens=tokens, **fields)


def running(store: Store, *job_ids: str) -> None:
    for job_id in job_ids:
        store.running(job_id)


def test_a_call_without_room_records_nothing(store: Store, pool: Pool) -> None:
    """Given a pool whose one place is taken / I expect the time to wait, and no trace."""
    pool.limit(set_concurrency=1)
    running(store, "a", "b")
    assert buy(store, pool, "a") == "go"

    reply = intent(store, pool, "b")

    assert reply == IntentReply("wait", wait=PoolWait(1_000, "concurrency"))
    assert not store.redis.exists(keys.call(call_id("b")), keys.calls("b"))
    assert store.redis.zrange(keys.CALL_DEADLINES, 0, -1) == [call_id("a")]


def test_what_is_known_needs_no_room(store: Store, pool: Pool) -> None:
    """Given a closed pool / when a call is attached to, or replayed / I expect no wait."""
    store.running()
    buy(store, pool, fencing_token="t")
    pool.limit(closed_until_ms=10**14, closed_reason="rate_limited", asked_until_ms=10**14)

    assert buy(store, pool, owner="lore2") == "attach"
    assert buy(store, pool, fencing_token="t") == "go"
    store.settle(fencing_token="t")
    assert buy(store, pool) == "done"
    wait = intent(store, pool, step="next").wait
    assert wait is not None
    assert (wait.reason, wait.phase, wait.asked_ms > 0) == ("closed", "rate_limited", True)


@pytest.mark.parametrize(
    ("state", "fields", "returned"),
    [
        ("done", {"used_tokens": 300}, 700),
        ("done", {}, 0),
        ("unknown", {}, 0),
        ("cancelled", {}, 0),
        ("released", {}, 1_000),
    ],
)
def test_an_end_gives_back_what_was_not_used(
    store: Store, pool: Pool, state: str, fields: dict[str, int], returned: int
) -> None:
    pool.limit(set_tokens=60, set_concurrency=1)
    store.running()
    buy(store, pool, tokens=1_000)
    before = float(pool.field("tokens_left") or 0)

    store.settle(state=state, **fields)

    left = float(pool.field("tokens_left") or 0)
    assert (left > before + 1) == (returned > 0)
    assert store.redis.zcard(keys.pool_calls(pool.name)) == 0


def test_a_call_of_a_dead_lore_service_leaves_its_place(store: Store, pool: Pool) -> None:
    store.running()
    buy(store, pool)
    store.expire_call_lease()

    assert store.reap() == {call_id(): "unknown"}
    assert store.redis.zcard(keys.pool_calls(pool.name)) == 0


def test_a_heartbeat_renews_the_place(store: Store, pool: Pool) -> None:
    store.running()
    buy(store, pool)
    store.redis.zadd(keys.pool_calls(pool.name), {call_id(): 1})

    store.call_heartbeat()

    assert store.redis.zscore(keys.pool_calls(pool.name), call_id()) == store.redis.zscore(
        keys.CALL_DEADLINES, call_id()
    )


def reserve(store: Store, pool: Pool, job_id: str = "j") -> None:
    """Reserves room for the first call of a job, as its admission does."""
    store.redis.hset(keys.job(job_id), "pool", pool.name)
    pool.take(job_id, 0, place_ends=10**14)


def test_the_first_call_uses_what_was_reserved(store: Store, pool: Pool) -> None:
    """Given a full pool, and a job whose first call is reserved / I expect that call to be sent
    once, and the next to wait."""
    pool.limit(set_concurrency=1)
    store.running()
    reserve(store, pool)

    assert buy(store, pool) == "go"
    assert store.redis.zrange(keys.pool_calls(pool.name), 0, -1) == [call_id()]
    assert buy(store, pool, step="next") == "wait"


def test_a_closed_pool_keeps_a_reserved_call(store: Store, pool: Pool) -> None:
    store.running()
    reserve(store, pool)
    pool.limit(closed_until_ms=10**14)

    assert buy(store, pool) == "wait"
    assert store.redis.zrange(keys.pool_calls(pool.name), 0, -1) == ["j"]


def test_a_cached_response_needs_no_room(store: Store, pool: Pool) -> None:
    store.running()
    store.cache_response(text="{}")
    pool.limit(closed_until_ms=10**14)

    assert buy(store, pool, request="same", cache="use") == "done"


def test_the_providers_file_sets_and_removes_limits(store: Store, pool: Pool) -> None:
    store.run("pools/configure", [], pool.name, 60, "", 4)
    assert (pool.field("file_requests"), pool.field("file_concurrency")) == ("60", "4")

    store.run("pools/configure", [], pool.name, "", 9, "")
    assert (pool.field("file_requests"), pool.field("file_tokens")) == (None, "9")
