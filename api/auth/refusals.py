"""Counts the refused accesses of each actor to a route, so that they do not flood the audit."""

import time
from collections import OrderedDict
from collections.abc import Callable

WINDOW_S = 60.0
MAX_ACTORS = 1_000


class RefusalCounter:
    """One route in this process. The first refusal of an actor counts at once; those of the next
    minute count with the first one after it.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """When the window of an actor ends, and its unrecorded refusals; the oldest first."""

    def count(self, actor: str) -> int:
        """Counts a refusal. Returns how many to record now; 0 within a window."""
        now = self._clock()
        end, waiting = self._windows.get(actor, (0.0, 0))
        if now < end:
            self._windows[actor] = (end, waiting + 1)
            return 0
        self._windows.pop(actor, None)
        self._windows[actor] = (now + WINDOW_S, 0)
        if len(self._windows) > MAX_ACTORS:
            self._windows.popitem(last=False)
        return waiting + 1
