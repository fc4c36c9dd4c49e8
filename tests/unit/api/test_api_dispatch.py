"""Ringing for new jobs in groups, and the thread that sweeps, whatever goes wrong."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from redis.exceptions import ConnectionError

from api.batching import StoreAway
from api.dispatch import GATHER_S, Ringer, Sweeping
from tests.waiting import wait_until


class Books:
    """An outbox without a word in it."""

    def drain_quietly(self) -> None:
        pass


class Queue:
    """A batch that remembers what was rung for, and fails as often as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.groups: list[list[str]] = []
        self.failures = list(failures)

    async def script(self, name: str, keys: list[str], *arguments: Any) -> None:
        assert (name, keys) == ("ring", ["rq:queue:lore", "rq:queues"])
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        entries = arguments[3 + arguments[2] :]
        self.groups.append(list(entries[::2]))

    @property
    def rung(self) -> list[str]:
        return [entry for group in self.groups for entry in group]


def ringing(queue: Queue, act: Callable[[Ringer], Awaitable[Any]]) -> None:
    async def run() -> None:
        ringer = Ringer(queue, "lore")  # type: ignore[arg-type]
        await act(ringer)
        await ringer.finish()

    asyncio.run(run())


async def a_moment() -> None:
    await asyncio.sleep(2 * GATHER_S)


def test_a_lone_job_is_rung_for_at_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "api.dispatch")
    queue = Queue()

    async def act(ringer: Ringer) -> None:
        ringer.ring("a", 1)
        for _ in range(5):
            await asyncio.sleep(0)
        assert queue.rung == ["a_1"]

    ringing(queue, act)
    assert "queued id=a" in caplog.messages


def test_a_crowd_is_rung_for_together_and_in_order() -> None:
    """Given a thousand requests in a breath / I expect all of them rung for, in few calls."""
    queue = Queue()

    async def act(ringer: Ringer) -> None:
        for number in range(1_000):
            ringer.ring("j", number)
            if number % 100 == 0:
                await asyncio.sleep(0)
        await a_moment()

    ringing(queue, act)
    assert queue.rung == [f"j_{number}" for number in range(1_000)]
    assert len(queue.groups) <= 5


@pytest.mark.parametrize("failure", [StoreAway("away"), RuntimeError("a bug")])
def test_a_bell_that_is_away_harms_nobody(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Given that Redis or RQ is away / I expect the ring to be lost, as the due index allows, and
    the next one to be rung.
    """
    queue = Queue(failure)

    async def act(ringer: Ringer) -> None:
        ringer.ring("lost", 1)
        await a_moment()
        ringer.ring("next", 1)
        await a_moment()

    ringing(queue, act)
    assert queue.rung == ["next_1"]
    assert "a sweep will" in caplog.text


def test_it_rings_for_what_is_noted_before_it_ends() -> None:
    queue = Queue()

    async def act(ringer: Ringer) -> None:
        for number in range(50):
            ringer.ring("j", number)

    ringing(queue, act)
    assert len(queue.rung) == 50


# --- the sweeping thread


class Sweeper:
    """Counts its sweeps, and fails as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.sweeps = 0
        self.failures = list(failures)

    def sweep(self) -> None:
        self.sweeps += 1
        if self.failures:
            raise self.failures.pop(0)


@contextmanager
def sweeping(sweeper: Sweeper) -> Iterator[None]:
    running = Sweeping(sweeper, Books(), 0.02)  # type: ignore[arg-type]
    running.start()
    try:
        yield
    finally:
        running.stop()


def test_it_sweeps_at_once_and_again_until_it_is_stopped() -> None:
    sweeper = Sweeper()
    with sweeping(sweeper):
        wait_until(lambda: sweeper.sweeps >= 3, "it sweeps")

    assert "sweeping" not in {thread.name for thread in threading.enumerate()}


def test_a_sweep_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    sweeper = Sweeper(ConnectionError("away"), RuntimeError("a bug"))
    with sweeping(sweeper):
        wait_until(lambda: sweeper.sweeps >= 3, "it sweeps again")

    assert "looking after due jobs failed" in caplog.text
