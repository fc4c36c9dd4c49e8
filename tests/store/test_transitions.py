"""The scripts make exactly the transitions of TRANSITIONS."""

from collections.abc import Callable, Iterator

import pytest

from loresmith.jobs.core.status import TRANSITIONS, Status
from loresmith.jobs.store import keys
from tests.store.driver import Store

Edge = tuple[str, str]
NOT_BUILT_YET = {"skip"}
"""Transitions without a script; batches will need them."""


@pytest.fixture
def no_leaks() -> None:
    """Off: a status that is put in directly leaves a job without its time to live."""


def waiting(store: Store) -> None:
    store.submit()


def too_late(store: Store) -> None:
    store.submit()
    store.pass_start_deadline()


def running(store: Store) -> None:
    store.running()


def cancelling(store: Store) -> None:
    store.running()
    store.cancel()


def released(store: Store) -> None:
    store.running()
    store.release()


def forced(status: Status) -> Callable[[Store], None]:
    """Puts a job into a status directly."""

    def force(store: Store) -> None:
        store.running()
        store.redis.hset(keys.job("j"), mapping={"status": status, "lease_holder": ""})

    return force


def reconciled(store: Store, *, max_worker_losses: int = 3, take_over: bool = True) -> None:
    store.make_due()
    store.reconcile(max_worker_losses=max_worker_losses, take_over=take_over)


STARTS: list[Callable[[Store], None]] = [
    waiting,
    too_late,
    running,
    cancelling,
    released,
    *map(forced, Status),
]
ACTS: list[Callable[[Store, int, str], object]] = [
    lambda store, attempt, owner: store.submit(),
    lambda store, attempt, owner: store.claim(attempt=attempt),
    lambda store, attempt, owner: store.report_progress(attempt=attempt, owner=owner),
    lambda store, attempt, owner: store.checkpoint(attempt=attempt, owner=owner),
    lambda store, attempt, owner: store.finish(attempt=attempt, owner=owner, outcome="completed"),
    lambda store, attempt, owner: store.finish(attempt=attempt, owner=owner, outcome="failed"),
    lambda store, attempt, owner: store.finish(attempt=attempt, owner=owner, outcome="cancelled"),
    lambda store, attempt, owner: store.release(attempt=attempt, owner=owner),
    lambda store, attempt, owner: store.intent(attempt=attempt),
    lambda store, attempt, owner: store.cancel(),
    lambda store, attempt, owner: store.retry(),
    lambda store, attempt, owner: reconciled(store),
    lambda store, attempt, owner: reconciled(store, max_worker_losses=1),
    lambda store, attempt, owner: reconciled(store, take_over=False),
]


def edges(store: Store) -> Iterator[Edge]:
    """Yields the status before and after each script, from every start."""
    for start in STARTS:
        for act in ACTS:
            store.redis.flushall()
            start(store)
            before = store.record()
            act(store, int(before["attempt"]), before["lease_holder"])
            yield before["status"], store.record()["status"]


def test_scripts_and_table_agree(store: Store) -> None:
    """Given every status / when every script is run
    / I expect the table's transitions, all, no other.
    """
    actual = {(start, end) for start, end in edges(store) if start != end}

    allowed = {
        (start, end)
        for name, (starts, end) in TRANSITIONS.items()
        for start in starts
        if name not in NOT_BUILT_YET and start != end
    }
    assert actual == allowed
