"""The dispatcher: rings for new jobs in groups, sweeps, and outlives whatever goes wrong."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from redis.exceptions import ConnectionError

from api.dispatch import Dispatcher
from jobs.doorbell import Ring
from tests.waiting import wait_until


class Bell:
    """A doorbell that remembers, and fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.groups: list[list[Ring]] = []
        self.failures = failures

    def ring(self, rings: Iterable[Ring]) -> None:
        if self.failures:
            self.failures -= 1
            raise ConnectionError("away")
        self.groups.append(list(rings))

    @property
    def rung(self) -> list[Ring]:
        return [ring for group in self.groups for ring in group]


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
def dispatcher(bell: Any, sweeper: Any, sweep_s: float = 60.0) -> Iterator[Dispatcher]:
    running = Dispatcher(bell, sweeper, sweep_s)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def test_a_note_is_rung_for(caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell()
    with dispatcher(bell, Sweeper()) as running:
        running.ring("a", 1)
        wait_until(lambda: bell.rung == [Ring("a", 1)], "the bell is rung")


def test_a_crowd_is_rung_for_together_and_in_order() -> None:
    """Given a thousand requests in a breath / I expect all of them rung for, in few groups."""
    bell = Bell()
    with dispatcher(bell, Sweeper()) as running:
        for number in range(1_000):
            running.ring("j", number)
        wait_until(lambda: len(bell.rung) == 1_000, "all are rung for")

    assert bell.rung == [Ring("j", number) for number in range(1_000)]
    assert len(bell.groups) < 100


def test_a_bell_that_is_away_harms_nobody() -> None:
    """Given that Redis or RQ is away / I expect the ring to be lost, as the due index allows, and
    the next one to be rung.
    """
    bell = Bell(failures=1)
    with dispatcher(bell, Sweeper()) as running:
        running.ring("lost", 1)
        wait_until(lambda: bell.failures == 0, "the first ring failed")
        running.ring("next", 1)
        wait_until(lambda: bell.rung == [Ring("next", 1)], "the next is rung")


def test_it_sweeps_at_once_and_again() -> None:
    sweeper = Sweeper()
    with dispatcher(Bell(), sweeper, sweep_s=0.02):
        wait_until(lambda: sweeper.sweeps >= 3, "it sweeps")


def test_a_sweep_that_fails_is_tried_again() -> None:
    sweeper = Sweeper(ConnectionError("away"), RuntimeError("a bug"))
    with dispatcher(Bell(), sweeper, sweep_s=0.02):
        wait_until(lambda: sweeper.sweeps >= 3, "it sweeps again")


def test_requests_that_come_all_the_time_do_not_keep_it_from_sweeping() -> None:
    sweeper = Sweeper()
    with dispatcher(Bell(), sweeper, sweep_s=0.05) as running:

        def ringing() -> bool:
            running.ring("j", 1)
            return sweeper.sweeps >= 3

        wait_until(ringing, "it sweeps", every=0.001)


def test_it_rings_for_what_is_noted_before_it_ends() -> None:
    bell = Bell()
    with dispatcher(bell, Sweeper()) as running:
        for number in range(50):
            running.ring("j", number)

    assert len(bell.rung) == 50
    assert "dispatcher" not in {thread.name for thread in threading.enumerate()}
