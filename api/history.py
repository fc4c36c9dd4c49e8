"""How long jobs of a kind on a model took lately, which is how long the next one is expected to."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.batching import Batch
from jobs import keys
from jobs.kinds import KINDS

ENOUGH_RUNS = 5
FRESH_S = 5.0
MOST_REMEMBERED = 1_000
"""Kind and model pairs; models are named by clients, so there is no natural end to them."""


@dataclass(frozen=True)
class Remembered:
    expected_s: float
    until: float


class History:
    """Remembers for a few seconds, so that it costs a create nothing."""

    def __init__(self, batch: Batch, clock: Callable[[], float] = time.monotonic) -> None:
        self._batch = batch
        self._clock = clock
        self._remembered: dict[tuple[str, str | None], Remembered] = {}

    async def expected_s(self, kind: str, model: str | None) -> float:
        """Seconds: the median of the last runs, or the kind's own figure while they are few."""
        known = self._remembered.get((kind, model))
        if known and known.until > self._clock():
            return known.expected_s
        return await self._learn(kind, model)

    async def _learn(self, kind: str, model: str | None) -> float:
        runs = await self._batch.execute("LRANGE", keys.durations(kind, model or ""), 0, -1)
        seconds = [float(run) for run in runs]
        few = len(seconds) < ENOUGH_RUNS
        expected_s = KINDS[kind].expected_s if few else round(statistics.median(seconds), 1)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[kind, model] = Remembered(expected_s, self._clock() + FRESH_S)
        return expected_s
