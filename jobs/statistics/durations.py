"""Estimates the duration and the remaining time of a job from earlier runs; pure functions.

The p90 is an order statistic: of n earlier runs the ceil(0.9 (n + 1))-th shortest. For any
distribution, the next run stays below it with a probability of 0.9 to 0.9 + 1 / (n + 1). The
remaining time follows the progress ladder; its p90 counts only runs longer than the elapsed time.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

ENOUGH_RUNS = 5
P90_FACTOR = 1.5
"""p90 divided by the expected duration, while there are few runs."""
MAX_P90_FACTOR = 2.0
"""By how much the longest runs may raise the p90: their gaps would make it jump."""
MIN_DURATION_S = 0.1
PRIOR_SHARE = 0.5
"""The weight of the expected duration against the pace so far, as a share of the job."""
MIN_REMAINING_SHARE = 1 / 15
"""The least remaining time, as a share of the expected duration."""
DELAY_GROWTH = 0.25
"""By how much the remaining time grows for each second that a job takes longer than expected."""


@dataclass(frozen=True)
class DurationEstimate:
    """Expected duration of a job of one type and model, in seconds."""

    p50: float
    p90: float
    runs: tuple[float, ...] = ()
    """Earlier runs, shortest first; empty while there are few."""

    @classmethod
    def of_record(cls, record: Mapping[str, str]) -> Self:
        """Reads the estimate of a job's record, with the runs before its present attempt."""
        p50 = float(record["expected_s"])
        runs = tuple(float(run) for run in record.get("recent_durations_s", "").split())
        enough = runs if len(runs) >= ENOUGH_RUNS else ()
        return cls(p50, float(record.get("p90_s") or p50 * P90_FACTOR), enough)

    def fields(self) -> dict[str, Any]:
        """Returns the fields of a job's record that hold the estimate."""
        is_usual = self.p90 == self.p50 * P90_FACTOR
        return {"expected_s": self.p50, "p90_s": None if is_usual else self.p90}


@dataclass(frozen=True)
class RemainingTime:
    """Remaining seconds of a job."""

    p50: float
    p90: float


def estimate_duration(runs: Sequence[float], declared_s: float) -> DurationEstimate:
    """Estimates from earlier runs, or from the declared duration while there are few."""
    if len(runs) < ENOUGH_RUNS:
        return DurationEstimate(declared_s, declared_s * P90_FACTOR)
    ranked = sorted(max(round(run, 1), MIN_DURATION_S) for run in runs)
    p50 = statistics.median(ranked)
    return DurationEstimate(round(p50, 1), round(max(_p90(ranked), p50 + 0.1), 1), tuple(ranked))


def remaining_time(
    estimate: DurationEstimate, elapsed_s: float, share: float = 0.0, *, is_resumed: bool = False
) -> RemainingTime | None:
    """Returns the remaining time of a job after `elapsed_s`; None if it is overdue.

    `share` is the part of the progress ladder that the job has climbed. The ladder never jumps, so
    the remaining time does not either. `is_resumed`: earlier attempts climbed a part of it.
    """
    if elapsed_s >= estimate.p90:
        return None
    pace = (PRIOR_SHARE * estimate.p50 + elapsed_s) / (PRIOR_SHARE + share)
    whole_s = estimate.p50 if is_resumed else pace
    remaining_s = max(whole_s * (1 - share), estimate.p50 * MIN_REMAINING_SHARE)
    p50 = remaining_s + DELAY_GROWTH * max(0.0, elapsed_s - estimate.p50)
    p90 = p50 * P90_FACTOR
    if longer := [run for run in estimate.runs if run > elapsed_s]:
        smooth = max(p90, estimate.p90 - elapsed_s)
        p90 = min(max(p50, _p90(longer) - elapsed_s), smooth * MAX_P90_FACTOR)
    return RemainingTime(round(p50, 1), round(p90, 1))


def _p90(ranked: Sequence[float]) -> float:
    """Returns the value that nine of ten stay below."""
    place = min(math.ceil(0.9 * (len(ranked) + 1)), len(ranked))
    return ranked[place - 1]
