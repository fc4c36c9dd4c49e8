"""Any order of anything: Hypothesis plays clients, workers, lore_services and their deaths.

Each step asks the scripts and the model of them (tests/store/model.py), which must agree; after
each step the promises of the store are looked at, whatever has happened before. A step mostly picks
a job or call that it fits, so that lives get long, and sometimes any other.
"""

import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from jobs import keys
from jobs.states import TERMINAL, TRANSITIONS
from tests.store.driver import DURATIONS, Store
from tests.store.leaks import leaks
from tests.store.model import Call, Job, Model

EDGES = {(start, end) for starts, end in TRANSITIONS.values() for start in starts}
MOST_ACTIVE = 2
LIVES = int(os.environ.get("LIVES", "60"))
"""How many lives are played; LIVES=5000 for a long look."""

oddly = st.integers(0, 5).map(lambda n: n == 5)
keys_given = st.sampled_from(["", "k1", "k2"])
fingerprints = st.sampled_from(["f1", "f1", "f2"])
steps = st.sampled_from(["s", "t"])
owners = st.sampled_from(["w1", "w2"])
lores = st.sampled_from(["lore1", "lore2"])
off_by = st.sampled_from([0, 0, 0, 0, -1, 1])
data = st.data()

Fit = Callable[[Any], bool]


def running(job: Job) -> bool:
    return job.status == "processing" and job.owner != ""


def waiting(job: Job) -> bool:
    return job.active and job.owner == ""


def unhappy(job: Job) -> bool:
    return job.status in ("failed", "cancelled")


def over(job: Job) -> bool:
    return not job.active


def to_be_looked_at(job: Job) -> bool:
    return job.active and job.look


def active(job: Job) -> bool:
    return job.active


def in_flight(call: Call) -> bool:
    return call.state == "intent"


def correctable(call: Call) -> bool:
    return call.state in ("intent", "unknown")


def paid(call: Call) -> bool:
    return call.state == "done"


def some_job(fit: Fit) -> Callable[["Life"], bool]:
    return lambda life: any(map(fit, life.model.jobs.values()))


def some_call(fit: Fit) -> Callable[["Life"], bool]:
    return lambda life: any(map(fit, life.model.calls.values()))


