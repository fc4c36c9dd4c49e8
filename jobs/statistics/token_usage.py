"""Models the token usage of a job type on a model from its last runs.

Output length is fitted linearly on max output tokens by the Theil-Sen estimator (the median of the
slopes between all pairs), which outliers do not move. The ratio between the provider's count of
the input and ours is the median of past ratios.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from loresmith.jobs.statistics.durations import ENOUGH_RUNS

DECLARED = 0.5
"""Default share of max output tokens that a response has; limits are set twice as large."""


@dataclass(frozen=True)
class UsageSample:
    """Tokens of one run, all its calls together."""

    max_output_tokens: int
    output_tokens: int
    counted_tokens: int
    """Input tokens by our count; 0 without an estimate."""
    input_tokens: int
    """Input tokens by the provider's count."""

    def __str__(self) -> str:
        """Formats it for the list of the last runs."""
        numbers = (
            *(self.max_output_tokens, self.output_tokens),
            *(self.counted_tokens, self.input_tokens),
        )
        return " ".join(map(str, numbers))

    @classmethod
    def parse(cls, text: str) -> "UsageSample":
        """Parses an entry of that list. Raises ValueError."""
        limit, output, counted, input = map(int, text.split())
        return cls(limit, output, counted, input)


@dataclass(frozen=True)
class TokenUsageModel:
    """The expected token usage of the next run."""

    median_share: float = DECLARED
    """Median share of max output tokens, at any limit."""
    slope: float = DECLARED
    intercept: float = 0.0
    """Output tokens = slope · max output tokens + intercept."""
    input: float = 1.0
    """The provider's count of the input divided by ours."""

    def share(self, max_output_tokens: int) -> float:
        """Returns the expected share of a limit, from 0 to 1."""
        if not max_output_tokens:
            return self.median_share
        return min(1.0, max(0.0, self.slope + self.intercept / max_output_tokens))


def fit(runs: Sequence[UsageSample]) -> TokenUsageModel:
    """Fits the last runs; returns the defaults while there are few."""
    runs = [run for run in runs if run.max_output_tokens > 0]
    if len(runs) < ENOUGH_RUNS:
        return TokenUsageModel()
    median_share = statistics.median(
        min(1.0, run.output_tokens / run.max_output_tokens) for run in runs
    )
    ratios = [
        run.input_tokens / run.counted_tokens
        for run in runs
        if run.counted_tokens and run.input_tokens
    ]
    slopes = [
        (one.output_tokens - other.output_tokens)
        / (one.max_output_tokens - other.max_output_tokens)
        for one, other in combinations(runs, 2)
        if one.max_output_tokens != other.max_output_tokens
    ]
    slope, intercept = median_share, 0.0
    if slopes and (steep := statistics.median(slopes)) > 0:
        slope, intercept = (
            steep,
            statistics.median(run.output_tokens - steep * run.max_output_tokens for run in runs),
        )
    input = statistics.median(ratios) if len(ratios) >= ENOUGH_RUNS else 1.0
    return TokenUsageModel(median_share, slope, intercept, input)
