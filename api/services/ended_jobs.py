"""Ended jobs that Redis has forgotten, of which the archive knows the owner."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from loresmith.api.services.job_store import JobStore, SubmitOutcome
from loresmith.archive import Archive, ArchiveError
from loresmith.jobs.core.job_record import Submission
from loresmith.jobs.core.outage_log import ARCHIVE_OUTAGE

MAX_THREADS = 2
"""Threads that wait for the archive: few, because they may wait for seconds while it is away."""
TIMEOUT_S = 1.0


class EndedJobs:
    """Asks the archive for a job. Jobs do not depend on it: while it is away it knows none."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._threads = ThreadPoolExecutor(MAX_THREADS, "ended-jobs")

    async def taken(
        self, store: JobStore, job_id: str, slot: str, submission: Submission
    ) -> SubmitOutcome | None:
        """Returns the outcome of submitting a job with the id of an ended one, as Redis tells it of
        a job that it has; None if the id is free, or Redis knows it and will tell.

        The owner is refused too: the new job would replace the usage of the first one.
        """
        if await store.knows(job_id, slot):
            return None
        owner = await self._owner(job_id)
        if owner is None:
            return None
        reads = store.reads(owner) or submission.user_id == owner["user_id"]
        return SubmitOutcome("deleted" if reads else "foreign", job_id, {})

    async def _owner(self, job_id: str) -> Mapping[str, str] | None:
        """Returns `user_id` and `team_id` of an ended job; None if the archive knows no such job or
        does not answer in time.
        """
        loop = asyncio.get_running_loop()
        query = loop.run_in_executor(self._threads, self._archive.history.owner, job_id)
        try:
            return await asyncio.wait_for(query, TIMEOUT_S)
        except (ArchiveError, TimeoutError) as error:
            ARCHIVE_OUTAGE.failed(error)
            return None
