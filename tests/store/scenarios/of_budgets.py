"""Budgets: budget_set, budget_drop, and who is refused."""

from tests.store.budget_driver import MIRA, SEA, BudgetDriver
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)


@scenario("budgets/set", "ok")
def terms_are_changed(store: Store) -> Act:
    BudgetDriver(store).set(limit=10)
    return lambda: BudgetDriver(store).set(limit=20, window="day")


@scenario("budgets/delete", "ok")
def a_budget_goes(store: Store) -> Act:
    BudgetDriver(store).set()
    return lambda: BudgetDriver(store).delete()


@scenario("budgets/delete", "gone")
def there_is_no_budget_to_drop(store: Store) -> Act:
    return lambda: BudgetDriver(store).delete()


@scenario("jobs/submit", "created")
def a_job_with_money_held(store: Store) -> Act:
    budget_driver = BudgetDriver(store)
    budget_driver.set()
    budget_driver.set(MIRA, window="month")
    return lambda: budget_driver.job(key="k").outcome


@scenario("jobs/submit", "refused")
def one_of_three_budgets_is_full(store: Store) -> Act:
    budget_driver = BudgetDriver(store)
    budget_driver.set()
    budget_driver.set(SEA, limit=29)
    return lambda: budget_driver.job(key="k").outcome


def spent_and_failed(budget_driver: BudgetDriver) -> None:
    budget_driver.running()
    budget_driver.store.settle(budget_driver.call(), cost_micros=20, usable=0)
    budget_driver.store.finish(outcome="failed")


@scenario("jobs/retry", "ok")
def a_retry_holds_money_again(store: Store) -> Act:
    budget_driver = BudgetDriver(store)
    budget_driver.set()
    spent_and_failed(budget_driver)
    return lambda: store.retry(attempt=1).outcome


@scenario("jobs/retry", "refused")
def no_money_is_left_to_retry(store: Store) -> Act:
    budget_driver = BudgetDriver(store)
    budget_driver.set(limit=40)
    spent_and_failed(budget_driver)
    return lambda: store.retry().outcome


@scenario("jobs/finish", "completed")
def money_is_settled(store: Store) -> Act:
    budget_driver = BudgetDriver(store)
    budget_driver.set()
    budget_driver.running()
    store.settle(budget_driver.call(), cost_micros=20)
    budget_driver.call(step="t")
    return lambda: store.finish(result="[]", progress=100)


@scenario("calls/settle", "ok")
def a_call_that_outlived_its_job(store: Store) -> Act:
    budget_driver = BudgetDriver(store)
    budget_driver.set()
    budget_driver.running()
    call = budget_driver.call()
    store.finish(outcome="failed")
    return lambda: store.settle(call, cost_micros=20)


@scenario("calls/reap", "unknown")
def a_call_that_outlived_its_job_and_its_lore_service(store: Store) -> Act:
    budget_driver = BudgetDriver(store)
    budget_driver.set()
    budget_driver.running()
    call = budget_driver.call()
    store.finish(outcome="failed")
    store.expire_call_lease(call)
    return lambda: store.reap().get(call, "nothing")
