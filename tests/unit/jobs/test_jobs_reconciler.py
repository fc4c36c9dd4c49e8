"""The reconciler: what it does with what the reconcile script finds."""

import logging
from collections.abc import Iterable
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer

from loresmith.jobs.core.settings import Settings
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage, JobQueue
from loresmith.jobs.store.reconciler import PAGE, Reconciler, ReconcileResult
from tests.store.budget_driver import Balance, BudgetDriver
from tests.store.driver import Store

CONFIG = Settings(lease_s=15.0)


class Server(FakeRedis):
    """A fakeredis that has been up for a while."""

    up_s = 1_000

    def info(self, section: str | None = None, *args: str, **kwargs: Any) -> dict[str, Any]:
        return {"uptime_in_seconds": self.up_s}


class FakeQueue(JobQueue):
    """Records what is enqueued."""

    def __init__(self) -> None:
        self.enqueued: list[JobMessage] = []
        self.messages_waiting: set[str] = set()

    def enqueue(self, messages: Iterable[JobMessage]) -> None:
        self.enqueued += messages

    def waiting(self, queue: str = "") -> set[str]:
        return self.messages_waiting


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def redis() -> Server:
    return Server(server=FakeServer(), decode_responses=True)


@pytest.fixture
def store(redis: Server) -> Store:
    return Store(redis)


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reconciler(redis: Server, queue: FakeQueue, clock: Clock) -> Reconciler:
    return Reconciler(redis, queue, CONFIG, clock)


def test_it_enqueues_a_job_whose_message_was_lost(
    store: Store, reconciler: Reconciler, queue: FakeQueue
) -> None:
    store.submit()
    store.make_due()

    assert reconciler.reconcile() == [ReconcileResult("j", 1, "enqueue", "lore")]

    assert queue.enqueued == [JobMessage("j", 1)]


def test_it_enqueues_nothing_that_is_in_the_queue(
    store: Store, reconciler: Reconciler, queue: FakeQueue
) -> None:
    """Given a queue that is merely long / when the reconciler looks / I expect no second entry."""
    store.submit()
    store.make_due()
    queue.messages_waiting = {"j_1"}

    reconciler.reconcile()

    assert queue.enqueued == []


def test_it_takes_over_and_enqueues_the_next_attempt(
    store: Store, reconciler: Reconciler, queue: FakeQueue, caplog: pytest.LogCaptureFixture
) -> None:
    store.running()
    store.make_due()

    with caplog.at_level(logging.WARNING):
        assert reconciler.reconcile() == [
            ReconcileResult("j", 2, "recovered", "lore"),
            ReconcileResult("j", 2, "enqueue", "lore"),
        ]

    assert queue.enqueued == [JobMessage("j", 2)]
    assert "job_id=j attempt=2 action=recovered" in caplog.text


def test_it_takes_nothing_from_workers_right_after_a_restart_of_the_server(
    redis: Server, store: Store, reconciler: Reconciler
) -> None:
    """Given a server that has just come back / I expect live workers to get the time to renew."""
    redis.up_s = 14
    store.running()
    store.make_due()

    assert reconciler.reconcile() == [ReconcileResult("j", 1, "waiting", "lore")]


def test_it_takes_nothing_from_workers_right_after_it_slept_itself(
    store: Store, reconciler: Reconciler, clock: Clock
) -> None:
    """Given a machine that was suspended
    / I expect a lease's time before anybody is taken for dead.
    """
    store.running()
    reconciler.reconcile()
    clock.now += 60
    store.make_due()
    assert reconciler.reconcile() == [ReconcileResult("j", 1, "waiting", "lore")]

    matches = []
    for _ in range(3):
        clock.now += 5
        store.make_due()
        matches += [job.what for job in reconciler.reconcile()]

    assert matches == ["waiting", "waiting", "recovered", "enqueue"]


def test_it_looks_at_all_that_is_due_page_by_page(
    store: Store, reconciler: Reconciler, queue: FakeQueue
) -> None:
    for number in range(PAGE + 1):
        store.submit(f"j{number}")
        store.make_due(f"j{number}")

    assert len({result.job_id for result in reconciler.reconcile()}) == PAGE + 1


def test_a_job_that_was_lost_too_often_says_so_in_our_words(
    store: Store, reconciler: Reconciler
) -> None:
    store.running()
    store.redis.hset("job:j", "losses_in_a_row", CONFIG.max_worker_losses - 1)
    store.make_due()

    reconciler.reconcile()

    record = store.record()
    assert (record["status"], record["message"]) == ("failed", "Job failed")
    assert record["error"] == "The job lost its worker too many times."
    assert '"code":"worker_lost"' in record["error_detail"]


def test_a_job_that_was_never_started_says_so_in_our_words(
    store: Store, reconciler: Reconciler
) -> None:
    store.submit()
    store.pass_start_deadline()
    store.make_due()

    reconciler.reconcile()

    assert '"code":"expired_before_start"' in store.record()["error_detail"]


def test_a_cancelled_job_of_a_dead_worker_says_so_in_our_words(
    store: Store, reconciler: Reconciler, queue: FakeQueue
) -> None:
    store.running()
    store.cancel()
    store.make_due()

    reconciler.reconcile()

    assert (store.record()["status"], store.record()["message"]) == ("cancelled", "Job cancelled")
    assert queue.enqueued == []


def test_nothing_due_is_nothing_done(reconciler: Reconciler, queue: FakeQueue) -> None:
    assert reconciler.reconcile() == []
    assert queue.enqueued == []


def test_it_lets_money_go_that_is_held_for_nothing(
    redis: Server, store: Store, reconciler: Reconciler, caplog: pytest.LogCaptureFixture
) -> None:
    """Given 450 lost jobs that hold money, and one that lives / when the reconciler has looked a
    few times / I expect the money of the living one alone to be held, and the finding told.
    """
    budget = BudgetDriver(store)
    budget.set(limit=1)
    budget.job("alive", 1)
    spend = "spend:global:all:total"
    for n in range(450):
        redis.hset(keys.RESERVATIONS, f"lost{n}", f"2 {spend}")
        redis.hincrby(spend, "reserved", 2)

    with caplog.at_level(logging.WARNING):
        while set(budget.reservations()) != {"alive"}:
            reconciler.reconcile()

    assert budget.balance() == Balance(0, 1)
    assert "released the reservations" in caplog.text
