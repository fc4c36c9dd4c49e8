"""The jobs that this worker runs now, and the bounded number of places for them."""

from collections.abc import Callable
from threading import Condition

from worker.run import Run


class InFlight:
    """Runs by the id of their queue entry. Every thread of the worker uses it."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._runs: dict[str, Run] = {}
        self._changed = Condition()

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, entry: str) -> bool:
        return entry in self._runs

    def all(self) -> list[Run]:
        """The runs of this moment."""
        with self._changed:
            return list(self._runs.values())

    def add(self, run: Run) -> None:
        with self._changed:
            self._runs[run.entry] = run

    def remove(self, run: Run) -> None:
        with self._changed:
            self._runs.pop(run.entry, None)
            self._changed.notify_all()

    def wait_for_places(self, timeout_s: float) -> int:
        """How many more jobs fit; waits for the first one."""
        return self._wait(lambda: self._places - len(self._runs), timeout_s)

    def wait_until_empty(self, timeout_s: float) -> bool:
        """Whether all have ended within the time."""
        return bool(self._wait(lambda: int(not self._runs), timeout_s))

    def _wait(self, ready: Callable[[], int], timeout_s: float) -> int:
        with self._changed:
            return max(0, self._changed.wait_for(ready, timeout_s))
