"""Counts failed authentications of each address, in this process."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MAX_FAILURES = 10
"""Failures of one address within WINDOW_S; every further one is answered with 429."""
WINDOW_S = 60.0
MAX_ADDRESSES = 10_000


class FailureLimit:
    """A window for each address, which begins with its first failure."""

    def __init__(
        self, limit: int = MAX_FAILURES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit = limit
        self._clock = clock
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()
        """When the window of an address ends, and its failures; the oldest first."""

    def count(self, address: str) -> int:
        """Counts a failure. Returns the seconds left of the window when there are too many."""
        now = self._clock()
        end, failures = self._windows.get(address, (0.0, 0))
        if end <= now:
            self._windows.pop(address, None)
            end, failures = now + WINDOW_S, 0
        self._windows[address] = (end, failures + 1)
        if len(self._windows) > MAX_ADDRESSES:
            self._windows.popitem(last=False)
        return math.ceil(end - now) if failures >= self.limit else 0

    def seconds_left(self, address: str) -> int:
        """Returns the same without a failure."""
        end, failures = self._windows.get(address, (0.0, 0))
        return max(0, math.ceil(end - self._clock())) if failures >= self.limit else 0
