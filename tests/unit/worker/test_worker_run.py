"""A run that is stopped from another thread, and the places that runs take."""

import threading

import pytest

from jobs.errors import JobCancelled, JobLost, JobStopped
from tests.runs import run_of
from tests.waiting import wait_until
from worker.in_flight import InFlight


class Wait:
    stopped_by: JobStopped | None = None

    def stop(self, why: JobStopped) -> None:
        self.stopped_by = why


def test_a_stop_ends_what_the_run_waits_for() -> None:
    run, wait = run_of(), Wait()

    with run.waiting_for(wait):
        run.stop(JobCancelled())

    assert isinstance(wait.stopped_by, JobCancelled)


def test_a_run_that_was_stopped_does_not_begin_to_wait() -> None:
    """Given a stop just before the call / I expect the call ended, and the reason raised."""
    run, wait = run_of(), Wait()
    run.stop(JobLost())

    with pytest.raises(JobLost), run.waiting_for(wait):
        raise AssertionError("the run waits")

    assert isinstance(wait.stopped_by, JobLost)


def test_a_stop_after_the_wait_ends_nothing() -> None:
    run, wait = run_of(), Wait()
    with run.waiting_for(wait):
        pass

    run.stop(JobCancelled())

    assert wait.stopped_by is None


@pytest.mark.parametrize("first", [JobCancelled(), JobLost()])
def test_the_first_reason_counts(first: JobStopped) -> None:
    run = run_of()

    run.stop(first)
    run.stop(JobCancelled())

    with pytest.raises(type(first)):
        run.check()


def test_a_run_may_be_told_to_stop_before_its_next_call() -> None:
    run = run_of()

    run.stop_after_call()

    run.check()
    with pytest.raises(JobCancelled):
        run.check_before_call()


def test_a_job_type_that_is_not_known_here_has_a_bar_all_the_same() -> None:
    run = run_of(type="from_the_future", work_message="Working...")

    assert run.kind is None
    assert run.meter.read().message == "Working..."


def test_there_are_as_many_places_as_were_given() -> None:
    flight = InFlight(2)
    flight.add(run_of(id="a"))

    assert flight.wait_for_places(0) == 1
    flight.add(run_of(id="b"))
    assert flight.wait_for_places(0) == 0


def test_a_place_that_gets_free_is_noticed_at_once() -> None:
    """Given a full house and a wait of a minute / When a job ends / I expect the wait to end."""
    flight, run, free = InFlight(1), run_of(), []
    flight.add(run)
    waiter = threading.Thread(target=lambda: free.append(flight.wait_for_places(60)))
    waiter.start()

    flight.remove(run)

    wait_until(lambda: free == [1], "the wait ends")
    waiter.join()


def test_two_attempts_of_a_job_are_two_runs() -> None:
    flight = InFlight(10)
    flight.add(run_of(attempt=1))
    flight.add(run_of(attempt=2))

    flight.remove(run_of(attempt=1))

    assert [run.ring.attempt for run in flight.all()] == [2]
