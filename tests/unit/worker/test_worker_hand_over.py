"""Jobs that the end of another one hands to the worker."""

from typing import Any

from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.execution.hand_over import HandOver
from loresmith.worker.execution.running_jobs import RunningJobs
from tests.worker_fakes import attempt_of

NEXT = JobMessage("next", 1)


class FakeQueue:
    def __init__(self) -> None:
        self.enqueued: list[JobMessage] = []

    def enqueue(self, messages: Any) -> None:
        self.enqueued += messages


def hand_over(slots: int, *, takes_jobs: bool = True) -> tuple[HandOver, FakeQueue]:
    """Returns the hand-over of a worker with one running job, and its queue."""
    running, queue = RunningJobs(slots), FakeQueue()
    running.add(attempt_of())
    own_queue: Any = queue
    return HandOver(running, own_queue, lambda: takes_jobs), queue


def test_a_full_worker_takes_the_next_job_itself() -> None:
    handed, queue = hand_over(slots=1)
    assert handed.free_slots() == 1

    handed.add([NEXT], "lore")

    assert handed.take(5) == {NEXT: "lore"}
    assert (handed.take(5), queue.enqueued) == ({}, [])


def test_a_worker_that_waits_for_the_queue_gets_it_from_there() -> None:
    handed, queue = hand_over(slots=3)
    assert handed.free_slots() == 3

    handed.add([NEXT], "lore")

    assert (handed.take(5), queue.enqueued) == ({}, [NEXT])


def test_a_worker_that_stops_gives_back_what_it_was_handed() -> None:
    handed, queue = hand_over(slots=1)
    handed.add([NEXT], "lore")

    handed.enqueue()

    assert queue.enqueued == [NEXT]
    assert hand_over(slots=1, takes_jobs=False)[0].free_slots() == 0
