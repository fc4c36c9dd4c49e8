"""Remembers how long recent responses were, so that the length of a text shows its progress."""

import statistics
from collections import defaultdict, deque

MAX_SAMPLES = 20
MIN_SAMPLES = 3
"""With fewer samples there is no estimate."""


class TextLengthStats:
    """Characters per entity of the last responses, by spec and model.

    Held in memory only: a new worker estimates by time until it has enough samples.
    """

    def __init__(self) -> None:
        self._samples: defaultdict[tuple[str, str], deque[float]] = defaultdict(
            lambda: deque(maxlen=MAX_SAMPLES)
        )

    def add(self, spec: str, model: str, characters: int, entities: int) -> None:
        """Adds a response; `entities` is the number that was asked for, 0 for no list."""
        if characters:
            self._samples[spec, model].append(characters / (entities or 1))

    def expected(self, spec: str, model: str, entities: int) -> int:
        """Estimates the characters of the next response; 0 without an estimate."""
        samples = list(self._samples.get((spec, model), ()))
        if len(samples) < MIN_SAMPLES:
            return 0
        return round(statistics.median(samples) * (entities or 1))
