"""How long jobs take, and how long one that runs will take yet: a pure function of earlier runs.

The p90 is an order statistic: of n earlier runs the ceil(0.9 (n + 1))-th shortest. The next run of
the same distribution stays under it with a probability of 0.9 to 0.9 + 1 / (n + 1), whatever that
distribution is. A run that has lasted for a while is measured by those only that lasted longer.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

ENOUGH_RUNS = 5
AT_MOST = 1.5
"""How many times the expected time a job takes at most, nearly always, while its runs are few."""


ENOUGH_DONE = 0.2
"""A pace that is seen over less than this says nothing."""
SHORTEST_S = 0.1
STANDARD = NormalDist()
NEVER = 1e-9
"""A chance too small to reckon with."""


@dataclass(frozen=True)
class Usual:
    """What a job of a kind on a model takes, in seconds: half of them less than p50, nine of ten
    less than p90.
    """

    p50: float
    p90: float
    runs: tuple[float, ...] = ()
    """The earlier runs that say so, the shortest first; none while they are few."""


@dataclass(frozen=True)
class Left:
    """Seconds that a job has yet: half of such jobs less than p50, nine of ten less than p90."""

    p50: float
    p90: float


def usual(runs: Sequence[float], declared_s: float) -> Usual:
    """From the seconds of earlier runs, or from the kind's own figure while they are few."""
    if len(runs) < ENOUGH_RUNS:
        return Usual(declared_s, declared_s * AT_MOST)
    ranked = sorted(max(round(run, 1), SHORTEST_S) for run in runs)
    p50 = statistics.median(ranked)
    return Usual(round(p50, 1), round(max(_ninth(ranked), p50 + 0.1), 1), tuple(ranked))


def left(usual: Usual, elapsed_s: float, share: float = 0.0) -> Left | None:
    """What a job has yet that runs for `elapsed_s`; None when it is overdue. `share`: how much of
    it is seen to be done; while there are no runs to go by, it goes on at this pace.
    """
    if elapsed_s >= usual.p90:
        return None
    if not usual.runs and share >= ENOUGH_DONE:
        yet = elapsed_s * (1 - share) / share
        return Left(round(yet, 1), round(yet * AT_MOST, 1))
    longer = [run for run in usual.runs if run > elapsed_s]
    ends = (statistics.median(longer), _ninth(longer)) if longer else _guessed(usual, elapsed_s)
    return Left(*(round(end - elapsed_s, 1) for end in ends))


def _ninth(ranked: Sequence[float]) -> float:
    """What nine of ten stay under."""
    place = min(math.ceil(0.9 * (len(ranked) + 1)), len(ranked))
    return ranked[place - 1]


def _guessed(usual: Usual, elapsed_s: float) -> tuple[float, float]:
    """When a job ends without runs to compare it with, as if such runs were log-normal."""
    spread = math.log(usual.p90 / usual.p50) / STANDARD.inv_cdf(0.9)
    if not spread or not elapsed_s:
        return usual.p50, usual.p90
    still = max(1 - STANDARD.cdf(math.log(elapsed_s / usual.p50) / spread), NEVER)
    p50, p90 = (
        usual.p50 * math.exp(spread * STANDARD.inv_cdf(1 - chance * still)) for chance in (0.5, 0.1)
    )
    return p50, p90
