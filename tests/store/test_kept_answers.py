"""An answer is kept for identical requests: entered as a call that cost nothing."""

from typing import Any

import pytest

from jobs import keys
from jobs.scripts import flat
from tests.store.driver import Store, call_id

TOLD = {"text": "Once upon", "model": "m-1", "finish_reason": "stop"}


def keep(store: Store, request: str = "same", *, ms: int = 60_000, most: int = 10) -> int:
    """How many were dropped for it."""
    names = [keys.answer(request), keys.ANSWERS]
    return int(store.run("answer_keep", names, request, ms, most, *flat(TOLD))[0])


def kept(store: Store) -> list[str]:
    held = [key.removeprefix("answer:") for key in store.redis.scan_iter("answer:*")]
    assert sorted(held) == sorted(store.redis.zrange(keys.ANSWERS, 0, -1))
    return sorted(held)


@pytest.mark.parametrize("cache", ["use", "only"])
def test_a_kept_answer_is_a_call_that_cost_nothing(store: Store, cache: str) -> None:
    """Given an answer that is kept / when another job asks the same / I expect it told as done,
    a row that says so and costs nothing, nothing in flight, and a bill of 0.
    """
    keep(store)
    store.running()

    told = store.intent(request="same", cache=cache, max_micros=500)

    assert (told[0], told[1]) == ("done", call_id())
    row = store.row()
    assert (row["state"], row["cached"], row["cost_micros"]) == ("done", "1", "0")
    assert {name: row[name] for name in TOLD} == TOLD
    assert store.redis.zcard(keys.CALLS_DUE) == 0
    store.finish()
    assert (store.record()["spent_micros"], store.record()["calls"]) == ("0", "0")
    assert 0 < store.redis.pttl(keys.call(call_id())) <= keys.RETENTION_MS


def test_who_asks_again_is_told_the_same(store: Store) -> None:
    """Given a hit whose reply was lost / when the kept answer has expired meanwhile
    / I expect the row replayed, and nothing bought.
    """
    keep(store)
    store.running()
    store.intent(request="same", cache="use", ticket="t1")
    store.redis.delete(keys.answer("same"))

    assert store.intent(request="same", cache="use", ticket="t1").code == "done"
    assert store.intent(request="same", cache="use", ticket="t2").code == "done"


@pytest.mark.parametrize("fields", [{}, {"request": "same"}, {"request": "other", "cache": "use"}])
def test_what_is_not_asked_for_or_not_kept_is_bought(store: Store, fields: dict[str, Any]) -> None:
    keep(store)
    store.running()

    assert store.intent(**fields).code == "go"
    assert "cached" not in store.row()


def test_only_buys_nothing(store: Store) -> None:
    store.running()

    assert store.intent(request="same", cache="only").code == "absent"
    assert store.row() == {}
    assert store.redis.scard(keys.calls("j")) == 0


def test_the_oldest_go_when_there_are_too_many(store: Store) -> None:
    for number in range(4):
        assert keep(store, f"r{number}", ms=60_000 + number, most=4) == 0
    assert keep(store, "r0", ms=70_000, most=4) == 0

    assert keep(store, "r4", ms=80_000, most=4) == 1

    assert kept(store) == ["r0", "r2", "r3", "r4"]


def test_they_expire(store: Store) -> None:
    keep(store, "old")
    assert 0 < store.redis.pttl(keys.answer("old")) <= 60_000
    store.redis.delete(keys.answer("old"))
    store.redis.zadd(keys.ANSWERS, {"old": 1})

    keep(store, "new")

    assert kept(store) == ["new"]


def test_a_damaged_answer_stops_nobody(store: Store) -> None:
    store.redis.set(keys.answer("same"), "damage")
    store.running()

    assert store.intent(request="same", cache="use").code == "go"
    store.redis.delete(keys.answer("same"))
