"""Attempts that another thread stops, and the slots that they use."""

import threading

import pytest

from loresmith.jobs.core.errors import CancelRequested, JobLost, JobStopped
from loresmith.worker.execution.running_jobs import RunningJobs
from tests.waiting import wait_until
from tests.worker_fakes import attempt_of


class Wait:
    stop_reason: JobStopped | None = None

    def stop(self, reason: JobStopped) -> None:
        self.stop_reason = reason


def test_a_stop_ends_the_wait() -> None:
    attempt, wait = attempt_of(), Wait()

    with attempt.waiting_for(wait):
        attempt.stop(CancelRequested())

    assert isinstance(wait.stop_reason, CancelRequested)


def test_a_stopped_attempt_does_not_wait() -> None:
    """Given a stop just before the call / I expect the call ended, and the reason raised."""
    attempt, wait = attempt_of(), Wait()
    attempt.stop(JobLost())

    with pytest.raises(JobLost), attempt.waiting_for(wait):
        raise AssertionError("the attempt waits")

    assert isinstance(wait.stop_reason, JobLost)


def test_a_stop_after_the_wait_does_not_reach_it() -> None:
    attempt, wait = attempt_of(), Wait()
    with attempt.waiting_for(wait):
        pass

    attempt.stop(CancelRequested())

    assert wait.stop_reason is None


@pytest.mark.parametrize("first", [CancelRequested(), JobLost()])
def test_the_first_reason_counts(first: JobStopped) -> None:
    attempt = attempt_of()

    attempt.stop(first)
    attempt.stop(CancelRequested())

    with pytest.raises(type(first)):
        attempt.raise_if_stopped()


def test_an_attempt_may_be_cancelled_before_its_next_call() -> None:
    attempt = attempt_of()

    attempt.cancel_after_current_call()

    attempt.raise_if_stopped()
    with pytest.raises(CancelRequested):
        attempt.raise_if_cancelled()


def test_an_unknown_job_type_has_progress_too() -> None:
    attempt = attempt_of(type="from_the_future", work_message="Working...")

    assert attempt.job_type is None
    assert attempt.tracker.snapshot().message == "Working..."


def test_free_slots_are_counted() -> None:
    running = RunningJobs(2)
    running.add(attempt_of(id="a"))

    assert running.wait_for_free_slots(0) == 1
    running.add(attempt_of(id="b"))
    assert running.wait_for_free_slots(0) == 0


def test_a_free_slot_ends_the_wait() -> None:
    """Given no free slot and a wait of a minute / When a job ends / I expect the wait to end."""
    running, attempt, free = RunningJobs(1), attempt_of(), []
    running.add(attempt)
    waiter = threading.Thread(target=lambda: free.append(running.wait_for_free_slots(60)))
    waiter.start()

    running.remove(attempt)

    wait_until(lambda: free == [1], "the wait ends")
    waiter.join()


def test_attempts_of_one_job_are_separate() -> None:
    running = RunningJobs(10)
    running.add(attempt_of(attempt=1))
    running.add(attempt_of(attempt=2))

    running.remove(attempt_of(attempt=1))

    assert [attempt.job.attempt for attempt in running.all()] == [2]
