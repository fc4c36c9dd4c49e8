"""A job's cost is the sum of its rows in the call ledger, whatever happened to it."""

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import Store, call_id


def bill(store: Store) -> tuple[str, str]:
    """What it cost in micro-dollars, and how sure that is."""
    record = store.record()
    if int(record["unpriced"]):
        return "", "unknown"
    return record["spent_micros"], "upper_bound" if int(record["uncertain_micros"]) else "exact"


def test_a_job_without_calls_costs_nothing(store: Store) -> None:
    store.submit()
    store.cancel()

    assert bill(store) == ("0", "exact")


def test_what_its_calls_cost_is_added_up_as_they_end(store: Store) -> None:
    """Given two calls / when the first ends, and the second
    / I expect the bill to grow with each, and to stay when the job ends.
    """
    store.running()
    for step, cost in (("a", 30), ("b", 12)):
        store.intent(step=step, max_micros=100)
        store.settle(call_id(step=step), cost_micros=cost)

    assert bill(store) == ("42", "exact")
    store.finish()
    assert bill(store) == ("42", "exact")


def test_a_settlement_that_is_sent_twice_is_billed_once(store: Store) -> None:
    call = store.calling()

    for _ in range(2):
        store.settle(call, cost_micros=30)

    assert bill(store) == ("30", "exact")


def test_a_call_of_unknown_outcome_is_billed_at_its_maximum(store: Store) -> None:
    store.running()
    store.intent(max_micros=100)
    store.settle(state="unknown")

    assert bill(store) == ("100", "upper_bound")


def test_a_call_that_was_given_up_is_billed_at_its_maximum(store: Store) -> None:
    """Given a call whose lore_service died / when it is reaped / I expect its maximum."""
    store.running()
    store.intent(max_micros=100)
    store.expire_call_lease()
    store.reap()

    assert bill(store) == ("100", "upper_bound")


def test_a_stopped_call_that_does_not_say_is_billed_at_its_maximum(store: Store) -> None:
    store.running()
    store.intent(max_micros=100)
    store.settle(state="cancelled")

    assert bill(store) == ("100", "upper_bound")


@pytest.mark.parametrize(("booked", "spent"), [({}, "100"), ({"cost_micros": 8}, "8")])
def test_a_stopped_call_shows_its_likely_cost_beside_its_maximum(
    store: Store, booked: dict[str, int], spent: str
) -> None:
    """Given a cancelled call whose text was counted, and one that ended / I expect both sums, and
    the one that the lore_service books.
    """
    store.running()
    store.intent(step="a", max_micros=50)
    store.settle(call_id(step="a"), cost_micros=5)
    store.intent(step="b", max_micros=100)
    store.settle(call_id(step="b"), state="cancelled", likely_micros=8, **booked)
    store.finish(outcome="cancelled")

    record = store.record()
    assert (record["likely_micros"], record["upper_micros"]) == ("13", "105")
    assert record["spent_micros"] == str(int(spent) + 5)


def test_what_was_released_costs_nothing(store: Store) -> None:
    store.running()
    store.intent(max_micros=100)
    store.settle(state="released")
    store.finish(outcome="failed")

    assert bill(store) == ("0", "exact")


def test_a_call_in_flight_counts_once_the_job_has_ended(store: Store) -> None:
    """Given a job that ends while a call is under way
    / I expect the maximum, and later the truth, told apart from what was shown before.
    """
    store.running()
    store.intent(max_micros=100)
    store.finish(outcome="failed")
    assert bill(store) == ("100", "upper_bound")

    store.settle(cost_micros=7)

    assert bill(store) == ("7", "exact")
    assert store.record()["corrected"] == "1"


def test_a_late_result_corrects_the_bill(store: Store) -> None:
    store.running()
    store.intent(max_micros=100)
    store.settle(state="unknown")
    store.finish(outcome="failed")

    store.settle(cost_micros=7)

    assert bill(store) == ("7", "exact")


def test_watchers_are_told_what_it_costs_while_it_runs(store: Store) -> None:
    """Given a call that ends, one that is given up, and one that ends late / I expect the first two
    told, and nothing after the end.
    """
    store.running()
    for step in ("a", "b", "c"):
        store.intent(step=step, max_micros=100)
    store.settle(call_id(step="a"), cost_micros=30)
    store.settle(call_id(step="a"), cost_micros=30)
    store.expire_call_lease(call_id(step="b"))
    store.reap()
    store.finish()
    store.settle(call_id(step="c"), cost_micros=9)

    reply = [fields for _, fields in store.redis.xrange(keys.updates("j"))]
    assert [each["spent_micros"] for each in reply if each["type"] == "cost"] == ["30", "130"]
    assert reply[-1]["type"] == "done"


@pytest.mark.parametrize("state", ["done", "unknown", "cancelled"])
def test_one_unknown_price_makes_the_sum_unknown(store: Store, state: str) -> None:
    """Given one call with a price and one without / I expect no sum, and never 0 for it."""
    store.running()
    store.intent(step="b")
    store.settle(call_id(step="b"), state=state)
    store.intent(step="a", max_micros=100)
    store.settle(call_id(step="a"), cost_micros=30)

    assert bill(store) == ("", "unknown")


def test_a_retry_is_billed_with_what_was_before(store: Store) -> None:
    """Given a failed job with a paid call / when it is retried and buys again
    / I expect both on its bill.
    """
    store.calling()
    store.settle(cost_micros=30)
    store.mark_unusable()
    store.finish(outcome="failed")
    store.retry()
    store.claim(attempt=2)
    store.intent(attempt=2, generation=1)
    store.settle(call_id(generation=1), cost_micros=12)
    store.finish(attempt=2)

    assert bill(store) == ("42", "exact")
