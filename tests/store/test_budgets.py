"""Budgets: nothing is bought beyond a limit, and no money stays held for nothing."""

import pytest

from loresmith.jobs.core.job_record import budget_name
from loresmith.jobs.costs.budgets import BudgetRefusal
from loresmith.jobs.store import keys
from tests.store.budget_driver import ALL, MIRA, SEA, Balance, BudgetDriver
from tests.store.driver import Store

DAY_MS = 86_400_000


@pytest.fixture
def budget_driver(store: Store) -> BudgetDriver:
    return BudgetDriver(store)


class TestReserving:
    def test_a_job_holds_what_it_may_cost_in_every_budget_of_its_own(
        self, budget_driver: BudgetDriver
    ) -> None:
        """Given budgets for all, for its user and for another one / when a job is made
        / I expect its highest price held in the first two.
        """
        budget_driver.set()
        budget_driver.set(MIRA)
        budget_driver.set(budget_name("user", "brannoc"))

        assert budget_driver.job(maximum=30).outcome == "created"

        assert list(budget_driver.all().values()) == [Balance(0, 30), Balance(0, 0), Balance(0, 30)]
        assert budget_driver.store.record()["reserved_micros"] == "30"

    def test_a_budget_may_be_used_up_and_not_more(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set(limit=60)

        created = [budget_driver.job(f"j{n}", maximum=30).outcome for n in range(3)]

        assert created == ["created", "created", "refused"]
        assert budget_driver.balance() == Balance(0, 60)

    def test_one_full_budget_of_three_keeps_anything_from_being_written(
        self, budget_driver: BudgetDriver
    ) -> None:
        """Given room for all and for the user, none for the team / when a job is asked for
        / I expect the team named, with its figures, no job, and its key unused.
        """
        budget_driver.set()
        budget_driver.set(MIRA)
        budget_driver.set(SEA, limit=50, spent=25)

        reply = budget_driver.job(maximum=30, key="k")

        assert reply.outcome == "refused"
        assert reply.refusal == BudgetRefusal("team", "sea", "limit", 50, 25, 0, None, 0)
        assert set(budget_driver.all().values()) == {Balance(0, 0), Balance(25, 0)}
        assert budget_driver.reservations() == {}
        assert not budget_driver.redis.exists("job:j", "idem:u:k")

    def test_a_soft_budget_counts_and_refuses_nothing(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set(limit=10, mode="soft", per_job_cap=5)

        assert budget_driver.job(maximum=30).outcome == "created"

        assert budget_driver.balance() == Balance(0, 30)

    def test_a_job_that_is_too_dear_is_refused_though_there_is_money(
        self, budget_driver: BudgetDriver
    ) -> None:
        budget_driver.set(limit=100, per_job_cap=29)

        reply = budget_driver.job(maximum=30)

        assert reply.refusal is not None
        assert (reply.refusal.scope, reply.refusal.reason) == ("global", "per_job_cap")
        assert budget_driver.job(maximum=29).outcome == "created"

    def test_the_same_key_is_answered_though_the_budget_is_full(
        self, budget_driver: BudgetDriver
    ) -> None:
        """Given a job that used a budget up / when its request comes again
        / I expect the job and nothing held twice.
        """
        budget_driver.set(limit=30)
        budget_driver.job(key="k")

        assert budget_driver.job("other", key="k").outcome == "existing"
        assert budget_driver.balance() == Balance(0, 30)

    def test_a_job_that_costs_nothing_passes_a_full_budget(
        self, budget_driver: BudgetDriver
    ) -> None:
        budget_driver.set(limit=30, spent=30)

        assert budget_driver.job(maximum=0).outcome == "created"
        assert budget_driver.job("i", maximum=1).outcome == "refused"


class TestLeaks:
    def test_money_of_a_job_that_vanished_is_released_by_the_reconcile(
        self, budget_driver: BudgetDriver
    ) -> None:
        budget_driver.set()
        budget_driver.job()
        budget_driver.store.expire_keys()
        budget_driver.store.make_due()

        budget_driver.store.reconcile()

        assert budget_driver.balance() == Balance(0, 0)
        assert budget_driver.reservations() == {}

    def test_money_of_a_job_that_nobody_looks_for_is_found(
        self, budget_driver: BudgetDriver
    ) -> None:
        """Given a record and its place in the due index lost / when holds are looked through
        / I expect that of the lost job released, and that of the living one kept.
        """
        budget_driver.set()
        budget_driver.job()
        budget_driver.store.expire_keys()
        budget_driver.redis.delete(keys.DEADLINES)
        budget_driver.job("alive")

        assert budget_driver.reap_reservations() == 1

        assert budget_driver.balance() == Balance(0, 30)
        assert set(budget_driver.reservations()) == {"alive"}

    def test_money_of_a_call_whose_row_is_gone_counts_as_spent(
        self, budget_driver: BudgetDriver
    ) -> None:
        budget_driver.set()
        budget_driver.running()
        budget_driver.call(maximum=10)
        budget_driver.store.finish(outcome="failed")
        budget_driver.store.expire_keys()

        assert budget_driver.reap_reservations() == 1

        assert budget_driver.balance() == Balance(10, 0)

    def test_money_of_a_call_in_flight_is_let_alone(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set()
        budget_driver.running()
        budget_driver.call(maximum=10)
        budget_driver.store.finish(outcome="failed")

        assert budget_driver.reap_reservations() == 0

        assert budget_driver.balance() == Balance(0, 10)

    def test_a_settlement_of_a_call_whose_row_is_gone_ends_its_hold(
        self, budget_driver: BudgetDriver
    ) -> None:
        budget_driver.set()
        budget_driver.running()
        call = budget_driver.call(maximum=10)
        budget_driver.store.finish(outcome="failed")
        budget_driver.store.expire_keys()

        assert budget_driver.store.settle(call, cost_micros=3) == "gone"

        assert budget_driver.balance() == Balance(10, 0)
        assert budget_driver.reservations() == {}


class TestWindows:
    def test_each_day_begins_anew(self, budget_driver: BudgetDriver) -> None:
        """Given a budget that was used up yesterday / when a job comes today / I expect room."""
        budget_driver.set(window="day", limit=30)
        budget_driver.job()
        (today,) = budget_driver.redis.keys("spend:*")
        first, end = budget_driver.window()

        assert end - first == DAY_MS
        assert first <= budget_driver.redis.time()[0] * 1000 + 999 < end + 1000
        assert budget_driver.job("i").outcome == "refused"
        budget_driver.redis.rename(today, keys.spend(ALL, "2001-01-01"))
        assert budget_driver.job("i").outcome == "created"

    def test_money_is_settled_in_the_window_where_it_was_held(
        self, budget_driver: BudgetDriver
    ) -> None:
        """Given a job of yesterday / when it ends today / I expect its cost in yesterday's."""
        budget_driver.set(window="day")
        budget_driver.running()
        (today,) = budget_driver.redis.keys("spend:*")
        yesterday = keys.spend(ALL, "2026-01-02")
        budget_driver.redis.rename(today, yesterday)
        budget_driver.redis.hset(keys.RESERVATIONS, "j", f"30 {yesterday}")
        budget_driver.store.settle(budget_driver.call(), cost_micros=8)

        budget_driver.store.finish()

        assert budget_driver.redis.hgetall(yesterday) == {"spent": "8", "reserved": "0"}

    def test_a_changed_window_counts_for_itself(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set(window="day", limit=30)
        budget_driver.job()

        budget_driver.set(window="month", limit=30, spent=12)

        assert budget_driver.balance() == Balance(12, 0)

    def test_what_was_spent_before_counts_once(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set(spent=40)
        budget_driver.set(limit=200, spent=70)

        assert budget_driver.balance() == Balance(40, 0)
        assert budget_driver.terms() == {"limit": "200", "window": "total", "mode": "hard"}


def test_budgets_are_read_by_name_and_by_scope(budget_driver: BudgetDriver) -> None:
    """Given budgets of everybody, of two users and of a type / I expect those that are named, all
    of a named scope, and all where nothing is named.
    """
    names = [ALL, "type:lore", "user:ann", "user:bob"]
    for name in names:
        budget_driver.set(name)

    assert budget_driver.named() == names
    assert budget_driver.named("user:bob", ALL, "team:none") == [ALL, "user:bob"]
    assert budget_driver.named("user:bob", "type:") == ["type:lore", "user:bob"]
    assert budget_driver.named("team:") == []
