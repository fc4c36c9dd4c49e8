"""How long jobs take, and how long one that runs will take yet: a pure function of earlier runs.

The p90 is an order statistic: of n earlier runs the ceil(0.9 (n + 1))-th shortest. The next run of
the same distribution stays under it with a probability of 0.9 to 0.9 + 1 / (n + 1), whatever that
distribution is.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH_RUNS = 5
AT_MOST = 1.5
"""How many times the expected time a job takes at most, nearly always, while its runs are few."""


@dataclass(frozen=True)
class Usual:
    """What a job of a kind on a model takes, in seconds: half of them less than p50, nine of ten
    less than p90.
    """

    p50: float
    p90: float


def usual(runs: Sequence[float], declared_s: float) -> Usual:
    """From the seconds of earlier runs, or from the kind's own figure while they are few."""
    if len(runs) < ENOUGH_RUNS:
        return Usual(declared_s, declared_s * AT_MOST)
    ranked = sorted(runs)
    place = min(math.ceil(0.9 * (len(ranked) + 1)), len(ranked))
    p50 = statistics.median(ranked)
    return Usual(round(p50, 1), round(max(ranked[place - 1], p50 + 0.1), 1))


def left(usual: Usual, elapsed_s: float) -> Usual | None:
    """Seconds that a job has yet which runs for `elapsed_s`; None when it is overdue."""
    p90 = usual.p90 - elapsed_s
    if p90 <= 0:
        return None
    return Usual(round(max(usual.p50 - elapsed_s, p90 / 2), 1), round(p90, 1))
