"""What must be true of the store after each step of a life, whatever has happened before.

The machine of test_machine builds on it; here are also its ways to pick whom a step is about.
"""

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant
from redis import Redis

from loresmith.jobs.core.status import TERMINAL, TRANSITIONS
from loresmith.jobs.store import keys
from tests.store.database import in_one_trip
from tests.store.driver import QUEUE, Store
from tests.store.leaks import leaks
from tests.store.model import Model

EDGES = {(start, end) for starts, end in TRANSITIONS.values() for start in starts}

oddly = st.integers(0, 5).map(lambda n: n == 5)
owners = st.sampled_from(["w1", "w2"])
off_by = st.sampled_from([0, 0, 0, 0, -1, 1])

COST = {
    "spent_micros",
    "uncertain_micros",
    "likely_micros",
    "upper_micros",
    "unpriced",
    "calls",
    "corrected",
}
"""Fields of an ended job that a call may still change that was in flight at its end."""

MANY_SLOTS = 1_000_000
"""Free slots of each worker, so that no job waits at the gate."""

Fit = Callable[[Any], bool]


class Invariants(RuleBasedStateMachine):
    """A store, the model of it, and what holds between two steps."""

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        redis.flushall()
        self.redis, self.store, self.model = redis, Store(redis), Model()
        self.made: list[str] = []
        self.before: dict[str, dict[str, str]] = {}
        self.holders: dict[tuple[str, int], str] = {}
        self.fencing_tokens: list[str] = []
        self.bought: dict[str, str] = {}
        self.reopened = ""

    def job(self, draw: Any, fit: Fit) -> str:
        """A job that fits; oddly, any other, or nobody's."""
        fitting = [job_id for job_id, job in self.model.jobs.items() if fit(job)]
        return self._pick(draw, fitting, [*self.made, "nobody"])

    def call(self, draw: Any, fit: Fit) -> str:
        """A call that fits; oddly, any other, or one never made."""
        fitting = [name for name, call in self.model.calls.items() if fit(call)]
        return self._pick(draw, fitting, [*self.model.calls, "nobody/s/0"])

    def _pick(self, draw: Any, fitting: Iterable[str], others: Iterable[str]) -> str:
        pool = list(others if draw.draw(oddly) else fitting) or list(others)
        return str(draw.draw(st.sampled_from(sorted(pool))))

    def who(self, draw: Any, job_id: str) -> tuple[int, str]:
        """The attempt and owner of a job; oddly, another one's."""
        job = self.model.jobs.get(job_id)
        attempt, owner = (job.attempt, job.lease_holder) if job else (1, "w1")
        if draw.draw(oddly):
            return attempt + draw.draw(off_by), draw.draw(owners | st.just(""))
        return attempt, owner

    def fencing_token(self, draw: Any) -> str:
        """A new fencing_token; oddly, one that was used before: a script sent again, or late."""
        if self.fencing_tokens and draw.draw(oddly):
            return str(draw.draw(st.sampled_from(self.fencing_tokens)))
        self.fencing_tokens.append(f"t{len(self.fencing_tokens)}")
        return self.fencing_tokens[-1]

    # --- the invariants

    @invariant()
    def each_step_keeps_the_invariants(self) -> None:
        now = self.store.records(self.made)
        self.each_job_moved_as_allowed(now)
        self.records_are_as_the_model_says(now)
        assert self.store.due() == {i for i, job in self.model.jobs.items() if job.active}
        self.indexes_are_as_the_records_say(now)
        self.the_gate_has_room(now)
        self.redis.hset(keys.WORKER_SLOTS, mapping=dict.fromkeys(["w1", "w2"], MANY_SLOTS))
        self.before, self.reopened = now, ""

    def the_gate_has_room(self, now: dict[str, dict[str, str]]) -> None:
        gate = keys.gate(QUEUE)
        assert int(self.redis.hget(gate, "waiting") or 0) == 0
        for job_id in self.redis.zrange(f"{gate}:admitted", 0, -1):
            assert now[job_id]["lease_holder"] == ""
            assert now[job_id]["status"] not in TERMINAL

    def each_job_moved_as_allowed(self, now: dict[str, dict[str, str]]) -> None:
        for job_id, old in self.before.items():
            if job_id in now:
                self.moved_as_allowed(old, now[job_id], reopened=job_id == self.reopened)
            else:
                assert job_id == self.reopened, f"{job_id} vanished"
                assert old["status"] in TERMINAL

    def moved_as_allowed(self, old: dict[str, str], new: dict[str, str], *, reopened: bool) -> None:
        edge = (old["status"], new["status"])
        assert edge[0] == edge[1] or edge in EDGES
        assert int(new["attempt"]) >= int(old["attempt"])
        assert int(new["version"]) >= int(old["version"])
        if new["generation"] == old["generation"]:
            assert int(new["progress"]) >= int(old["progress"])
        else:
            assert int(new["attempt"]) > int(old["attempt"])
        if old["status"] in TERMINAL and not reopened:
            assert without_cost(new) == without_cost(old), "a finished job was touched"
        if old.get("cancel") and new["status"] in TERMINAL and not reopened:
            assert new["status"] == "cancelled"

    def records_are_as_the_model_says(self, now: dict[str, dict[str, str]]) -> None:
        shown = ("status", "attempt", "generation", "lease_holder", "progress", "worker_losses")
        reply = {
            job_id: [str(getattr(job, name)) for name in shown]
            for job_id, job in self.model.jobs.items()
        }
        assert {i: [record.get(name, "0") for name in shown] for i, record in now.items()} == reply

    def indexes_are_as_the_records_say(self, now: dict[str, dict[str, str]]) -> None:
        """Each job is in the indexes of its own values, and in no other."""
        by_status: dict[str, set[str]] = {}
        for job_id, record in now.items():
            if record["status"] != "pending":
                by_status.setdefault(keys.by("status", record["status"]), set()).add(job_id)
        assert set(self.redis.scan_iter("jobs:by:status:*")) == set(by_status)
        all_jobs = set(now)
        ended = {i for i, record in now.items() if record["status"] in TERMINAL}
        unseen, active = keys.by("unseen", "yes"), keys.by("active", "yes")
        expected = by_status | {keys.ALL: all_jobs, keys.by("type", "lore"): all_jobs}
        expected |= dict.fromkeys((keys.ENDED, keys.EXPIRY, keys.COST, keys.DURATION), ended)
        expected |= {unseen: ended, active: all_jobs - ended}
        members = in_one_trip(self.redis, [("ZRANGE", key, 0, -1) for key in expected])
        assert dict(zip(expected, map(set, members), strict=True)) == expected
        assert ended <= set(self.redis.hkeys(keys.INDEXED)) <= all_jobs

    def teardown(self) -> None:
        assert leaks(self.redis) == []
        for job_id in self.before:
            versions = [int(update["version"]) for update in self.store.updates(job_id)]
            assert versions == list(range(2, len(versions) + 2))


def without_cost(record: dict[str, str]) -> dict[str, str]:
    return {name: reply for name, reply in record.items() if name not in COST}
