"""Events of all jobs that a client has missed are read in pages."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from fakeredis import FakeAsyncRedis

from loresmith.api.events.backlog import PAGE_SIZE, EventLog, EventsMissing
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher


class CountingPipeline(PipelineBatcher):
    """Notes the number of entries that each command returns."""

    def __init__(self, redis: Any) -> None:
        super().__init__(redis)
        self.redis = redis
        self.read: list[int] = []

    async def execute(self, *command: Any, acknowledged: bool = False) -> Any:
        reply = await super().execute(*command, acknowledged=acknowledged)
        self.read.append(len(reply))
        return reply


def ids_since(
    known: str, stored: int, between: Callable[[Any], Any] | None = None
) -> tuple[list[str], list[int]]:
    """Returns the ids that follow one of so many stored entries, and the sizes of the replies;
    calls `between` after each page.
    """

    async def act() -> tuple[list[str], list[int]]:
        pipeline = CountingPipeline(FakeAsyncRedis(decode_responses=True))
        for number in range(1, stored + 1):
            await pipeline.redis.xadd(keys.UPDATES, {"job": "j"}, id=f"{number}-0")
        ids: list[str] = []
        async for entries in EventLog(pipeline).of_all_since(known):
            ids += [entry_id for entry_id, _ in entries]
            if between:
                await between(pipeline.redis)
        return ids, pipeline.read

    return asyncio.run(act())


@pytest.mark.parametrize("missed", [0, PAGE_SIZE - 1, PAGE_SIZE, 2 * PAGE_SIZE + 7])
def test_all_that_were_missed_come_in_pages(missed: int) -> None:
    ids, sizes = ids_since("5-0", missed + 5)

    assert ids == [f"{number}-0" for number in range(5, missed + 6)]
    assert max(sizes) <= PAGE_SIZE


@pytest.mark.parametrize("known", ["9-0", "4-1", "yesterday"])
def test_an_event_that_is_not_stored_is_told(known: str) -> None:
    with pytest.raises(EventsMissing):
        ids_since(known, 8)


def test_too_many_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loresmith.api.events.backlog.MAX_MISSED", 2 * PAGE_SIZE)

    assert len(ids_since("1-0", 2 * PAGE_SIZE - 1)[0]) == 2 * PAGE_SIZE - 1
    with pytest.raises(EventsMissing):
        ids_since("1-0", 2 * PAGE_SIZE)


def test_a_gap_that_trimming_made_between_two_pages_is_told() -> None:
    async def trim(redis: Any) -> None:
        await redis.xtrim(keys.UPDATES, minid=f"{PAGE_SIZE + 30}-0", approximate=False)

    with pytest.raises(EventsMissing):
        ids_since("1-0", PAGE_SIZE + 50, trim)
