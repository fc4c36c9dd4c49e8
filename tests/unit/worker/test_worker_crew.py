"""Threads that run jobs: waited for, given time, handed back."""

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from jobs.doorbell import Ring
from tests.runs import run_of
from tests.waiting import wait_until
from worker.crew import Crew
from worker.in_flight import InFlight
from worker.run import Run


class Execution:
    """Jobs that run until they are let go, or told to stop."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.error: Exception | None = None

    def execute(self, run: Run) -> str:
        if self.error:
            raise self.error
        wait_until(lambda: self.go.is_set() or run.stopped_by, "the job may end")
        return "lost" if run.stopped_by else "completed"


class Books:
    def __init__(self) -> None:
        self.struck: list[tuple[str, str]] = []

    def ended(self, run: Run, status: str = "") -> None:
        self.struck.append((run.job_id, status))


class House:
    def __init__(self) -> None:
        self.in_flight, self.execution, self.books = InFlight(9), Execution(), Books()
        self.released: list[Ring] = []
        self.rung: list[Ring] = []
        told: Any = (self.in_flight, self.execution, self, self.books, self)
        self.crew = Crew(*told)

    def release(self, rings: Sequence[Ring], message: str) -> list[Ring]:
        self.released += rings
        return [Ring(ring.job_id, ring.attempt + 1) for ring in rings]

    def ring(self, rings: Iterable[Ring]) -> None:
        self.rung += rings


@pytest.fixture
def house() -> House:
    return House()


def test_an_ended_job_is_struck_out_before_its_place_is_free(house: House) -> None:
    house.execution.go.set()

    house.crew.start(run_of(id="a"))

    house.in_flight.wait_until_empty(5)
    assert house.books.struck == [("a", "completed")]


def test_a_fault_of_ours_frees_the_place_and_is_in_the_log(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.execution.error = RuntimeError("a bug")

    house.crew.start(run_of(id="a"))

    assert house.in_flight.wait_until_empty(5)
    assert "a bug" in caplog.text
    assert house.books.struck == [("a", "")]


def test_a_job_for_which_there_is_no_thread_is_handed_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        house.crew.start(run_of(id="a"))

    assert house.rung == [Ring("a", 2)]
    assert len(house.in_flight) == 0


def test_without_a_signal_it_waits_for_the_last_job(house: House) -> None:
    house.crew.start(run_of(id="a"))
    threading.Timer(0.3, house.execution.go.set).start()

    house.crew.wind_up(lambda: 0, grace_s=0)

    assert house.books.struck == [("a", "completed")]
    assert house.released == []


def test_after_a_signal_it_waits_for_the_grace_period(house: House) -> None:
    house.crew.start(run_of(id="a"))

    house.crew.wind_up(lambda: 1, grace_s=0.1)

    assert house.released == [Ring("a", 1)]
    assert house.rung == [Ring("a", 2)]
    assert house.books.struck == [("a", "lost")]


def test_a_second_signal_ends_the_grace_period(house: House) -> None:
    house.crew.start(run_of(id="a"))

    house.crew.wind_up(lambda: 2, grace_s=3_600)

    assert house.rung == [Ring("a", 2)]
