"""A response is cached for identical requests: entered as a call that cost nothing."""

from typing import Any

import pytest

from loresmith.api.services.erasure import ErasureService
from loresmith.jobs.store import keys
from tests.store.direct import DirectPipeline, result_of
from tests.store.driver import Store, call_id
from tests.store.leaks import MAX_MS

RESPONSE = {"text": "Once upon", "model": "m-1", "finish_reason": "stop"}


def put(
    store: Store, request: str = "same", /, *, ms: int = 60_000, max_entries: int = 10, **owner: Any
) -> int:
    """Caches a response to a job with the owner's fields; returns how many were evicted for it."""
    store.submit("owner", **owner)
    return store.cache_response("owner", request, ttl_ms=ms, max_entries=max_entries, **RESPONSE)


def cached(store: Store) -> list[str]:
    held = [
        key.removeprefix("response-cache:") for key in store.redis.scan_iter("response-cache:*")
    ]
    assert sorted(held) == sorted(store.redis.zrange(keys.CACHED_RESPONSES, 0, -1))
    return sorted(key.removeprefix("user:u:") for key in held)


@pytest.mark.parametrize("cache", ["use", "only"])
def test_a_cached_response_is_a_call_that_cost_nothing(store: Store, cache: str) -> None:
    """Given a cached response / when another job asks the same / I expect 'done',
    a row that says so and costs nothing, nothing in flight, and a bill of 0.
    """
    put(store)
    store.running()

    reply = store.intent(request="same", cache=cache, max_micros=500)

    assert (reply.outcome, reply.call_id) == ("done", call_id())
    row = store.row()
    assert (row["state"], row["cached"], row["cost_micros"]) == ("done", "1", "0")
    assert {name: row[name] for name in RESPONSE} == RESPONSE
    assert store.redis.zcard(keys.CALL_DEADLINES) == 0
    store.finish()
    assert (store.record()["spent_micros"], store.record()["calls"]) == ("0", "0")
    assert 0 < store.redis.pttl(keys.call(call_id())) <= MAX_MS


def test_who_asks_again_is_told_the_same(store: Store) -> None:
    """Given a hit whose reply was lost / when the cached response has expired meanwhile
    / I expect the row replayed, and nothing bought.
    """
    put(store)
    store.running()
    store.intent(request="same", cache="use", fencing_token="t1")
    store.redis.delete(keys.response("u", None, "same"))

    assert store.intent(request="same", cache="use", fencing_token="t1").outcome == "done"
    assert store.intent(request="same", cache="use", fencing_token="t2").outcome == "done"


@pytest.mark.parametrize("fields", [{}, {"request": "same"}, {"request": "other", "cache": "use"}])
def test_what_is_not_asked_for_or_not_cached_is_bought(
    store: Store, fields: dict[str, Any]
) -> None:
    put(store)
    store.running()

    assert store.intent(**fields).outcome == "go"
    assert "cached" not in store.row()


def test_only_buys_nothing(store: Store) -> None:
    store.running()

    assert store.intent(request="same", cache="only").outcome == "absent"
    assert store.row() == {}
    assert store.redis.scard(keys.calls("j")) == 0


def test_the_oldest_go_when_there_are_too_many(store: Store) -> None:
    for number in range(4):
        assert put(store, f"r{number}", ms=60_000 + number, max_entries=4) == 0
    assert put(store, "r0", ms=70_000, max_entries=4) == 0

    assert put(store, "r4", ms=80_000, max_entries=4) == 1

    assert cached(store) == ["r0", "r2", "r3", "r4"]


def test_they_expire(store: Store) -> None:
    put(store, "old")
    assert 0 < store.redis.pttl(keys.response("u", None, "old")) <= 60_000
    store.redis.delete(keys.response("u", None, "old"))
    store.redis.zadd(keys.CACHED_RESPONSES, {"user:u:old": 1})

    put(store, "new")

    assert cached(store) == ["new"]


def test_a_damaged_response_stops_nobody(store: Store) -> None:
    store.redis.set(keys.response("u", None, "same"), "damage")
    store.running()

    assert store.intent(request="same", cache="use").outcome == "go"
    store.redis.delete(keys.response("u", None, "same"))


@pytest.mark.parametrize(
    ("owner", "asker", "outcome"),
    [
        ({"user_id": "ann"}, {"user_id": "ann"}, "done"),
        ({"user_id": "ann"}, {"user_id": "bob"}, "go"),
        ({"user_id": "ann", "team_id": "t"}, {"user_id": "bob", "team_id": "t"}, "done"),
        ({"user_id": "ann", "team_id": "t"}, {"user_id": "ann"}, "go"),
        ({"user_id": "ann", "team_id": "t"}, {"user_id": "ann", "team_id": "u"}, "go"),
        ({"user_id": "ann"}, {"user_id": "bob", "team_id": "ann"}, "go"),
    ],
)
def test_a_response_is_cached_for_its_owner(
    store: Store, owner: dict[str, str], asker: dict[str, str], outcome: str
) -> None:
    """Given the response to a job of a team, or of a user without one / I expect it for the jobs of
    the same team or user only.
    """
    put(store, **owner)
    store.submit(**asker)
    store.claim()

    assert store.intent(request="same", cache="use").outcome == outcome


def test_nothing_is_cached_for_a_job_that_is_gone(store: Store) -> None:
    assert store.cache_response("gone", **RESPONSE) == 0
    assert cached(store) == []


def test_the_response_of_a_job_that_is_not_stored_is_not_cached(store: Store) -> None:
    put(store, store=0)

    assert cached(store) == []


def test_the_cached_responses_of_a_user_are_erased_also_those_of_the_team(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given cached responses of a user alone, of two users of a team, and of one with a like name
    / when the first is erased in pages of one / I expect only the others' to stay.
    """
    owners = ({"user_id": "u"}, {"user_id": "u", "team_id": "t"}, {"user_id": "v", "team_id": "t"})
    for number, owner in enumerate((*owners, {"user_id": "ux"})):
        store.redis.delete(keys.job("owner"))
        put(store, f"same{number}", **owner)

    monkeypatch.setattr("loresmith.api.services.erasure.PAGE_SIZE", 1)
    parts: tuple[Any, Any] = DirectPipeline(store.redis), None

    assert result_of(ErasureService(*parts).erase_responses("u")) == 2

    assert cached(store) == ["team:t:same2", "user:ux:same3"]
