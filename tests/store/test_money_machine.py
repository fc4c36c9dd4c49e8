"""Any order of jobs, calls, ends, retries and losses: budgets hold, and nothing stays held at rest.

test_machine plays all lives of a job; here a life is simple, and every cent of it is
counted.
"""

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from redis import Redis

from loresmith.jobs.core.status import ACTIVE
from loresmith.jobs.store import keys
from tests.store.budget_driver import ALL, MIRA, SEA, BudgetDriver
from tests.store.driver import Store
from tests.store.leaks import leaks
from tests.store.state_machine import play

MOST = 20
"""What a job may cost at most; it has two calls, of half of it each."""
OWNERS = ((None, None), ("mira", None), (None, "sea"), ("mira", "sea"))
"""User and team of a job."""
data = st.data()


class Money(RuleBasedStateMachine):
    """Jobs of a few people who share three budgets."""

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        redis.flushall()
        self.redis, self.store = redis, Store(redis)
        self.budget_driver = BudgetDriver(self.store)
        self.limits: dict[str, int] = {}
        self.made = 0
        self.lost = False
        """Whether rows of the ledger were lost, so that nobody can add them up."""
        self.statuses: dict[str, str] = {}
        self.states: dict[str, str] = {}
        """Of jobs and calls, as they were after the last step."""

    @initialize(all_=st.integers(20, 120), mira=st.integers(0, 80))
    def budgets(self, all_: int, mira: int) -> None:
        self.limits = {ALL: all_, MIRA: mira, SEA: 50}
        for name, limit in self.limits.items():
            self.budget_driver.set(name, limit, window="month" if name == SEA else "total")
        self.look_around()

    # --- what happens

    @rule(owner=st.sampled_from(OWNERS), most=st.sampled_from([MOST, MOST, 0]))
    def submit(self, owner: tuple[str | None, str | None], most: int) -> None:
        """A job is refused exactly when some budget of its own has no room."""
        user_id, team_id = owner
        own = [ALL, *([MIRA] if user_id else []), *([SEA] if team_id else [])]
        before = self.budget_driver.all()
        room = all(
            before[name].spent + before[name].reserved + most <= self.limits[name] for name in own
        )
        self.made += 1
        assert self.budget_driver.job(
            f"j{self.made}", most, user_id=user_id, team_id=team_id
        ).outcome == ("created" if room else "refused")
        if not room:
            assert self.budget_driver.all() == before

    @precondition(lambda self: self.jobs("pending"))
    @rule(draw=data)
    def claim(self, draw: Any) -> None:
        job = self.one(draw, "pending")
        assert self.store.claim(job, self.attempt(job)).refusal == ""

    @precondition(lambda self: self.jobs("processing"))
    @rule(draw=data, step=st.sampled_from("st"))
    def buy(self, draw: Any, step: str) -> None:
        job = self.one(draw, "processing")
        record = self.store.record(job)
        most = int(record["reserve_micros"]) // 2
        reply = (job, int(record["attempt"]), step, int(record["generation"]))
        self.store.intent(*reply, max_micros=most, fencing_token=f"{job}/{step}")

    @precondition(lambda self: self.calls("intent", "unknown"))
    @rule(
        draw=data,
        state=st.sampled_from(["done", "done", "unknown", "released", "cancelled"]),
        share=st.integers(0, 10),
        usable=st.sampled_from("01"),
    )
    def settle(self, draw: Any, state: str, share: int, usable: str) -> None:
        call = draw.draw(st.sampled_from(self.calls("intent", "unknown")))
        row = self.store.row(call)
        paid = {"cost_micros": int(row["max_micros"]) * share // 10}
        reply = {"fencing_token": row["fencing_token"], "usable": usable}
        self.store.settle(call, state, **reply, **(paid if state in ("done", "cancelled") else {}))

    @precondition(lambda self: self.jobs("processing"))
    @rule(draw=data, outcome=st.sampled_from(["completed", "failed", "failed"]))
    def finish(self, draw: Any, outcome: str) -> None:
        job = self.one(draw, "processing")
        self.store.finish(job, self.attempt(job), outcome=outcome)

    @precondition(lambda self: self.jobs("pending", "processing"))
    @rule(draw=data)
    def cancel(self, draw: Any) -> None:
        self.store.cancel(self.one(draw, "pending", "processing"))

    @precondition(lambda self: self.jobs("failed", "cancelled"))
    @rule(draw=data)
    def retry(self, draw: Any) -> None:
        self.store.retry(self.one(draw, "failed", "cancelled"), consent=True)

    @precondition(lambda self: self.jobs("completed", "failed", "cancelled"))
    @rule(draw=data)
    def delete(self, draw: Any) -> None:
        self.store.delete(self.one(draw, "completed", "failed", "cancelled"))

    @precondition(lambda self: self.jobs("pending", "processing"))
    @rule(draw=data, late=st.booleans())
    def reconcile(self, draw: Any, late: bool) -> None:
        job = self.one(draw, "pending", "processing")
        self.store.make_due(job)
        if late:
            self.store.pass_start_deadline(job)
        self.store.reconcile(max_worker_losses=1)

    @precondition(lambda self: self.calls("intent"))
    @rule(draw=data)
    def reap(self, draw: Any) -> None:
        self.store.expire_call_lease(draw.draw(st.sampled_from(self.calls("intent"))))
        self.store.reap()

    @precondition(lambda self: self.jobs())
    @rule(draw=data, ledger=st.booleans())
    def vanish(self, draw: Any, ledger: bool) -> None:
        """A record is lost, perhaps with the rows of its calls."""
        job = draw.draw(st.sampled_from(self.jobs()))
        missing = [f"job:{job}", f"job:{job}:updates", f"job:{job}:steps", f"job:{job}:calls"]
        if ledger:
            missing += self.redis.keys(f"call:{job}/*")
        self.redis.delete(*missing)
        self.lost = True
        self.store.make_due(job)
        self.store.reconcile()
        for key in self.redis.keys(f"call:{job}/*"):  # what is in flight still has an owner
            self.redis.pexpire(key, 1_000_000)

    @rule()
    def reap_reservations(self) -> None:
        """The reconciler releases no reservation that has a holder."""
        self.budget_driver.reap_reservations()

    # --- what must hold

    @invariant()
    def look_around(self) -> None:
        """Reads what the rules of the next step choose from."""
        jobs = [f"j{n + 1}" for n in range(self.made)]
        self.statuses = self.store.field_of_each(jobs, keys.job, "status")
        calls = sorted(key.removeprefix("call:") for key in self.redis.scan_iter("call:*"))
        self.states = self.store.field_of_each(calls, keys.call, "state")

    @invariant()
    def no_budget_is_overrun(self) -> None:
        for name, balance in self.budget_driver.all().items():
            assert 0 <= balance.spent + balance.reserved <= self.limits[name], name
            assert balance.reserved >= 0

    @invariant()
    def what_is_reserved_is_what_is_held(self) -> None:
        held: dict[str, int] = {}
        for words in self.budget_driver.reservations().values():
            micros, *own = words.split()
            for spend in own:
                held[spend] = held.get(spend, 0) + int(micros)
        spends = self.redis.keys("spend:*")
        reserved = self.store.field_of_each(spends, str, "reserved")
        for key in spends:
            assert int(reserved.get(key, 0)) == held.get(key, 0), key

    def teardown(self) -> None:
        """At rest nothing is held, and the books say what the ledger says."""
        for job in self.jobs(*ACTIVE):
            self.store.cancel(job)
            self.store.finish(job, self.attempt(job))
        for call in self.calls("intent"):
            self.store.settle(call, "unknown", fencing_token=self.store.row(call)["fencing_token"])
        self.budget_driver.reap_reservations()
        assert self.budget_driver.reservations() == {}
        assert {balance.reserved for balance in self.budget_driver.all().values()} <= {0}
        if not self.lost and self.limits:
            assert self.budget_driver.balance().spent == sum(map(self.worth, self.calls()))
        assert leaks(self.redis) == []

    # --- who there is

    def jobs(self, *statuses: str) -> list[str]:
        return [job for job, one in self.statuses.items() if not statuses or one in statuses]

    def one(self, draw: Any, *statuses: str) -> str:
        return str(draw.draw(st.sampled_from(self.jobs(*statuses))))

    def attempt(self, job: str) -> int:
        return int(self.store.record(job)["attempt"])

    def calls(self, *states: str) -> list[str]:
        return [call for call, one in self.states.items() if not states or one in states]

    def worth(self, call: str) -> int:
        row = self.store.row(call)
        return int(row["max_micros"] if row["state"] == "unknown" else row.get("cost_micros", 0))


@pytest.mark.timeout(400)  # a failure is made small before it is shown
def test_no_cent_is_lost_whatever_happens(redis: Redis) -> None:
    """Given any order of all that spends, ends or loses / I expect every budget kept, what is
    reserved to be what is held, and at rest nothing held and the books equal to the ledger.
    """
    play(Money, redis, fake=40, real=80, steps=40)