class Life(RuleBasedStateMachine):
    """All that can happen to a few jobs and their calls."""

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        redis.flushall()
        self.redis, self.store, self.model = redis, Store(redis), Model()
        self.made: list[str] = []
        self.before: dict[str, dict[str, str]] = {}
        self.holders: dict[tuple[str, int], str] = {}
        self.tickets: list[str] = []
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
        attempt, owner = (job.attempt, job.owner) if job else (1, "w1")
        if draw.draw(oddly):
            return attempt + draw.draw(off_by), draw.draw(owners | st.just(""))
        return attempt, owner

    def ticket(self, draw: Any) -> str:
        """A new ticket; oddly, one that was used before: a script sent again, or late."""
        if self.tickets and draw.draw(oddly):
            return str(draw.draw(st.sampled_from(self.tickets)))
        self.tickets.append(f"t{len(self.tickets)}")
        return self.tickets[-1]

    # --- clients

    @initialize()
    def a_job_runs(self) -> None:
        self.submit("", "f1")
        assert self.store.claim("j0", 1, "w1").code == self.model.claim("j0", 1, "w1")

    @precondition(lambda self: sum(map(active, self.model.jobs.values())) < MOST_ACTIVE)
    @rule(key=keys_given, fingerprint=fingerprints)
    def submit(self, key: str, fingerprint: str) -> None:
        job_id = f"j{len(self.made)}"
        asked = self.store.submit(job_id, key=key, fingerprint=fingerprint)
        assert asked == self.model.submit(job_id, key, fingerprint)
        if asked.code == "created":
            self.made.append(job_id)

    @precondition(some_job(active))
    @rule(draw=data, key=keys_given, fingerprint=fingerprints)
    def submit_again(self, draw: Any, key: str, fingerprint: str) -> None:
        job_id = self.job(draw, active)
        if job_id in self.model.jobs:  # a deleted id is not used again; its key may be
            asked = self.store.submit(job_id, key=key, fingerprint=fingerprint)
            assert asked == self.model.submit(job_id, key, fingerprint)

    @precondition(some_job(running))
    @rule(draw=data, mode=st.sampled_from(["now", "after_current_call"]))
    def cancel(self, draw: Any, mode: str) -> None:
        job_id = self.job(draw, running)
        assert self.store.cancel(job_id, mode) == self.model.cancel(job_id, mode)

    @precondition(some_job(unhappy))
    @rule(draw=data, attempt=st.sampled_from(["", "", 1, 2]), consent=st.booleans())
    def retry(self, draw: Any, attempt: int | str, consent: bool) -> None:
        job_id = self.job(draw, unhappy)
        expected = self.model.retry(job_id, attempt, consent=consent)
        reply = self.store.retry(job_id, attempt, consent=consent)
        assert (reply[:1] if reply.code == "unknown" else reply) == expected
        self.reopened = job_id

    @precondition(some_job(over))
    @rule(draw=data)
    def delete(self, draw: Any) -> None:
        job_id = self.job(draw, over)
        assert self.store.delete(job_id) == self.model.delete(job_id)
        self.reopened = job_id

    # --- workers

    @precondition(some_job(waiting))
    @rule(draw=data, owner=owners, off=off_by)
    def claim(self, draw: Any, owner: str, off: int) -> None:
        job_id = self.job(draw, waiting)
        job = self.model.jobs.get(job_id)
        attempt = (job.attempt if job else 1) + off
        reply = self.store.claim(job_id, attempt, owner)
        assert reply.code == self.model.claim(job_id, attempt, owner)
        if reply.code == "ok":
            holder = self.holders.setdefault((job_id, attempt), owner)
            assert holder == owner, f"attempt {attempt} of {job_id} was given to {holder} before"

    @precondition(some_job(running))
    @rule(draw=data, progress=st.integers(0, 99))
    def tick(self, draw: Any, progress: int) -> None:
        job_id = self.job(draw, running)
        who = self.who(draw, job_id)
        told = self.store.tick(job_id, *who, progress=progress)
        assert told == self.model.tick(job_id, *who, progress)

    @precondition(some_job(running))
    @rule(draw=data, step=steps, output=st.sampled_from("12"))
    def checkpoint(self, draw: Any, step: str, output: str) -> None:
        job_id = self.job(draw, running)
        told = (job_id, *self.who(draw, job_id), step, output)
        assert self.store.checkpoint(*told) == self.model.checkpoint(*told)

    @precondition(some_job(running))
    @rule(draw=data, outcome=st.sampled_from(["completed", "failed", "failed", "cancelled"]))
    def finish(self, draw: Any, outcome: str) -> None:
        job_id = self.job(draw, running)
        told = (job_id, *self.who(draw, job_id), outcome)
        done = {"result": "[]", "progress": 100} if outcome == "completed" else {"error": "x"}
        reply = self.store.finish(*told, durations=DURATIONS, **done)
        assert reply.code == self.model.finish(*told)

    @precondition(some_job(running))
    @rule(draw=data, wait_ms=st.sampled_from([0, 60_000]))
    def release(self, draw: Any, wait_ms: int) -> None:
        job_id = self.job(draw, running)
        who = self.who(draw, job_id)
        reply = self.store.release(job_id, *who, wait_ms=wait_ms)
        assert reply == self.model.release(job_id, *who, wait_ms=wait_ms)

    # --- time, deaths and those who look after them

    @precondition(some_job(active))
    @rule(draw=data, late=oddly)
    def time_to_look(self, draw: Any, late: bool) -> None:
        """A running job's worker has fallen silent; a waiting one was not taken, or too late."""
        job = self.model.jobs.get(job_id := self.job(draw, active))
        self.store.silent(job_id)
        if job is None or not job.active:
            return
        job.look = True
        if late:
            self.store.too_late(job_id)
            job.late = True

    @precondition(some_job(to_be_looked_at))
    @rule(take_over=st.sampled_from([True, True, False]), max_lost=st.sampled_from([3, 3, 1]))
    def sweep(self, take_over: bool, max_lost: int) -> None:
        found = self.store.sweep(take_over=take_over, max_lost=max_lost)
        assert found == self.model.sweep(take_over=take_over, max_lost=max_lost)

    # --- lore_services

    @precondition(some_job(running))
    @rule(draw=data, step=steps, owner=lores, off=off_by)
    def intent(self, draw: Any, step: str, owner: str, off: int) -> None:
        job = self.model.jobs.get(job_id := self.job(draw, running))
        generation = max(0, (job.generation if job else 0) + off)
        attempt, _ = self.who(draw, job_id)
        ticket = self.ticket(draw)
        told = (job_id, attempt, step, generation)
        reply = self.store.intent(*told, owner=owner, ticket=ticket)
        shown = reply if reply.code == "attach" else reply[:2]
        assert shown == self.model.intent(*told, owner=owner, ticket=ticket)
        if reply.code == "go":
            holder = self.bought.setdefault(reply[1], ticket)
            assert holder == ticket, f"{reply[1]} is being bought under {holder}"

    @precondition(some_call(correctable))
    @rule(draw=data, state=st.sampled_from(["done", "done", "unknown", "released", "cancelled"]))
    def settle(self, draw: Any, state: str) -> None:
        name = self.call(draw, correctable)
        call = self.model.calls.get(name)
        ticket = call.ticket if call and not draw.draw(oddly) else self.ticket(draw)
        reply = self.store.settle(name, state, ticket=ticket)
        assert reply == self.model.settle(name, state, ticket)
        if (reply.code, state) == ("ok", "released"):
            del self.bought[name]

    @precondition(some_call(paid))
    @rule(draw=data)
    def judge(self, draw: Any) -> None:
        name = self.call(draw, paid)
        assert self.store.judge(name) == self.model.judge(name)

    @precondition(some_call(in_flight))
    @rule(draw=data, owner=lores)
    def call_beat(self, draw: Any, owner: str) -> None:
        name = self.call(draw, in_flight)
        told = self.store.call_beat(name, owner=owner, text="Once")
        assert told == self.model.call_beat(name, owner=owner)

    @precondition(some_call(in_flight))
    @rule(draw=data)
    def call_cancel(self, draw: Any) -> None:
        name = self.call(draw, in_flight)
        assert self.store.call_cancel(name) == self.model.call_cancel(name)

    @precondition(some_call(in_flight))
    @rule(draw=data, known=st.booleans())
    def lore_service_falls_silent(self, draw: Any, known: bool) -> None:
        """Perhaps after the provider had named the response."""
        call = self.model.calls.get(name := self.call(draw, in_flight))
        if call and call.state == "intent":
            if known:
                self.redis.hset(keys.call(name), "response_id", "resp")
                call.response_id = "resp"
            self.store.call_silent(name)
            call.silent = True

    @rule(owner=lores)
    def reap(self, owner: str) -> None:
        assert self.store.reap(owner) == self.model.reap(owner)

    # --- the promises

    @invariant()
    def each_step_keeps_the_promises(self) -> None:
        now = {job_id: record for job_id in self.made if (record := self.store.record(job_id))}
        self.each_job_moved_as_allowed(now)
        self.records_are_as_the_model_says(now)
        assert self.store.due() == {i for i, job in self.model.jobs.items() if job.active}
        self.before, self.reopened = now, ""

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
            assert new == old, "a finished job was touched"
        if old.get("cancel") and new["status"] in TERMINAL and not reopened:
            assert new["status"] == "cancelled"

    def records_are_as_the_model_says(self, now: dict[str, dict[str, str]]) -> None:
        shown = ("status", "attempt", "generation", "owner", "progress", "lost")
        told = {
            job_id: [str(getattr(job, name)) for name in shown]
            for job_id, job in self.model.jobs.items()
        }
        assert {i: [record[name] for name in shown] for i, record in now.items()} == told

    def teardown(self) -> None:
        assert leaks(self.redis) == []
        for job_id in self.before:
            versions = [int(update["version"]) for update in self.store.updates(job_id)]
            assert versions == list(range(1, len(versions) + 1))


@pytest.mark.timeout(400)  # a failure is made small before it is shown, which may take 5 minutes
def test_any_order_of_anything(redis: Redis) -> None:
    """Given any order of requests, ticks, deaths and reapings / I expect every promise to hold."""
    run_state_machine_as_test(
        partial(Life, redis),  # type: ignore[arg-type]  # a factory is as good as the class
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
