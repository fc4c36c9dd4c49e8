"""How long the requests and answers of a kind on a model usually are, learnt from its last runs.

An answer grows with what was asked for, and so does its bound, but a bound also has room that does
not grow. So answers are told from bounds by a straight line through the runs, the one of Theil and
Sen (the median of the slopes between all pairs), which a few strange runs do not move. Whether a
provider counts the schema of an answer as input is its own affair: that is learnt as a ratio.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from jobs.eta import ENOUGH_RUNS

DECLARED = 0.5
"""The share of its bound that an answer usually fills: bounds are made twice as large as that."""


@dataclass(frozen=True)
class Amounts:
    """Tokens of one run, all its calls together."""

    bound: int
    """The most that the answers might have had."""
    answered: int
    counted: int
    """Of the requests, as they were estimated; 0 where nobody did."""
    read: int
    """Of the requests, as the provider counted them."""

    def __str__(self) -> str:
        """As the list of the last runs has it."""
        return f"{self.bound} {self.answered} {self.counted} {self.read}"

    @classmethod
    def parse(cls, text: str) -> "Amounts":
        """Raises ValueError."""
        bound, answered, counted, read = map(int, text.split())
        return cls(bound, answered, counted, read)


@dataclass(frozen=True)
class Habits:
    """What to expect of the next run."""

    usual: float = DECLARED
    """The share of its bound that an answer fills, whatever the bound."""
    slope: float = DECLARED
    rest: float = 0.0
    """Of the line: tokens of an answer = slope · tokens of its bound + rest."""
    input: float = 1.0
    """By how much a provider's count of a request is more than ours."""

    def share(self, bound: int) -> float:
        """How much of such a bound the answers fill, from 0 to 1."""
        return min(1.0, max(0.0, self.slope + self.rest / bound)) if bound else self.usual


def learnt(runs: Sequence[Amounts]) -> Habits:
    """From the last runs, or as declared while they are few."""
    runs = [run for run in runs if run.bound > 0]
    if len(runs) < ENOUGH_RUNS:
        return Habits()
    usual = statistics.median(min(1.0, run.answered / run.bound) for run in runs)
    ratios = [run.read / run.counted for run in runs if run.counted and run.read]
    slopes = [
        (one.answered - other.answered) / (one.bound - other.bound)
        for one, other in combinations(runs, 2)
        if one.bound != other.bound
    ]
    slope, rest = usual, 0.0
    if slopes and (steep := statistics.median(slopes)) > 0:
        slope, rest = steep, statistics.median(run.answered - steep * run.bound for run in runs)
    input = statistics.median(ratios) if len(ratios) >= ENOUGH_RUNS else 1.0
    return Habits(usual, slope, rest, input)
