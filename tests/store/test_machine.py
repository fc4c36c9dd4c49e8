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
from tests.store.direct import identity
from tests.store.driver import DURATIONS
from tests.store.invariants import Fit, Invariants, oddly, off_by, owners
from tests.store.model import Call, Job
from tests.store.state_machine import play

MAX_ACTIVE = 2

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


def due(job: Job) -> bool:
    return job.active and job.due


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
        assert self.store.claim("j0", 1, "w1").refusal == self.model.claim("j0", 1, "w1")

    @precondition(lambda self: sum(map(active, self.model.jobs.values())) < MAX_ACTIVE)
    @rule(key=keys_given, fingerprint=fingerprints)
    def submit(self, key: str, fingerprint: str) -> None:
        job_id = f"j{len(self.made)}"
        request = self.store.submit(job_id, key=key, fingerprint=fingerprint)
        assert identity(request) == self.model.submit(job_id, key, fingerprint)
        if request.outcome == "created":
            self.made.append(job_id)

    @precondition(some_job(active))
    @rule(draw=data, key=keys_given, fingerprint=fingerprints)
    def submit_again(self, draw: Any, key: str, fingerprint: str) -> None:
        job_id = self.job(draw, active)
        if job_id in self.model.jobs:  # a deleted id is not used again; its key may be
            request = self.store.submit(job_id, key=key, fingerprint=fingerprint)
            assert identity(request) == self.model.submit(job_id, key, fingerprint)

    @precondition(some_job(running))
    @rule(draw=data, mode=st.sampled_from(["now", "after_current_call"]))
    def cancel(self, draw: Any, mode: str) -> None:
        job_id = self.job(draw, running)
        assert self.store.cancel(job_id, mode) == self.model.cancel(job_id, mode)

    @precondition(some_job(unhappy))
    @rule(draw=data, attempt=st.sampled_from([None, None, 1, 2]), consent=st.booleans())
    def retry(self, draw: Any, attempt: int | None, consent: bool) -> None:
        job_id = self.job(draw, unhappy)
        expected = self.model.retry(job_id, attempt, consent=consent)
        reply = self.store.retry(job_id, attempt, consent=consent)
        detail = "" if reply.outcome == "unknown" else reply.detail  # any call in doubt
        assert (reply.outcome, detail) == expected
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
        assert reply.refusal == self.model.claim(job_id, attempt, owner)
        if not reply.refusal:
            holder = self.holders.setdefault((job_id, attempt), owner)
            assert holder == owner, f"attempt {attempt} of {job_id} was given to {holder} before"

    @precondition(some_job(running))
    @rule(draw=data, progress=st.integers(0, 99))
    def report_progress(self, draw: Any, progress: int) -> None:
        job_id = self.job(draw, running)
        who = self.who(draw, job_id)
        reply = self.store.report_progress(job_id, *who, progress=progress)
        assert reply == self.model.report_progress(job_id, *who, progress)

    @precondition(some_job(running))
    @rule(draw=data, step=steps, output=st.sampled_from("12"))
    def checkpoint(self, draw: Any, step: str, output: str) -> None:
        job_id = self.job(draw, running)
        arguments = (job_id, *self.who(draw, job_id), step, output)
        assert self.store.checkpoint(*arguments) == self.model.checkpoint(*arguments)

    @precondition(some_job(running))
    @rule(draw=data, outcome=st.sampled_from(["completed", "failed", "failed", "cancelled"]))
    def finish(self, draw: Any, outcome: str) -> None:
        job_id = self.job(draw, running)
        arguments = (job_id, *self.who(draw, job_id), outcome)
        done = {"result": "[]", "progress": 100} if outcome == "completed" else {"error": "x"}
        reply = self.store.finish(*arguments, durations=DURATIONS, **done)
        assert reply == self.model.finish(*arguments)

    @precondition(some_job(running))
    @rule(draw=data)
    def release(self, draw: Any) -> None:
        job_id = self.job(draw, running)
        who = self.who(draw, job_id)
        released = [job.attempt for job in self.store.release(job_id, *who)]
        assert released == self.model.release(job_id, *who)

    @precondition(some_job(running))
    @rule(draw=data)
    def retry_later(self, draw: Any) -> None:
        job_id = self.job(draw, running)
        who = self.who(draw, job_id)
        assert self.store.retry_later(job_id, *who) == self.model.retry_later(job_id, *who)

    # --- time, deaths, the reconciler

    @precondition(some_job(active))
    @rule(draw=data, late=oddly)
    def become_due(self, draw: Any, late: bool) -> None:
        """The lease of a running job expires; a waiting one was not claimed, or not in time."""
        job = self.model.jobs.get(job_id := self.job(draw, active))
        self.store.make_due(job_id)
        if job is None or not job.active:
            return
        job.due = True
        if late:
            self.store.pass_start_deadline(job_id)
            job.late = True

    @precondition(some_job(due))
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
        call = (job_id, attempt, step, generation)
        reply = self.store.intent(*call, owner=owner, fencing_token=fencing_token)
        expected = self.model.intent(*call, owner=owner, fencing_token=fencing_token)
        assert (reply.outcome, reply.call_id) == expected
        if reply.outcome == "go":
            holder = self.bought.setdefault(reply.call_id, fencing_token)
            assert holder == fencing_token, f"{reply.call_id} is being bought under {holder}"

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
        if (reply, state) == ("ok", "released"):
            del self.bought[name]

    @precondition(some_call(paid))
    @rule(draw=data)
    def mark_unusable(self, draw: Any) -> None:
        name = self.call(draw, paid)
        assert self.store.mark_unusable(name) == self.model.mark_unusable(name)

    @precondition(some_call(in_flight))
    @rule(draw=data, owner=lores)
    def call_heartbeat(self, draw: Any, owner: str) -> None:
        name = self.call(draw, in_flight)
        reply = self.store.call_heartbeat(name, owner=owner, text="Once")
        assert reply == self.model.call_heartbeat(name, owner=owner)

    @precondition(some_call(in_flight))
    @rule(draw=data)
    def cancel_call(self, draw: Any) -> None:
        name = self.call(draw, in_flight)
        assert self.store.cancel_call(name) == self.model.cancel_call(name)

    @precondition(some_call(in_flight))
    @rule(draw=data, known=st.booleans())
    def call_lease_expires(self, draw: Any, known: bool) -> None:
        """Perhaps after the provider had named the response."""
        call = self.model.calls.get(name := self.call(draw, in_flight))
        if call and call.state == "intent":
            if known:
                self.redis.hset(keys.call(name), "response_id", "resp")
                call.response_id = "resp"
            self.store.expire_call_lease(name)
            call.expired = True

    @rule(owner=lores)
    def reap(self, owner: str) -> None:
        assert self.store.reap(owner) == self.model.reap(owner)


@pytest.mark.timeout(400)  # a failure is made small before it is shown, which may take 5 minutes
def test_any_order_of_anything(redis: Redis) -> None:
    """Given any order of calls, heartbeats, deaths and reapings / I expect every rule to hold."""
    play(Life, redis, fake=30, real=100, steps=60)
