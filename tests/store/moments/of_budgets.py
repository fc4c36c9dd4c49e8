"""Budgets: budget_set, budget_drop, and who is refused."""

from tests.store.driver import Store
from tests.store.moments.moment import Act, Moment, collector
from tests.store.purse import MIRA, SEA, Purse

MOMENTS: list[Moment] = []
moment = collector(MOMENTS)


@moment("budget_set", "ok")
def terms_are_changed(store: Store) -> Act:
    Purse(store).set(limit=10)
    return lambda: Purse(store).set(limit=20, window="day").code


@moment("budget_drop", "ok")
def a_budget_goes(store: Store) -> Act:
    Purse(store).set()
    return lambda: Purse(store).drop().code


@moment("budget_drop", "gone")
def there_is_no_budget_to_drop(store: Store) -> Act:
    return lambda: Purse(store).drop().code


@moment("submit", "created")
def a_job_with_money_held(store: Store) -> Act:
    purse = Purse(store)
    purse.set()
    purse.set(MIRA, window="month")
    return lambda: purse.job(key="k").code


@moment("submit", "refused")
def one_of_three_budgets_is_full(store: Store) -> Act:
    purse = Purse(store)
    purse.set()
    purse.set(SEA, limit=29)
    return lambda: purse.job(key="k").code


def spent_and_failed(purse: Purse) -> None:
    purse.running()
    purse.store.settle(purse.call(), cost_micros=20, usable=0)
    purse.store.finish(outcome="failed")


@moment("retry", "ok")
def a_retry_holds_money_again(store: Store) -> Act:
    purse = Purse(store)
    purse.set()
    spent_and_failed(purse)
    return lambda: store.retry(attempt=1).code


@moment("retry", "refused")
def no_money_is_left_to_retry(store: Store) -> Act:
    purse = Purse(store)
    purse.set(limit=40)
    spent_and_failed(purse)
    return lambda: store.retry().code


@moment("finish", "completed")
def money_is_settled(store: Store) -> Act:
    purse = Purse(store)
    purse.set()
    purse.running()
    store.settle(purse.call(), cost_micros=20)
    purse.call(step="t")
    return lambda: store.finish(result="[]", progress=100).code


@moment("call_settle", "ok")
def a_call_that_outlived_its_job(store: Store) -> Act:
    purse = Purse(store)
    purse.set()
    purse.running()
    call = purse.call()
    store.finish(outcome="failed")
    return lambda: store.settle(call, cost_micros=20).code


@moment("call_reap", "unknown")
def a_call_that_outlived_its_job_and_its_house(store: Store) -> Act:
    purse = Purse(store)
    purse.set()
    purse.running()
    call = purse.call()
    store.finish(outcome="failed")
    store.call_silent(call)
    return lambda: store.reap().get(call, ("nothing",))[0]
