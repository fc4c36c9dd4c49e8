"""How long jobs of a kind on a model took lately, which is how long the next one is expected to."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from api.batching import Batch
from jobs import keys
from jobs.eta import Usual, usual
from jobs.kinds import KINDS

FRESH_S = 5.0
MOST_REMEMBERED = 1_000
"""Kind and model pairs; models are named by clients, so there is no natural end to them."""


@dataclass(frozen=True)
class Remembered:
    usual: Usual
    until: float


class History:
    """Remembers for a few seconds, so that it costs a create nothing."""

    def __init__(self, batch: Batch, clock: Callable[[], float] = time.monotonic) -> None:
        self._batch = batch
        self._clock = clock
        self._remembered: dict[tuple[str, str | None], Remembered] = {}

    async def usual(self, kind: str, model: str | None) -> Usual:
        """From the last runs, or the kind's own figure while they are few."""
        known = self._remembered.get((kind, model))
        if known and known.until > self._clock():
            return known.usual
        return await self._learn(kind, model)

    async def _learn(self, kind: str, model: str | None) -> Usual:
        runs = await self._batch.execute("LRANGE", keys.durations(kind, model or ""), 0, -1)
        found = usual([float(run) for run in runs], KINDS[kind].expected_s)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[kind, model] = Remembered(found, self._clock() + FRESH_S)
        return found
