"""What a job held comes back, and what it cost is spent: once, whatever happens in between."""

import pytest

from tests.store.budget_driver import Balance, BudgetDriver
from tests.store.driver import Store


@pytest.fixture
def budget_driver(store: Store) -> BudgetDriver:
    return BudgetDriver(store)


class TestSettling:
    def test_what_was_not_used_is_given_back_at_the_end(self, budget_driver: BudgetDriver) -> None:
        """Given a job that held 30 and paid 8 and 4 / when it ends / I expect 12 spent, 0 held."""
        budget_driver.set()
        budget_driver.running()
        budget_driver.store.settle(budget_driver.call(maximum=10), cost_micros=8)
        budget_driver.store.settle(
            budget_driver.call(step="t", maximum=10), "cancelled", cost_micros=4
        )

        budget_driver.store.finish()

        assert budget_driver.balance() == Balance(12, 0)
        assert budget_driver.reservations() == {}
        assert budget_driver.store.record()["spent_micros"] == "12"
        assert budget_driver.store.record()["uncertain_micros"] == "0"

    @pytest.mark.parametrize("ending", ["cancel", "late", "lost"])
    def test_a_job_that_buys_nothing_costs_nothing_however_it_ends(
        self, budget_driver: BudgetDriver, ending: str
    ) -> None:
        budget_driver.set()
        budget_driver.job()
        if ending == "cancel":
            budget_driver.store.cancel()
        else:
            if ending == "late":
                budget_driver.store.pass_start_deadline()
            else:
                budget_driver.store.claim()
            budget_driver.store.make_due()
            budget_driver.store.reconcile(max_worker_losses=1)

        assert budget_driver.balance() == Balance(0, 0)
        assert budget_driver.reservations() == {}

    def test_a_call_that_may_have_been_bought_counts_at_most(
        self, budget_driver: BudgetDriver
    ) -> None:
        budget_driver.set()
        budget_driver.running()
        call = budget_driver.call(maximum=10)
        budget_driver.store.settle(call, "unknown")
        budget_driver.store.finish(outcome="failed")

        assert budget_driver.balance() == Balance(10, 0)
        assert budget_driver.store.record()["uncertain_micros"] == "10"

    def test_a_late_result_corrects_what_was_spent(self, budget_driver: BudgetDriver) -> None:
        """Given an unknown call that was charged at 10 / when its result comes after all, for 3
        / I expect 3 spent.
        """
        budget_driver.set()
        budget_driver.running()
        call = budget_driver.call(maximum=10)
        budget_driver.store.settle(call, "unknown")
        budget_driver.store.finish(outcome="failed")

        budget_driver.store.settle(call, "done", cost_micros=3)

        assert budget_driver.balance() == Balance(3, 0)
        assert budget_driver.store.record()["spent_micros"] == "3"
        assert [entry["spent_micros"] for entry in budget_driver.outbox()] == ["10", "3"]

    @pytest.mark.parametrize(
        ("state", "spent"), [("done", 3), ("cancelled", 3), ("unknown", 10), ("released", 0)]
    )
    def test_a_call_in_flight_keeps_its_money_held_until_it_settles(
        self, budget_driver: BudgetDriver, state: str, spent: int
    ) -> None:
        """Given a call in flight for 10 at most / when its job ends / I expect 10 held;
        and when it settles / I expect what it cost spent, once.
        """
        budget_driver.set()
        budget_driver.running()
        call = budget_driver.call(maximum=10)
        budget_driver.store.finish(outcome="failed")
        assert budget_driver.balance() == Balance(0, 10)

        cost = {"cost_micros": 3} if state in ("done", "cancelled") else {}
        budget_driver.store.settle(call, state, **cost)
        budget_driver.store.settle(call, state, **cost)

        assert budget_driver.balance() == Balance(spent, 0)
        assert budget_driver.reservations() == {}

    def test_a_call_whose_lore_service_died_counts_at_most(
        self, budget_driver: BudgetDriver
    ) -> None:
        budget_driver.set()
        budget_driver.running()
        call = budget_driver.call(maximum=10)
        budget_driver.store.finish(outcome="failed")
        budget_driver.store.expire_call_lease(call)

        budget_driver.store.reap()

        assert budget_driver.balance() == Balance(10, 0)

    def test_a_deleted_job_gives_nothing_back_twice(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set()
        budget_driver.running()
        call = budget_driver.call(maximum=10)
        budget_driver.store.finish(outcome="failed")
        budget_driver.store.delete()

        budget_driver.store.settle(call, cost_micros=3)

        assert budget_driver.balance() == Balance(3, 0)
        assert budget_driver.reservations() == {}
        assert budget_driver.store.record() == {}

    def test_a_budget_that_is_gone_stops_nobody(self, budget_driver: BudgetDriver) -> None:
        """Given a job that holds money / when its budget is dropped, made again, and the job ends
        / I expect its cost counted.
        """
        budget_driver.set()
        budget_driver.running()
        budget_driver.delete()
        budget_driver.store.settle(budget_driver.call(), cost_micros=8)
        budget_driver.store.finish()

        budget_driver.set(spent=99)

        assert budget_driver.balance() == Balance(8, 0)


class TestRetrying:
    def test_a_retry_holds_what_may_still_be_bought(self, budget_driver: BudgetDriver) -> None:
        """Given a job of 30 at most that paid 4 for a step of 10 at most / when it is retried
        / I expect 20 held beside the 4.
        """
        budget_driver.set()
        budget_driver.running()
        budget_driver.store.settle(budget_driver.call(maximum=10), cost_micros=4)
        budget_driver.store.finish(outcome="failed")

        assert budget_driver.store.retry().outcome == "ok"
        assert budget_driver.balance() == Balance(4, 20)

        budget_driver.store.claim(attempt=2)
        call = budget_driver.store.intent(attempt=2, step="t", generation=1, max_micros=20).call_id
        budget_driver.store.settle(call, cost_micros=5)
        budget_driver.store.finish(attempt=2)
        assert budget_driver.balance() == Balance(9, 0)
        assert budget_driver.store.record()["spent_micros"] == "9"

    @pytest.mark.parametrize(
        "name", ["global:all", "team:sea%20side", "user:mira", "type:lore", "key:k1", "model:m"]
    )
    def test_a_retry_counts_in_every_budget(self, budget_driver: BudgetDriver, name: str) -> None:
        store = budget_driver.store
        owner = {"user_id": "mira", "team_id": "sea side", "key_id": "k1", "model": "m"}
        store.submit(reserve_micros=30, **owner)
        store.cancel()
        budget_driver.set(name)

        assert store.retry().outcome == "ok"
        assert budget_driver.balance(name) == Balance(0, 30)

    def test_a_retry_under_no_budget_holds_nothing(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set()
        budget_driver.running()
        budget_driver.store.finish(outcome="failed")
        budget_driver.delete()

        assert budget_driver.store.retry().outcome == "ok"

        assert budget_driver.reservations() == {}
        assert "reserved_micros" not in budget_driver.store.record()

    def test_a_retry_without_money_changes_nothing(self, budget_driver: BudgetDriver) -> None:
        budget_driver.set(limit=40)
        budget_driver.running()
        budget_driver.store.settle(budget_driver.call(), cost_micros=20, usable=0)
        budget_driver.store.finish(outcome="failed")

        assert budget_driver.store.retry().outcome == "refused"

        assert budget_driver.store.record()["status"] == "failed"
        assert budget_driver.balance() == Balance(20, 0)


def test_the_archive_is_left_word_of_every_end(budget_driver: BudgetDriver) -> None:
    """Given a finished, a cancelled and a deleted job / I expect the three in the outbox, once."""
    budget_driver.running("a")
    budget_driver.store.settle(budget_driver.call("a"), cost_micros=8)
    budget_driver.store.finish("a", usage='{"calls":1}')
    budget_driver.store.finish("a")
    budget_driver.job("b")
    budget_driver.store.cancel("b")
    budget_driver.store.delete("b")

    reply = [
        (entry["id"], entry["status"], entry["spent_micros"]) for entry in budget_driver.outbox()
    ]

    assert reply == [("a", "completed", "8"), ("b", "cancelled", "0")]
    assert budget_driver.outbox()[0]["usage"] == '{"calls":1}'
