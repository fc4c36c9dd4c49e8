"""The side thread's rounds: what is sent, and what is done about the answers."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway

from jobs.config import Config
from jobs.errors import JobCancelled, JobLost
from tests.runs import FakeStore, run_of
from worker.in_flight import InFlight
from worker.run import Run
from worker.side_thread import SideThread

CONFIG = Config(lease_s=15, beat_s=0.5)


class Books:
    def __init__(self) -> None:
        self.renewed: list[list[str]] = []
        self.ended_: list[str] = []
        self.states: list[str] = []

    def renew(self, runs: list[Run]) -> None:
        self.renewed.append([run.job_id for run in runs])

    def ended(self, run: Run) -> None:
        self.ended_.append(run.job_id)

    def beat(self, state: str) -> None:
        self.states.append(state)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class House:
    """A side thread that is run by hand, at the hands of a clock."""

    def __init__(self) -> None:
        self.clock, self.store, self.books = Clock(), FakeStore(), Books()
        self.in_flight, self.paused = InFlight(10), False
        told: Any = (self.in_flight, self.store, self.books, CONFIG, lambda: self.paused)
        self.thread = SideThread(*told, self.clock)

    def job(self, job_id: str = "a", **fields: Any) -> Run:
        run = run_of(self.clock, id=job_id, **fields)
        self.in_flight.add(run)
        return run

    def round_after(self, seconds: float) -> list[tuple[str, int]]:
        """What the next round sends: job ids and progress."""
        self.clock.now += seconds
        before = len(self.store.beats)
        self.thread.round()
        return [
            (ring.job_id, reading.progress)
            for beats in self.store.beats[before:]
            for ring, reading in beats
        ]


@pytest.fixture
def house() -> House:
    return House()


def test_only_what_changed_is_sent(house: House) -> None:
    """Given a job of 30 s and one of an hour / When half a second passes / I expect one of them."""
    house.job("quick", expected_s=30)
    house.job("slow", expected_s=3_600)

    assert house.round_after(0.5) == [("quick", 21)]


def test_every_job_is_asked_about_once_a_second(house: House) -> None:
    house.job("slow", expected_s=3_600)

    assert house.round_after(0.5) == []
    assert house.round_after(0.5) == [("slow", 20)]


def test_an_idle_worker_gives_its_word_each_third_of_a_lease(house: House) -> None:
    for _ in range(60):
        house.round_after(0.5)

    assert len(house.store.beats) == 6


def test_a_round_that_fails_is_made_up_for(house: House) -> None:
    """Given a Redis that misses two rounds / I expect the third to send where the job is now."""
    house.job(expected_s=30)
    house.store.away = 2

    for _ in range(2):
        with pytest.raises(RedisAway):
            house.round_after(0.5)

    assert house.round_after(0.5) == [("a", 23)]


def test_rq_s_entries_are_renewed_each_third_of_a_lease(house: House) -> None:
    house.job()

    for _ in range(31):
        house.round_after(0.5)

    assert house.books.renewed == [["a"]] * 3


def test_a_lost_job_is_stopped_and_struck_out(house: House) -> None:
    run = house.job()
    house.store.answers = {"a": "lost"}

    house.round_after(0.5)

    with pytest.raises(JobLost):
        run.check()
    assert house.books.ended_ == ["a"]


def test_a_cancelled_job_is_stopped(house: House) -> None:
    run = house.job()
    house.store.answers = {"a": "now"}

    house.round_after(0.5)

    with pytest.raises(JobCancelled):
        run.check()


def test_a_job_may_finish_its_call_first(house: House) -> None:
    run = house.job()
    house.store.answers = {"a": "after_current_call"}

    house.round_after(0.5)

    run.check()
    with pytest.raises(JobCancelled):
        run.check_before_call()


def test_answers_belong_to_their_jobs(house: House) -> None:
    runs = [house.job(name) for name in "abc"]
    house.store.answers = {"b": "lost"}

    house.round_after(0.5)

    assert [run.is_lost for run in runs] == [False, True, False]


@pytest.mark.parametrize(
    ("jobs", "paused", "state"),
    [(0, False, "idle"), (1, False, "busy"), (1, True, "suspended"), (0, True, "suspended")],
)
def test_the_state_is_what_the_worker_does(
    house: House, jobs: int, paused: bool, state: str
) -> None:
    for number in range(jobs):
        house.job(str(number))
    house.paused = paused

    house.round_after(0.5)

    assert house.books.states == [state]
