"""How long the answers of each recipe were lately, so that a text that grows says how far it is."""

import statistics
from collections import defaultdict, deque

REMEMBERED = 20
FEW = 3
"""Fewer answers than this say nothing."""


class Lengths:
    """Characters of the last answers, by recipe and model, for one entity of a list. In the memory
    of this worker: a new one guesses by time until it has seen a few.
    """

    def __init__(self) -> None:
        self._seen: defaultdict[tuple[str, str], deque[float]] = defaultdict(
            lambda: deque(maxlen=REMEMBERED)
        )

    def learn(self, recipe: str, model: str, characters: int, entities: int) -> None:
        """An answer came; `entities` is how many were asked for, 0 for no list."""
        if characters:
            self._seen[recipe, model].append(characters / (entities or 1))

    def expected(self, recipe: str, model: str, entities: int) -> int:
        """Characters that the next answer will have; 0 when nobody can say."""
        seen = list(self._seen.get((recipe, model), ()))
        return round(statistics.median(seen) * (entities or 1)) if len(seen) >= FEW else 0
