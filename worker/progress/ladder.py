"""The pace of the progress ladder, which rises from 20 to 79 while a job runs; pure functions.

The ladder rises one step each expected/60. Measured work bends its pace: no step lasts longer than
`max_plateau_s`, and none is skipped unless the work is measured to be faster than expected.
"""

import math
from dataclasses import dataclass

from loresmith.jobs.core.status import Progress

BOTTOM, TOP = Progress.CALLING, Progress.LAST_TICK + 1
"""The ladder ends just below TOP, at 79."""
MIN_EXPECTED_S = 0.001
"""Prevents a division by zero."""
UPDATE_INTERVAL_S = 0.5
"""The progress is looked at, and written, about this often."""
MIN_PLATEAU_LIMIT_S = 3.0
UPDATE_MARGIN_S = 2 * UPDATE_INTERVAL_S
"""How much longer a step may look to a client than it lasts: it is written and polled later."""
PRIOR_SHARE = 0.5
"""The weight of the expected duration against the measured one, as a share of the work."""
FASTER = 0.8
"""Work that will need less than this share of its expected time may skip steps."""
MAX_SPEEDUP = 2.0
ROUNDING = 1e-6
"""Prevents that binary fractions miss a step."""


@dataclass(frozen=True)
class Work:
    """The running step of a job."""

    end: float
    """Where on the ladder it ends."""
    expected_s: float
    elapsed_s: float
    share: float | None = None
    """The measured share that is done, 0 to 1; None when only the elapsed time can tell."""

    @property
    def projected_s(self) -> float:
        """The duration of the whole step, by what is done of it."""
        if self.share is None:
            return max(self.expected_s, self.elapsed_s)
        expected_s = max(self.expected_s, MIN_EXPECTED_S)
        return (PRIOR_SHARE * expected_s + self.elapsed_s) / (PRIOR_SHARE + self.share)

    @property
    def remaining_s(self) -> float:
        """The time until the step ends."""
        if self.share is None:
            return self.projected_s - self.elapsed_s
        return self.projected_s * (1 - self.share)

    @property
    def is_fast(self) -> bool:
        """Whether it is measured to be faster than expected."""
        return self.share is not None and self.projected_s < FASTER * self.expected_s


def max_plateau_s(expected_s: float) -> float:
    """Returns how long a client may see the same progress below 79 while the work goes on."""
    return max(MIN_PLATEAU_LIMIT_S, 1.5 * _step_s(expected_s))


def longest_step_s(expected_s: float) -> float:
    """Returns how long one step may last: a client sees it later, and for longer."""
    return max(_step_s(expected_s), max_plateau_s(expected_s) - UPDATE_MARGIN_S)


def advance(position: float, seconds: float, expected_s: float, work: Work) -> float:
    """Returns the position after `seconds` of work. `expected_s`: of the whole ladder."""
    step_s = _step_s(expected_s)
    risen = position + max(0.0, seconds) * _pace(position, seconds, expected_s, work)
    skips = work.is_fast or step_s < UPDATE_INTERVAL_S or seconds >= MIN_PLATEAU_LIMIT_S
    limit = TOP if skips else min(TOP, step_of(position) + 2)
    return min(risen, limit - 2 * ROUNDING)


def step_of(position: float) -> int:
    """Returns the progress that a position shows."""
    return math.floor(position + ROUNDING)


def _pace(position: float, seconds: float, expected_s: float, work: Work) -> float:
    """Returns the steps per second that lead to the end of the work on time, within limits."""
    step_s = _step_s(expected_s)
    slowest = 1 / longest_step_s(expected_s)
    fastest = max((MAX_SPEEDUP if work.is_fast else 1) / step_s, 1 / UPDATE_INTERVAL_S)
    if position >= work.end:
        return slowest
    on_time = (work.end - position) / max(work.remaining_s + seconds, MIN_EXPECTED_S)
    return max(slowest, min(on_time, fastest))


def _step_s(expected_s: float) -> float:
    """Returns how long one step lasts."""
    return max(expected_s, MIN_EXPECTED_S) / (TOP - BOTTOM)
