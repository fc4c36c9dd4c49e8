"""Duration and token usage of recent runs, by job type and model."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from loresmith.jobs.core.settings.providers import LIST_SEPARATOR
from loresmith.jobs.statistics.durations import DurationEstimate, estimate_duration
from loresmith.jobs.statistics.token_usage import TokenUsageModel, UsageSample, fit
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.types.registry import JOB_TYPES

MAX_AGE_S = 5.0
MAX_ENTRIES = 1_000
"""Pairs of job type and model. Clients name models, so their number is not bounded."""


@dataclass(frozen=True)
class CacheEntry:
    duration: DurationEstimate
    token_usage: TokenUsageModel
    until: float


class RunStatistics:
    """Caches the statistics for a few seconds, so that creating a job does not read them."""

    def __init__(
        self, pipeline: PipelineBatcher, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pipeline = pipeline
        self._clock = clock
        self._entries: dict[tuple[str, str | None], CacheEntry] = {}

    async def duration(self, job_type: str, model: str | None) -> DurationEstimate:
        """Returns the duration of recent runs, or the declared one while there are few."""
        return (await self._entry(job_type, model)).duration

    async def token_usage(self, job_type: str, model: str | None) -> TokenUsageModel:
        """Returns the token usage of recent runs."""
        return (await self._entry(job_type, model)).token_usage

    async def _entry(self, job_type: str, models: str | None) -> CacheEntry:
        """A list of models counts as its first one."""
        model = models and models.partition(LIST_SEPARATOR)[0]
        entry = self._entries.get((job_type, model))
        if entry and entry.until > self._clock():
            return entry
        return await self._read(job_type, model)

    async def _read(self, job_type: str, model: str | None) -> CacheEntry:
        runs, lengths = await asyncio.gather(
            self._list(keys.durations(job_type, model or "")),
            self._list(keys.token_usage(job_type, model or "")),
        )
        entry = CacheEntry(
            estimate_duration([float(run) for run in runs], JOB_TYPES[job_type].expected_s),
            fit([UsageSample.parse(each) for each in lengths]),
            self._clock() + MAX_AGE_S,
        )
        if len(self._entries) >= MAX_ENTRIES:
            self._entries.clear()
        self._entries[job_type, model] = entry
        return entry

    async def _list(self, key: str) -> list[str]:
        items: list[str] = await self._pipeline.execute("LRANGE", key, 0, -1)
        return items
