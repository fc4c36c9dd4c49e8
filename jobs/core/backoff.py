"""Exponential backoff, for every loop that tries again."""

import random
from dataclasses import dataclass

MAX_EXPONENT = 30


@dataclass
class Backoff:
    """Delays that double from `min_s` up to `max_s`; chance takes off up to a `jitter` share."""

    min_s: float
    max_s: float
    jitter: float = 0.5
    attempts: int = 0
    """Delays since the start or the last reset."""

    def delay_s(self, attempt: int) -> float:
        """Returns the delay after a failed attempt, counted from 0."""
        delay = min(self.max_s, self.min_s * 2.0 ** min(attempt, MAX_EXPONENT))
        return delay * (1 - random.uniform(0, self.jitter))

    def next_s(self) -> float:
        """Returns the delay after the latest attempt, and counts it."""
        self.attempts += 1
        return self.delay_s(self.attempts - 1)

    def reset(self) -> None:
        """Starts with the shortest delay again."""
        self.attempts = 0
