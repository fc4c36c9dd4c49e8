"""Budgets: nothing is bought beyond a limit, and no money stays held for nothing."""

import pytest

from jobs import keys
from tests.store.driver import Store
from tests.store.purse import ALL, MIRA, SEA, Balance, Purse

DAY_MS = 86_400_000


@pytest.fixture
def purse(store: Store) -> Purse:
    return Purse(store)


class TestReserving:
    def test_a_job_holds_what_it_may_cost_in_every_budget_of_its_own(self, purse: Purse) -> None:
        """Given budgets for all, for its user and for another one / when a job is made
        / I expect its highest price held in the first two.
        """
        purse.set()
        purse.set(MIRA)
        purse.set(keys.budget_name("user", "brannoc"))

        assert purse.job(most=30).code == "created"

        assert list(purse.all().values()) == [Balance(0, 30), Balance(0, 0), Balance(0, 30)]
        assert purse.store.record()["reserved_micros"] == "30"

    def test_a_budget_may_be_used_up_and_not_more(self, purse: Purse) -> None:
        purse.set(limit=60)

        made = [purse.job(f"j{n}", most=30).code for n in range(3)]

        assert made == ["created", "created", "refused"]
        assert purse.of() == Balance(0, 60)

    def test_one_full_budget_of_three_keeps_anything_from_being_written(self, purse: Purse) -> None:
        """Given room for all and for the user, none for the team / when a job is asked for
        / I expect the team named, with its figures, no job, and its key unused.
        """
        purse.set()
        purse.set(MIRA)
        purse.set(SEA, limit=50, spent=25)

        reply = purse.job(most=30, key="k")

        assert reply.code == "refused"
        assert purse.store.submit_whole(
            "i", key="k2", budgets=f"{ALL} {SEA}", reserve_micros=30
        ) == ("refused", SEA, "limit", "50", "25", "0", "", "0")
        assert set(purse.all().values()) == {Balance(0, 0), Balance(25, 0)}
        assert purse.held() == {}
        assert not purse.redis.exists("job:j", "idem:u:k")

    def test_a_soft_budget_counts_and_refuses_nothing(self, purse: Purse) -> None:
        purse.set(limit=10, mode="soft", per_job_cap=5)

        assert purse.job(most=30).code == "created"

        assert purse.of() == Balance(0, 30)

    def test_a_job_that_is_too_dear_is_refused_though_there_is_money(self, purse: Purse) -> None:
        purse.set(limit=100, per_job_cap=29)

        reply = purse.store.submit_whole(budgets=ALL, reserve_micros=30)

        assert reply[:3] == ("refused", ALL, "per_job_cap")
        assert purse.job(most=29).code == "created"

    def test_the_same_key_is_answered_though_the_budget_is_full(self, purse: Purse) -> None:
        """Given a job that used a budget up / when its request comes again
        / I expect the job and nothing held twice.
        """
        purse.set(limit=30)
        purse.job(key="k")

        assert purse.job("other", key="k").code == "existing"
        assert purse.of() == Balance(0, 30)

    def test_a_job_that_costs_nothing_passes_a_full_budget(self, purse: Purse) -> None:
        purse.set(limit=30, spent=30)

        assert purse.job(most=0).code == "created"
        assert purse.job("i", most=1).code == "refused"


class TestLeaks:
    def test_money_of_a_job_that_vanished_is_released_by_the_sweep(self, purse: Purse) -> None:
        purse.set()
        purse.job()
        purse.store.expire()
        purse.store.silent()

        purse.store.sweep()

        assert purse.of() == Balance(0, 0)
        assert purse.held() == {}

    def test_money_of_a_job_that_nobody_looks_for_is_found(self, purse: Purse) -> None:
        """Given a record and its place in the due index lost / when holds are looked through
        / I expect that of the lost job released, and that of the living one kept.
        """
        purse.set()
        purse.job()
        purse.store.expire()
        purse.redis.delete(keys.DUE)
        purse.job("alive")

        assert purse.look() == 1

        assert purse.of() == Balance(0, 30)
        assert set(purse.held()) == {"alive"}

    def test_money_of_a_call_whose_row_is_gone_counts_as_spent(self, purse: Purse) -> None:
        purse.set()
        purse.running()
        purse.call(most=10)
        purse.store.finish(outcome="failed")
        purse.store.expire()

        assert purse.look() == 1

        assert purse.of() == Balance(10, 0)

    def test_money_of_a_call_in_flight_is_let_alone(self, purse: Purse) -> None:
        purse.set()
        purse.running()
        purse.call(most=10)
        purse.store.finish(outcome="failed")

        assert purse.look() == 0

        assert purse.of() == Balance(0, 10)

    def test_a_word_about_a_call_whose_row_is_gone_ends_its_hold(self, purse: Purse) -> None:
        purse.set()
        purse.running()
        call = purse.call(most=10)
        purse.store.finish(outcome="failed")
        purse.store.expire()

        assert purse.store.settle(call, cost_micros=3).code == "gone"

        assert purse.of() == Balance(10, 0)
        assert purse.held() == {}


class TestWindows:
    def test_each_day_begins_anew(self, purse: Purse) -> None:
        """Given a budget that was used up yesterday / when a job comes today / I expect room."""
        purse.set(window="day", limit=30)
        purse.job()
        (today,) = purse.redis.keys("spend:*")
        first, end = purse.window()

        assert end - first == DAY_MS
        assert first <= purse.redis.time()[0] * 1000 + 999 < end + 1000
        assert purse.job("i").code == "refused"
        purse.redis.rename(today, keys.spend(ALL, "2001-01-01"))
        assert purse.job("i").code == "created"

    def test_money_is_settled_in_the_window_where_it_was_held(self, purse: Purse) -> None:
        """Given a job of yesterday / when it ends today / I expect its cost in yesterday's."""
        purse.set(window="day")
        purse.running()
        (today,) = purse.redis.keys("spend:*")
        yesterday = keys.spend(ALL, "2026-01-02")
        purse.redis.rename(today, yesterday)
        purse.redis.hset(keys.RESERVED, "j", f"30 {yesterday}")
        purse.store.settle(purse.call(), cost_micros=8)

        purse.store.finish()

        assert purse.redis.hgetall(yesterday) == {"spent": "8", "reserved": "0"}

    def test_a_changed_window_counts_for_itself(self, purse: Purse) -> None:
        purse.set(window="day", limit=30)
        purse.job()

        purse.set(window="month", limit=30, spent=12)

        assert purse.of() == Balance(12, 0)

    def test_what_was_spent_before_counts_once(self, purse: Purse) -> None:
        purse.set(spent=40)
        purse.set(limit=200, spent=70)

        assert purse.of() == Balance(40, 0)
        assert purse.terms() == {"limit": "200", "window": "total", "mode": "hard"}
