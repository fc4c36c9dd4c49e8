"""Deletes ended jobs before they expire."""

import asyncio
import time
from collections import Counter
from dataclasses import dataclass

from loresmith.api.schemas.requests import CleanupRequest
from loresmith.api.services.job_query import JobQuery
from loresmith.api.services.job_store import JobStore
from loresmith.jobs.store import keys

MAX_DELETED = 1_000
"""Jobs that one cleanup deletes; the response tells whether there are more."""


@dataclass(frozen=True)
class CleanupOutcome:
    """What a cleanup did, or would do."""

    ended_before_ms: int
    matched: dict[str, int]
    """Matching jobs by status."""
    deleted: int
    more: bool


async def clean_up(store: JobStore, request: CleanupRequest, *, dry_run: bool) -> CleanupOutcome:
    """Deletes what the request selects; a dry run only counts it."""
    before_ms = int((time.time() - request.older_than) * 1000)
    query = JobQuery(
        source=keys.ENDED,
        descending=False,
        statuses=tuple(sorted(request.statuses())),
        before_ms=before_ms,
        limit=MAX_DELETED,
    )
    page = await store.find_ids(query)
    matched = await store.count_statuses(page.ids)
    outcomes: Counter[str] = Counter()
    if not dry_run:
        outcomes.update(await asyncio.gather(*map(store.delete, page.ids)))
    return CleanupOutcome(before_ms, matched, outcomes["ok"], bool(page.last[1]))
