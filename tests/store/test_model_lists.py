"""Jobs with a list of models, `a|b`: their pools at the gate, and the budgets of their calls."""

import pytest

from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.store import keys
from tests.store.budget_driver import Balance, BudgetDriver
from tests.store.driver import Store
from tests.store.gate_harness import Slots

A, B = budget_name("model", "p/a"), budget_name("model", "p/b")
FOR_EVER_MS = 10**14


def close(store: Store, *pools: str) -> None:
    for pool in pools:
        store.redis.hset(keys.pool(pool), "closed_until_ms", FOR_EVER_MS)


@pytest.mark.parametrize("closed", [("a",), ("b",), ("c",), ("a", "b"), ("b", "c"), ("a", "c")])
def test_a_job_starts_where_one_of_its_pools_is_open(store: Store, closed: tuple[str, ...]) -> None:
    slots = Slots(store)
    close(store, *closed)
    store.submit(pool="a|b|c")

    assert slots.admit(1) == ["j"]


def test_a_job_waits_while_all_of_its_pools_are_closed(store: Store) -> None:
    slots = Slots(store)
    close(store, "a", "b")
    store.submit(pool="a|b")

    assert slots.admit(1) == []
    assert store.queue_position()[0] == "pool_closed"


def test_no_pool_has_the_name_of_a_list(store: Store) -> None:
    """So that limits are shown and learnt of pools only."""
    slots = Slots(store)
    store.submit(pool="a|b")
    assert slots.admit(1) == ["j"]

    assert store.redis.smembers(keys.POOLS) == set()
    assert store.redis.keys("pool*") == []


@pytest.mark.parametrize("scope", ["pool:a", "pool:b", "type:lore"])
def test_a_pause_of_one_pool_holds_the_job(store: Store, scope: str) -> None:
    slots = Slots(store)
    store.redis.hset(keys.PAUSED, scope, "{}")
    store.submit(pool="a|b")

    assert slots.admit(1) == []
    assert store.queue_position()[0] == "paused"


def test_the_call_counts_for_the_model_that_took_it(store: Store) -> None:
    """Given budgets of both models / I expect both to hold the maximum until the end, and only the
    second to be charged.
    """
    budgets = BudgetDriver(store)
    budgets.set(A)
    budgets.set(B)
    budgets.set()
    budgets.job(maximum=30, charged_model="p/a|p/b")
    store.claim()
    assert (budgets.balance(A), budgets.balance(B)) == (Balance(0, 30), Balance(0, 30))

    fields = {"candidate": "p/b", "model_budget": B}
    call = store.intent(max_micros=20, **fields).call_id
    store.settle(call, cost_micros=8)
    store.finish()

    assert budgets.balance(A) == Balance(0, 0)
    assert (budgets.balance(B), budgets.balance()) == (Balance(8, 0), Balance(8, 0))


def test_a_call_that_outlives_its_job_counts_for_its_model(store: Store) -> None:
    """Given a call in flight at the end of its job / I expect its reservation, and what it costs in
    the end, with its own model only.
    """
    budgets = BudgetDriver(store)
    budgets.set(A)
    budgets.set(B)
    budgets.job(maximum=30, charged_model="p/a|p/b")
    store.claim()
    call = store.intent(max_micros=20, candidate="p/b", model_budget=B).call_id
    store.finish(outcome="failed")
    assert (budgets.balance(A), budgets.balance(B)) == (Balance(0, 0), Balance(0, 20))

    store.settle(call, cost_micros=8)

    assert (budgets.balance(A), budgets.balance(B)) == (Balance(0, 0), Balance(8, 0))
