"""Any order of anything: Hypothesis plays clients, workers, lore_services and their deaths.

Each step asks the scripts and the model of them (tests/store/model.py), which must agree; after
each step the invariants of the store are looked at, whatever has happened before. A step mostly
picks a job or call that it fits, so that lives get long, and sometimes any other.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
)
from redis import Redis

from loresmith.jobs.store import keys
from tests.store.driver import DURATIONS
from tests.store.invariants import Fit, Invariants, oddly, off_by, owners
from tests.store.model import Call, Job
from tests.store.state_machine import play

MOST_ACTIVE = 2

keys_given = st.sampled_from(["", "k1", "k2"])
fingerprints = st.sampled_from(["f1", "f1", "f2"])
steps = st.sampled_from(["s", "t"])
lores = st.sampled_from(["lore1", "lore2"])
data = st.data()


def running(job: Job) -> bool:
    return job.status == "processing" and job.lease_holder != ""


def waiting(job: Job) -> bool:
    return job.active and job.lease_holder == ""


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


class Life(Invariants):
    """All that can happen to a few jobs and their calls."""

    # --- clients

    @initialize()
    def a_job_runs(self) -> None:
        self.submit("", "f1")
        assert self.store.claim("j0", 1, "w1").code == self.model.claim("j0", 1, "w1")

    @precondition(lambda self: sum(map(active, self.model.jobs.values())) < MOST_ACTIVE)
    @rule(key=keys_given, fingerprint=fingerprints)
    def submit(self, key: str, fingerprint: str) -> None:
        job_id = f"j{len(self.made)}"
        request = self.store.submit(job_id, key=key, fingerprint=fingerprint)
        assert request == self.model.submit(job_id, key, fingerprint)
        if request.code == "created":
            self.made.append(job_id)

    @precondition(some_job(active))
    @rule(draw=data, key=keys_given, fingerprint=fingerprints)
    def submit_again(self, draw: Any, key: str, fingerprint: str) -> None:
        job_id = self.job(draw, active)
        if job_id in self.model.jobs:  # a deleted id is not used again; its key may be
            request = self.store.submit(job_id, key=key, fingerprint=fingerprint)
            assert request == self.model.submit(job_id, key, fingerprint)

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
        text_shown = self.store.tick(job_id, *who, progress=progress)
        assert text_shown == self.model.tick(job_id, *who, progress)

    @precondition(some_job(running))
    @rule(draw=data, step=steps, output=st.sampled_from("12"))
    def checkpoint(self, draw: Any, step: str, output: str) -> None:
        job_id = self.job(draw, running)
        text_shown = (job_id, *self.who(draw, job_id), step, output)
        assert self.store.checkpoint(*text_shown) == self.model.checkpoint(*text_shown)

    @precondition(some_job(running))
    @rule(draw=data, outcome=st.sampled_from(["completed", "failed", "failed", "cancelled"]))
    def finish(self, draw: Any, outcome: str) -> None:
        job_id = self.job(draw, running)
        text_shown = (job_id, *self.who(draw, job_id), outcome)
        done = {"result": "[]", "progress": 100} if outcome == "completed" else {"error": "x"}
        reply = self.store.finish(*text_shown, durations=DURATIONS, **done)
        assert reply.code == self.model.finish(*text_shown)

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
    @rule(
        take_over=st.sampled_from([True, True, False]), max_worker_losses=st.sampled_from([3, 3, 1])
    )
    def reconcile(self, take_over: bool, max_worker_losses: int) -> None:
        matches = self.store.reconcile(take_over=take_over, max_worker_losses=max_worker_losses)
        assert matches == self.model.reconcile(
            take_over=take_over, max_worker_losses=max_worker_losses
        )

    # --- lore_services

    @precondition(some_job(running))
    @rule(draw=data, step=steps, owner=lores, off=off_by)
    def intent(self, draw: Any, step: str, owner: str, off: int) -> None:
        job = self.model.jobs.get(job_id := self.job(draw, running))
        generation = max(0, (job.generation if job else 0) + off)
        attempt, _ = self.who(draw, job_id)
        fencing_token = self.fencing_token(draw)
        text_shown = (job_id, attempt, step, generation)
        reply = self.store.intent(*text_shown, owner=owner, fencing_token=fencing_token)
        shown = reply if reply.code == "attach" else reply[:2]
        assert shown == self.model.intent(*text_shown, owner=owner, fencing_token=fencing_token)
        if reply.code == "go":
            holder = self.bought.setdefault(reply[1], fencing_token)
            assert holder == fencing_token, f"{reply[1]} is being bought under {holder}"

    @precondition(some_call(correctable))
    @rule(draw=data, state=st.sampled_from(["done", "done", "unknown", "released", "cancelled"]))
    def settle(self, draw: Any, state: str) -> None:
        name = self.call(draw, correctable)
        call = self.model.calls.get(name)
        fencing_token = (
            call.fencing_token if call and not draw.draw(oddly) else self.fencing_token(draw)
        )
        reply = self.store.settle(name, state, fencing_token=fencing_token)
        assert reply == self.model.settle(name, state, fencing_token)
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
        text_shown = self.store.call_beat(name, owner=owner, text="Once")
        assert text_shown == self.model.call_beat(name, owner=owner)

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


@pytest.mark.timeout(400)  # a failure is made small before it is shown, which may take 5 minutes
def test_any_order_of_anything(redis: Redis) -> None:
    """Given any order of requests, ticks, deaths and reapings / I expect every promise to hold."""
    play(Life, redis, fake=30, real=100, steps=60)
