"""Erases the content of a user: jobs, cached responses, worlds and events. Bills stay."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from loresmith.api.http.problems import Problem
from loresmith.api.services.job_store import JobStore
from loresmith.archive import Archive
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

MAX_JOBS = 500
"""Jobs that one request erases; the response tells how many remain."""
PAGE_SIZE = 1_000
REASON = "The data of the user are erased."


@dataclass(frozen=True)
class ErasureOutcome:
    """What one request has erased, and what remains."""

    jobs: int
    cached_responses: int
    worlds: int
    remaining: int
    """Jobs that are still there, with the unfinished ones."""
    unfinished: int
    """Jobs that are being cancelled."""


class ErasureService:
    """Erases users. Repeating it is harmless: it goes on where it was."""

    def __init__(self, pipeline: PipelineBatcher, archive: Archive) -> None:
        self._pipeline = pipeline
        self._archive = archive

    async def erase(self, store: JobStore, user_id: str, *, cancel: bool) -> ErasureOutcome:
        """Erases a page of jobs, and all else. `cancel`: unfinished jobs first.

        Raises Problem while jobs are unfinished and not to be cancelled; StoreUnavailable,
        ArchiveError.
        """
        jobs, active = keys.by("user_id", user_id), keys.by("active_user_id", user_id)
        if unfinished := await self._first(active):
            if not cancel:
                raise _not_finished(await self._count(active))
            await asyncio.gather(*(store.cancel(each, "now", REASON) for each in unfinished))
        outcomes = Counter(await asyncio.gather(*map(store.delete, await self._first(jobs))))
        remaining = await self._count(jobs)
        if not remaining:
            await self._erase_events(user_id)
        return ErasureOutcome(
            jobs=outcomes["ok"],
            cached_responses=await self.erase_responses(user_id),
            worlds=await run_in_threadpool(self._erase_worlds, user_id),
            remaining=remaining,
            unfinished=await self._count(active),
        )

    async def _first(self, index: str) -> list[str]:
        return list(await self._pipeline.execute("ZRANGE", index, 0, MAX_JOBS - 1))

    async def _count(self, index: str) -> int:
        return int(await self._pipeline.execute("ZCARD", index))

    async def erase_responses(self, user_id: str) -> int:
        """Deletes the cached responses to the user's jobs; returns their number."""
        rank = erased = 0
        while True:
            deleted, examined = await self._pipeline.script(
                "calls/erase_responses", [keys.CACHED_RESPONSES], user_id, rank, PAGE_SIZE
            )
            erased, rank = erased + int(deleted), rank + int(examined) - int(deleted)
            if int(examined) < PAGE_SIZE:
                return erased

    async def _erase_events(self, user_id: str) -> None:
        """Removes the user's events from the stream of all jobs, which holds some minutes."""
        start = "-"
        while True:
            page = await self._pipeline.execute(
                "XRANGE", keys.UPDATES, start, "+", "COUNT", PAGE_SIZE
            )
            own = [entry for entry, fields in page if _is_of(fields, user_id)]
            if own:
                await self._pipeline.execute("XDEL", keys.UPDATES, *own)
            if len(page) < PAGE_SIZE:
                return
            start = f"({page[-1][0]}"

    def _erase_worlds(self, user_id: str) -> int:
        self._archive.prepare()
        return self._archive.worlds.delete_of(user_id)


def _is_of(fields: list[str], user_id: str) -> bool:
    return dict(zip(fields[::2], fields[1::2], strict=True)).get("user_id") == user_id


def _not_finished(number: int) -> Problem:
    jobs = "1 job has" if number == 1 else f"{number} jobs have"
    return Problem(
        "not-finished", f"{jobs} not ended. Wait for them, or add ?cancel=true to cancel them."
    )
