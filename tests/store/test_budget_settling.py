"""What a job held comes back, and what it cost is spent: once, whatever happens in between."""

import pytest

from tests.store.driver import Store
from tests.store.purse import Balance, Purse


@pytest.fixture
def purse(store: Store) -> Purse:
    return Purse(store)


class TestSettling:
    def test_what_was_not_used_is_given_back_at_the_end(self, purse: Purse) -> None:
        """Given a job that held 30 and paid 8 and 4 / when it ends / I expect 12 spent, 0 held."""
        purse.set()
        purse.running()
        purse.store.settle(purse.call(most=10), cost_micros=8)
        purse.store.settle(purse.call(step="t", most=10), "cancelled", cost_micros=4)

        purse.store.finish()

        assert purse.of() == Balance(12, 0)
        assert purse.held() == {}
        assert purse.store.record()["spent_micros"] == "12"
        assert purse.store.record()["exposed_micros"] == "0"

    @pytest.mark.parametrize("ending", ["cancel", "late", "lost"])
    def test_a_job_that_buys_nothing_costs_nothing_however_it_ends(
        self, purse: Purse, ending: str
    ) -> None:
        purse.set()
        purse.job()
        if ending == "cancel":
            purse.store.cancel()
        else:
            purse.store.too_late() if ending == "late" else purse.store.claim()
            purse.store.silent()
            purse.store.sweep(max_lost=1)

        assert purse.of() == Balance(0, 0)
        assert purse.held() == {}

    def test_a_call_that_may_have_been_bought_counts_at_most(self, purse: Purse) -> None:
        purse.set()
        purse.running()
        call = purse.call(most=10)
        purse.store.settle(call, "unknown")
        purse.store.finish(outcome="failed")

        assert purse.of() == Balance(10, 0)
        assert purse.store.record()["exposed_micros"] == "10"

    def test_a_late_result_corrects_what_was_spent(self, purse: Purse) -> None:
        """Given an unknown call that was charged at 10 / when its result comes after all, for 3
        / I expect 3 spent.
        """
        purse.set()
        purse.running()
        call = purse.call(most=10)
        purse.store.settle(call, "unknown")
        purse.store.finish(outcome="failed")

        purse.store.settle(call, "done", cost_micros=3)

        assert purse.of() == Balance(3, 0)
        assert purse.store.record()["spent_micros"] == "3"
        assert [entry["spent_micros"] for entry in purse.posted()] == ["10", "3"]

    @pytest.mark.parametrize(
        ("state", "spent"), [("done", 3), ("cancelled", 3), ("unknown", 10), ("released", 0)]
    )
    def test_a_call_in_flight_keeps_its_money_held_until_it_settles(
        self, purse: Purse, state: str, spent: int
    ) -> None:
        """Given a call in flight for 10 at most / when its job ends / I expect 10 held;
        and when it settles / I expect what it cost spent, once.
        """
        purse.set()
        purse.running()
        call = purse.call(most=10)
        purse.store.finish(outcome="failed")
        assert purse.of() == Balance(0, 10)

        cost = {"cost_micros": 3} if state in ("done", "cancelled") else {}
        purse.store.settle(call, state, **cost)
        purse.store.settle(call, state, **cost)

        assert purse.of() == Balance(spent, 0)
        assert purse.held() == {}

    def test_a_call_whose_house_died_counts_at_most(self, purse: Purse) -> None:
        purse.set()
        purse.running()
        call = purse.call(most=10)
        purse.store.finish(outcome="failed")
        purse.store.call_silent(call)

        purse.store.reap()

        assert purse.of() == Balance(10, 0)

    def test_a_deleted_job_gives_nothing_back_twice(self, purse: Purse) -> None:
        purse.set()
        purse.running()
        call = purse.call(most=10)
        purse.store.finish(outcome="failed")
        purse.store.delete()

        purse.store.settle(call, cost_micros=3)

        assert purse.of() == Balance(3, 0)
        assert purse.held() == {}
        assert purse.store.record() == {}

    def test_a_budget_that_is_gone_stops_nobody(self, purse: Purse) -> None:
        """Given a job that holds money / when its budget is dropped, made again, and the job ends
        / I expect its cost counted.
        """
        purse.set()
        purse.running()
        purse.drop()
        purse.store.settle(purse.call(), cost_micros=8)
        purse.store.finish()

        purse.set(spent=99)

        assert purse.of() == Balance(8, 0)


class TestRetrying:
    def test_a_retry_holds_what_may_still_be_bought(self, purse: Purse) -> None:
        """Given a job of 30 at most that paid 4 for a step of 10 at most / when it is retried
        / I expect 20 held beside the 4.
        """
        purse.set()
        purse.running()
        purse.store.settle(purse.call(most=10), cost_micros=4)
        purse.store.finish(outcome="failed")

        assert purse.store.retry().code == "ok"
        assert purse.of() == Balance(4, 20)

        purse.store.claim(attempt=2)
        call = purse.store.intent(attempt=2, step="t", generation=1, max_micros=20)[1]
        purse.store.settle(call, cost_micros=5)
        purse.store.finish(attempt=2)
        assert purse.of() == Balance(9, 0)
        assert purse.store.record()["spent_micros"] == "9"

    def test_a_retry_under_no_budget_holds_nothing(self, purse: Purse) -> None:
        purse.set()
        purse.running()
        purse.store.finish(outcome="failed")
        purse.drop()

        assert purse.store.retry().code == "ok"

        assert purse.held() == {}
        assert "reserved_micros" not in purse.store.record()

    def test_a_retry_without_money_changes_nothing(self, purse: Purse) -> None:
        purse.set(limit=40)
        purse.running()
        purse.store.settle(purse.call(), cost_micros=20, usable=0)
        purse.store.finish(outcome="failed")

        assert purse.store.retry().code == "refused"

        assert purse.store.record()["status"] == "failed"
        assert purse.of() == Balance(20, 0)


def test_the_archive_is_left_word_of_every_end(purse: Purse) -> None:
    """Given a finished, a cancelled and a deleted job / I expect the three in the outbox, once."""
    purse.running("a")
    purse.store.settle(purse.call("a"), cost_micros=8)
    purse.store.finish("a", usage='{"calls":1}')
    purse.store.finish("a")
    purse.job("b")
    purse.store.cancel("b")
    purse.store.delete("b")

    told = [(entry["id"], entry["status"], entry["spent_micros"]) for entry in purse.posted()]

    assert told == [("a", "completed", "8"), ("b", "cancelled", "0")]
    assert purse.posted()[0]["usage"] == '{"calls":1}'
