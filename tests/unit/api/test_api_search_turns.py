"""Text searches take turns in Redis, however many there are."""

import asyncio
from typing import Any

import pytest

from loresmith.api.services.admission import QueueLimits
from loresmith.api.services.job_query import JobQuery
from loresmith.api.services.job_store import JobStore, JobStores
from loresmith.jobs.core.principal import LOCAL

RUNS = 3
"""Runs that a page takes."""


class SlowPipeline:
    """Counts the runs that are in Redis at once."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.running = self.most = 0

    async def script(self, name: str, names: Any, *arguments: Any) -> list[Any]:
        self.running += 1
        self.most = max(self.most, self.running)
        await asyncio.sleep(0)
        self.running -= 1
        search = arguments[9].decode()
        self.ran.append(search)
        is_last = self.ran.count(search) >= RUNS
        return ["1", "j", 0 if is_last else 200, f"{search}{self.ran.count(search)}"]


@pytest.mark.parametrize(("words", "at_once"), [(("a", "b"), 1), (("", ""), 2)])
def test_one_search_at_a_time_has_a_run(words: tuple[str, ...], at_once: int) -> None:
    """Given two lists at once / I expect the runs of searches one after the other and in turn, and
    those of other lists together.
    """
    pipeline = SlowPipeline()
    stores = JobStores(pipeline, None, 1.0, "q", QueueLimits(1, 1))  # type: ignore[arg-type]

    async def act() -> None:
        await asyncio.gather(
            *(JobStore(stores, LOCAL).find_ids(JobQuery(search=word)) for word in words)
        )

    asyncio.run(act())

    assert pipeline.most == at_once
    if at_once == 1:
        assert pipeline.ran == ["a", "b"] * RUNS
