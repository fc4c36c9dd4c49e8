"""The scripts make exactly the transitions of jobs.states.TRANSITIONS."""

from collections.abc import Callable, Iterator

from fakeredis import FakeRedis, FakeServer

from jobs import keys
from jobs.states import TRANSITIONS, Status
from tests.store.driver import Store

Edge = tuple[str, str]
NOT_BUILT_YET = {"skip"}
"""Transitions that no script makes so far (batches will)."""


def waiting(store: Store) -> None:
    store.submit()


def too_late(store: Store) -> None:
    store.submit()
    store.too_late()


def running(store: Store) -> None:
    store.running()


def told_to_stop(store: Store) -> None:
    store.running()
    store.cancel()


def between_workers(store: Store) -> None:
    store.running()
    store.release()


def forced(status: Status) -> Callable[[Store], None]:
    """A job in a status, whichever way it came there."""

    def force(store: Store) -> None:
        store.running()
        store.redis.hset(keys.job("j"), mapping={"status": status, "owner": ""})

    return force


def swept(store: Store, *, max_lost: int = 3, take_over: bool = True) -> None:
    store.silent()
    store.sweep(max_lost=max_lost, take_over=take_over)


STARTS: list[Callable[[Store], None]] = [
    waiting,
    too_late,
    running,
    told_to_stop,
    between_workers,
    *map(forced, Status),
]
ACTS: list[Callable[[Store, int, str], object]] = [
    lambda store, attempt, owner: store.submit(),
    lambda store, attempt, owner: store.claim(attempt=attempt),
    lambda store, attempt, owner: store.tick(attempt=attempt, owner=owner),
    lambda store, attempt, owner: store.checkpoint(attempt=attempt, owner=owner),
    lambda store, attempt, owner: store.finish(attempt=attempt, owner=owner, outcome="completed"),
    lambda store, attempt, owner: store.finish(attempt=attempt, owner=owner, outcome="failed"),
    lambda store, attempt, owner: store.finish(attempt=attempt, owner=owner, outcome="cancelled"),
    lambda store, attempt, owner: store.release(attempt=attempt, owner=owner),
    lambda store, attempt, owner: store.intent(attempt=attempt),
    lambda store, attempt, owner: store.cancel(),
    lambda store, attempt, owner: store.retry(),
    lambda store, attempt, owner: swept(store),
    lambda store, attempt, owner: swept(store, max_lost=1),
    lambda store, attempt, owner: swept(store, take_over=False),
]


def edges() -> Iterator[Edge]:
    """From which status to which, for every script in every start."""
    for start in STARTS:
        for act in ACTS:
            store = Store(FakeRedis(server=FakeServer(), decode_responses=True))
            start(store)
            before = store.record()
            act(store, int(before["attempt"]), before["owner"])
            yield before["status"], store.record()["status"]


def test_scripts_and_table_agree() -> None:
    """Given every status / when every script is run
    / I expect the table's transitions, all, no other.
    """
    made = {(start, end) for start, end in edges() if start != end}

    allowed = {
        (start, end)
        for name, (starts, end) in TRANSITIONS.items()
        for start in starts
        if name not in NOT_BUILT_YET and start != end
    }
    assert made == allowed
