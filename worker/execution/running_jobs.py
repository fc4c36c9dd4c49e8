"""Holds the jobs that this worker runs now, in a bounded number of slots."""

from collections.abc import Callable
from threading import Condition

from loresmith.worker.adapters.store_types import QueueEntry
from loresmith.worker.execution.attempt import JobAttempt


class RunningJobs:
    """Attempts by queue entry. Every thread of the worker uses it."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._attempts: dict[QueueEntry, JobAttempt] = {}
        self._changed = Condition()

    def __len__(self) -> int:
        return len(self._attempts)

    def __contains__(self, entry: QueueEntry) -> bool:
        return entry in self._attempts

    @property
    def free_slots(self) -> int:
        return max(0, self._slots - len(self._attempts))

    def all(self) -> list[JobAttempt]:
        with self._changed:
            return list(self._attempts.values())

    def add(self, attempt: JobAttempt) -> None:
        with self._changed:
            self._attempts[attempt.entry] = attempt

    def remove(self, attempt: JobAttempt) -> None:
        with self._changed:
            self._attempts.pop(attempt.entry, None)
            self._changed.notify_all()

    def wait_for_free_slots(self, timeout_s: float) -> int:
        """Waits for a free slot and returns how many there are."""
        return self._wait(lambda: self._slots - len(self._attempts), timeout_s)

    def wait_until_empty(self, timeout_s: float) -> bool:
        """Whether all jobs ended within the time."""
        return bool(self._wait(lambda: int(not self._attempts), timeout_s))

    def _wait(self, ready: Callable[[], int], timeout_s: float) -> int:
        with self._changed:
            return max(0, self._changed.wait_for(ready, timeout_s))
