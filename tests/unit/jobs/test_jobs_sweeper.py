"""The sweeper: what it does with what the sweep script finds."""

import logging
from collections.abc import Iterable
from typing import Any

import pytest
from fakeredis import FakeRedis, FakeServer

from jobs import keys
from jobs.config import Config
from jobs.doorbell import Doorbell, Ring
from jobs.sweeper import PAGE, Found, Sweeper
from tests.store.driver import Store
from tests.store.purse import Balance, Purse

CONFIG = Config(lease_s=15.0)


class Server(FakeRedis):
    """A fakeredis that has been up for a while."""

    up_s = 1_000

    def info(self, section: str | None = None, *args: str, **kwargs: Any) -> dict[str, Any]:
        return {"uptime_in_seconds": self.up_s}


class Bell(Doorbell):
    """Notes the rings."""

    def __init__(self) -> None:
        self.rung: list[Ring] = []
        self.lying: set[str] = set()

    def ring(self, rings: Iterable[Ring]) -> None:
        self.rung += rings

    def waiting(self) -> set[str]:
        return self.lying


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
def bell() -> Bell:
    return Bell()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sweeper(redis: Server, bell: Bell, clock: Clock) -> Sweeper:
    return Sweeper(redis, bell, CONFIG, clock)


def test_it_rings_for_a_job_whose_entry_was_lost(
    store: Store, sweeper: Sweeper, bell: Bell
) -> None:
    store.submit()
    store.silent()

    assert sweeper.sweep() == [Found("j", 1, "ring")]

    assert bell.rung == [Ring("j", 1)]


def test_it_does_not_ring_for_what_lies_in_the_queue(
    store: Store, sweeper: Sweeper, bell: Bell
) -> None:
    """Given a queue that is merely long / when the sweeper looks / I expect no second entry."""
    store.submit()
    store.silent()
    bell.lying = {"j_1"}

    sweeper.sweep()

    assert bell.rung == []


def test_it_takes_over_and_rings_for_the_next_attempt(
    store: Store, sweeper: Sweeper, bell: Bell, caplog: pytest.LogCaptureFixture
) -> None:
    store.running()
    store.silent()

    with caplog.at_level(logging.WARNING):
        assert sweeper.sweep() == [Found("j", 2, "recovered")]

    assert bell.rung == [Ring("j", 2)]
    assert "job j attempt 2: recovered" in caplog.text


def test_it_takes_nothing_from_workers_right_after_a_restart_of_the_server(
    redis: Server, store: Store, sweeper: Sweeper
) -> None:
    """Given a server that has just come back / I expect live workers to get the time to renew."""
    redis.up_s = 14
    store.running()
    store.silent()

    assert sweeper.sweep() == [Found("j", 1, "waiting")]


def test_it_takes_nothing_from_workers_right_after_it_slept_itself(
    store: Store, sweeper: Sweeper, clock: Clock
) -> None:
    """Given a machine that was suspended
    / I expect a lease's time before anybody is taken for dead.
    """
    store.running()
    sweeper.sweep()
    clock.now += 60
    store.silent()
    assert sweeper.sweep() == [Found("j", 1, "waiting")]

    found = []
    for _ in range(3):
        clock.now += 5
        store.silent()
        found += [job.what for job in sweeper.sweep()]

    assert found == ["waiting", "waiting", "recovered"]


def test_it_looks_at_all_that_is_due_page_by_page(
    store: Store, sweeper: Sweeper, bell: Bell
) -> None:
    for number in range(PAGE + 1):
        store.submit(f"j{number}")
        store.silent(f"j{number}")

    assert len(sweeper.sweep()) == PAGE + 1
    assert len(bell.rung) == PAGE + 1


def test_a_job_that_was_lost_too_often_says_so_in_our_words(store: Store, sweeper: Sweeper) -> None:
    store.running()
    store.redis.hset("job:j", "lost", CONFIG.max_lost - 1)
    store.silent()

    sweeper.sweep()

    record = store.record()
    assert (record["status"], record["message"]) == ("failed", "Job failed")
    assert record["error"] == "Its workers died while running it, time after time."
    assert '"code":"worker_lost"' in record["error_detail"]


def test_a_job_that_was_never_started_says_so_in_our_words(store: Store, sweeper: Sweeper) -> None:
    store.submit()
    store.too_late()
    store.silent()

    sweeper.sweep()

    assert '"code":"expired_before_start"' in store.record()["error_detail"]


def test_a_cancelled_job_of_a_dead_worker_says_so_in_our_words(
    store: Store, sweeper: Sweeper, bell: Bell
) -> None:
    store.running()
    store.cancel()
    store.silent()

    sweeper.sweep()

    assert (store.record()["status"], store.record()["message"]) == ("cancelled", "Job cancelled")
    assert bell.rung == []


def test_nothing_due_is_nothing_done(sweeper: Sweeper, bell: Bell) -> None:
    assert sweeper.sweep() == []
    assert bell.rung == []


def test_it_lets_money_go_that_is_held_for_nothing(
    redis: Server, store: Store, sweeper: Sweeper, caplog: pytest.LogCaptureFixture
) -> None:
    """Given 450 lost jobs that hold money, and one that lives / when the sweeper has looked a few
    times / I expect the money of the living one alone to be held, and the finding told.
    """
    purse = Purse(store)
    purse.set(limit=1)
    purse.job("alive", most=1)
    spend = "spend:global:all:total"
    for n in range(450):
        redis.hset(keys.RESERVED, f"lost{n}", f"2 {spend}")
        redis.hincrby(spend, "reserved", 2)

    with caplog.at_level(logging.WARNING):
        while set(purse.held()) != {"alive"}:
            sweeper.sweep()

    assert purse.of() == Balance(0, 1)
    assert "money was held for nothing" in caplog.text
