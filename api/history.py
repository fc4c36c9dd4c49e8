"""How long jobs of a kind on a model took lately, which is how long the next one is expected to."""

import asyncio
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.batching import Batch
from jobs import keys
from jobs.estimate import DECLARED
from jobs.eta import ENOUGH_RUNS, Usual, usual
from jobs.kinds import KINDS

FRESH_S = 5.0
MOST_REMEMBERED = 1_000
"""Kind and model pairs; models are named by clients, so there is no natural end to them."""


@dataclass(frozen=True)
class Remembered:
    usual: Usual
    share: float
    """How much of its bound an answer fills."""
    until: float


class History:
    """Remembers for a few seconds, so that it costs a create nothing."""

    def __init__(self, batch: Batch, clock: Callable[[], float] = time.monotonic) -> None:
        self._batch = batch
        self._clock = clock
        self._remembered: dict[tuple[str, str | None], Remembered] = {}

    async def usual(self, kind: str, model: str | None) -> Usual:
        """From the last runs, or the kind's own figure while they are few."""
        return (await self._known(kind, model)).usual

    async def share(self, kind: str, model: str | None) -> float:
        """How much of its bound an answer fills: the median of the last runs, or the declared."""
        return (await self._known(kind, model)).share

    async def _known(self, kind: str, model: str | None) -> Remembered:
        known = self._remembered.get((kind, model))
        if known and known.until > self._clock():
            return known
        return await self._learn(kind, model)

    async def _learn(self, kind: str, model: str | None) -> Remembered:
        runs, fills = await asyncio.gather(
            self._numbers(keys.durations(kind, model or "")),
            self._numbers(keys.fills(kind, model or "")),
        )
        share = statistics.median(fills) / 1_000 if len(fills) >= ENOUGH_RUNS else DECLARED
        known = Remembered(usual(runs, KINDS[kind].expected_s), share, self._clock() + FRESH_S)
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[kind, model] = known
        return known

    async def _numbers(self, key: str) -> list[float]:
        return [float(each) for each in await self._batch.execute("LRANGE", key, 0, -1)]
