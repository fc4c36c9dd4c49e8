"""The fence: who lost a job, or never had it, can change nothing about it."""

from collections.abc import Callable

import pytest

from loresmith.lore_service.ledger.ledger import IntentReply
from tests.store.driver import Store
from tests.store.snapshot import exact, timeless

Write = Callable[[Store, int, str], object]

WRITES: dict[str, Write] = {
    "heartbeat": lambda store, attempt, owner: store.report_progress(
        attempt=attempt, owner=owner, progress=77, message="mine"
    ),
    "checkpoint": lambda store, attempt, owner: (
        "ok" if store.checkpoint(attempt=attempt, owner=owner) else "lost"
    ),
    "finish": lambda store, attempt, owner: store.finish(attempt=attempt, owner=owner, result="[]"),
    "fail": lambda store, attempt, owner: store.finish(
        attempt=attempt, owner=owner, outcome="failed"
    ),
    "release": lambda store, attempt, owner: store.retry_later(attempt=attempt, owner=owner),
}
writers = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


def unchanged(store: Store, write: Write, attempt: int, owner: str) -> object:
    """The answer to a write, after making sure that it changed no job. (A heartbeat registers
    its worker.)
    """
    store.heartbeat(owner=owner)
    before = timeless(store.redis)
    answer = write(store, attempt, owner)
    assert timeless(store.redis) == before
    return answer


@writers
def test_a_worker_that_was_paused_past_its_lease(store: Store, write: Write) -> None:
    """Given a job that another worker took over / when the first wakes up / I expect 'lost'."""
    store.running(owner="old")
    store.make_due()
    store.reconcile()
    store.claim(attempt=2, owner="new")

    assert unchanged(store, write, 1, "old") == "lost"


@writers
def test_the_same_worker_with_an_older_attempt(store: Store, write: Write) -> None:
    """Given a worker that has the job again / when its older thread writes / I expect 'lost'."""
    store.running(owner="w")
    store.release()
    store.claim(attempt=2, owner="w")

    assert unchanged(store, write, 1, "w") == "lost"


@writers
def test_a_worker_with_an_attempt_to_come(store: Store, write: Write) -> None:
    """Given attempt 1 / when somebody writes as attempt 2 / I expect 'lost'."""
    store.running()

    assert unchanged(store, write, 2, "w") == "lost"


@writers
def test_another_worker_with_the_right_attempt(store: Store, write: Write) -> None:
    """Given a job of w / when w2 writes / I expect 'lost'."""
    store.running(owner="w")

    assert unchanged(store, write, 1, "w2") == "lost"


@writers
def test_a_job_between_two_workers(store: Store, write: Write) -> None:
    """Given a job that nobody has claimed again / when its last worker writes / I expect 'lost'."""
    store.running()
    store.release()

    assert unchanged(store, write, 2, "w") == "lost"


@writers
@pytest.mark.parametrize("owner", ["w", ""])
@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_a_finished_job_is_finished(store: Store, write: Write, end: str, owner: str) -> None:
    """Given a finished job / when late writes of its worker arrive / I expect nothing to move."""
    store.running()
    store.finish(outcome=end, result="[1]", progress=100)
    before = exact(store.redis)["job:j"]

    assert unchanged(store, write, 1, owner) in ("lost", "terminal")

    assert exact(store.redis)["job:j"] == before


@writers
def test_a_retried_job_belongs_to_its_next_worker(store: Store, write: Write) -> None:
    """Given a retried job / when the worker of the failed attempt writes / I expect 'lost'."""
    store.running()
    store.finish(outcome="failed")
    store.retry()

    assert unchanged(store, write, 1, "w") == "lost"


def test_nobody_completes_a_job_that_nobody_runs(store: Store) -> None:
    """Given a waiting job / when a finish names no owner
    / I expect it refused, but for failing it.
    """
    store.submit()

    assert store.finish(owner="", outcome="completed") == "lost"
    assert store.finish(owner="", outcome="cancelled") == "lost"
    assert store.record()["status"] == "pending"

    assert store.finish(owner="", outcome="failed") == "failed"


def test_a_model_call_is_fenced_like_every_write(store: Store) -> None:
    """Given a job on attempt 2 / when calls are asked for by others
    / I expect 'fenced' and no row.
    """
    store.running()
    store.release()
    store.claim(attempt=2)
    assert store.intent(attempt=2) == IntentReply("go", "j/s/0")
    store.settle(state="released")

    assert store.intent(attempt=1, step="t").outcome == "fenced"
    assert store.intent(attempt=3, step="t").outcome == "fenced"
    assert store.intent(attempt=2, step="t", generation=1).outcome == "fenced"
    assert store.intent("absent").outcome == "fenced"
    assert store.row("j/t/0") == {}


@pytest.mark.parametrize("end", ["completed", "failed", "cancelled"])
def test_nothing_is_bought_for_a_job_that_does_not_run(store: Store, end: str) -> None:
    """Given a waiting job, then a finished one / when a call is asked for / I expect 'fenced'."""
    store.submit()
    assert store.intent().outcome == "fenced"
    store.claim()
    store.finish(outcome=end)

    assert store.intent().outcome == "fenced"
    assert store.row() == {}
