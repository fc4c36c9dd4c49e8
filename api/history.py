"""What jobs of a kind on a model took lately, in time and tokens: the next one is expected to."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from api.batching import Batch
from jobs import keys
from jobs.eta import Usual, usual
from jobs.habits import Amounts, Habits, learnt
from jobs.kinds import KINDS

FRESH_S = 5.0
MOST_REMEMBERED = 1_000
"""Kind and model pairs; models are named by clients, so there is no natural end to them."""


@dataclass(frozen=True)
class Remembered:
    usual: Usual
    habits: Habits
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

    async def habits(self, kind: str, model: str | None) -> Habits:
        """How long its requests and answers are."""
        return (await self._known(kind, model)).habits

    async def _known(self, kind: str, model: str | None) -> Remembered:
        known = self._remembered.get((kind, model))
        if known and known.until > self._clock():
            return known
        return await self._learn(kind, model)

    async def _learn(self, kind: str, model: str | None) -> Remembered:
        runs, lengths = await asyncio.gather(
            self._list(keys.durations(kind, model or "")),
            self._list(keys.lengths(kind, model or "")),
        )
        known = Remembered(
            usual([float(run) for run in runs], KINDS[kind].expected_s),
            learnt([Amounts.parse(each) for each in lengths]),
            self._clock() + FRESH_S,
        )
        if len(self._remembered) >= MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[kind, model] = known
        return known

    async def _list(self, key: str) -> list[str]:
        found: list[str] = await self._batch.execute("LRANGE", key, 0, -1)
        return found
