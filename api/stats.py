"""What has happened lately, and making room: `GET /jobs/stats` and `POST /jobs/cleanup`."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from api.answers import JSON
from api.batching import Batch
from api.bodies import fit, parse, read, require_json
from api.jobs import BODY_PROBLEMS
from api.operation import Answer, operation
from api.query import Query
from api.requests import Cleanup
from api.store import Store
from jobs import keys
from jobs.cost import MICROS

SAMPLE = 1_000
"""Ended jobs, the latest first, that the times are taken from."""
MOST_DELETED = 1_000
"""Jobs that one cleanup deletes; then it says that more fit."""
TIMES = ("created_ms", "started_ms", "completed_ms", "status", "type", "lost", "retries")
MONEY = ("spent_micros", "estimate_micros", "unpriced")
MS = 1000.0

N = TypeVar("N", int, float)


class Stats:
    """The routes about jobs as a whole."""

    def __init__(self, store: Store, batch: Batch, max_body: int) -> None:
        self._store = store
        self._batch = batch
        self._max_body = max_body

    @operation(
        "What has happened lately",
        {200: Answer("Figures of the jobs that can still be read.", "Stats")},
        problems=("temporary-reduced-capacity",),
    )
    async def stats(self, request: Request) -> Response:
        """Counts are of all jobs that can be read: those under way, and those that ended in the
        last 24 hours. Times are those of the latest thousand that ended.
        """
        counts = await self._store.count(())
        ended = await self._ended(Query(source=keys.ENDED, limit=SAMPLE))
        done = counts["completed"] + counts["failed"]
        lost = [job for job in ended if int(job["lost"] or 0) or int(job["retries"] or 0)]
        return JSON(
            {
                "counts": counts,
                "success_rate": counts["completed"] / done if done else None,
                "waiting_s": _quantiles(_between(ended, "created_ms", "started_ms")),
                "running_s": _quantiles(_between(ended, "started_ms", "completed_ms")),
                "by_type": _by_type(ended),
                "recovered": {
                    "jobs": len(lost),
                    "completed": sum(job["status"] == "completed" for job in lost),
                },
                "cost": _cost(ended),
                "estimate_error": _estimate_error(ended),
                "sample": len(ended),
            }
        )

    @operation(
        "Delete jobs that have ended",
        {200: Answer("What fitted, and what was deleted.", "CleanedUp")},
        problems=(*BODY_PROBLEMS, "temporary-reduced-capacity"),
        body="Cleanup",
        example={"older_than_s": 3600, "status": ["completed"], "dry_run": True},
    )
    async def cleanup(self, request: Request) -> Response:
        """Never one that has not ended. Jobs go by themselves 24 hours after their end; this is for
        those who want them gone sooner. `dry_run` deletes nothing and says what would go.
        """
        require_json(request)
        body = await read(request, self._max_body)
        asked = fit(Cleanup, body, parse(body))
        wanted = Query(
            source=keys.ENDED,
            falling=False,
            statuses=tuple(asked.status),
            before_ms=int((time.time() - asked.older_than_s) * MS) + keys.RETENTION_MS,
            limit=MOST_DELETED,
        )
        page = await self._store.find_ids(wanted)
        outcomes: Counter[str] = Counter()
        if not asked.dry_run:
            outcomes.update(await asyncio.gather(*(self._store.delete(one) for one in page.ids)))
        return JSON(
            {
                "matched": len(page.ids),
                "deleted": outcomes["ok"],
                "more": bool(page.last[1]),
                "dry_run": asked.dry_run,
            }
        )

    async def _ended(self, wanted: Query) -> list[dict[str, str | None]]:
        page = await self._store.find_ids(wanted)
        names = (*TIMES, *MONEY)
        read = (self._batch.execute("HMGET", keys.job(one), *names) for one in page.ids)
        return [dict(zip(names, told, strict=True)) for told in await asyncio.gather(*read)]


def _between(jobs: Sequence[dict[str, str | None]], begin: str, end: str) -> list[float]:
    return [
        (int(job[end] or 0) - int(job[begin] or 0)) / MS for job in jobs if job[begin] and job[end]
    ]


def _priced(jobs: Sequence[dict[str, str | None]]) -> list[dict[str, str | None]]:
    """Those of which all is known that they cost."""
    return [job for job in jobs if job["spent_micros"] and not int(job["unpriced"] or 0)]


def _cost(jobs: Sequence[dict[str, str | None]]) -> dict[str, float] | None:
    spent = sorted(int(job["spent_micros"] or 0) for job in _priced(jobs))
    if not spent:
        return None
    p50, p90 = _ranks(spent)
    return {"total": sum(spent) / MICROS, "p50": p50 / MICROS, "p90": p90 / MICROS}


def _estimate_error(jobs: Sequence[dict[str, str | None]]) -> dict[str, float] | None:
    costs = [
        (int(job["spent_micros"] or 0), int(job["estimate_micros"] or 0)) for job in _priced(jobs)
    ]
    off = sorted(abs(spent / guess - 1) for spent, guess in costs if spent and guess)
    if not off:
        return None
    p50, p90 = _ranks(off)
    return {"p50": round(p50, 3), "p90": round(p90, 3), "sample": len(off)}


def _ranks(ordered: Sequence[N]) -> tuple[N, N]:
    """Which of them half stay below, and which nine of ten."""
    return ordered[int(len(ordered) * 0.5)], ordered[int(len(ordered) * 0.9)]


def _quantiles(seconds: Sequence[float]) -> dict[str, float] | None:
    if len(seconds) < 2:
        return None
    ranks = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50": round(ranks[49], 3), "p90": round(ranks[89], 3), "p99": round(ranks[98], 3)}


def _by_type(jobs: Sequence[dict[str, str | None]]) -> dict[str, dict[str, Any]]:
    types = sorted({job["type"] or "" for job in jobs})
    return {name: _of_type([job for job in jobs if job["type"] == name]) for name in types}


def _of_type(jobs: Sequence[dict[str, str | None]]) -> dict[str, Any]:
    return {
        "ended": len(jobs),
        "completed": sum(job["status"] == "completed" for job in jobs),
        "running_s": _quantiles(_between(jobs, "started_ms", "completed_ms")),
    }
