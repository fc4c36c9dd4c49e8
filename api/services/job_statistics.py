"""Statistics of the jobs that can still be read: counts, times, costs."""

import asyncio
import statistics
from collections.abc import Sequence
from typing import Any, TypeVar

from loresmith.api.services.job_query import JobQuery
from loresmith.api.services.job_store import JobStore
from loresmith.jobs.core.damaged_record import check_numbers, intact
from loresmith.jobs.costs.money import MICROS
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher

MAX_SAMPLE = 1_000
"""Ended jobs, the latest first, that times and costs are computed from."""
SAMPLED_FIELDS = (
    *("id", "type", "status", "created_ms", "started_ms", "completed_ms"),
    *("worker_losses", "retries", "generation"),
    *("spent_micros", "estimate_micros", "unpriced"),
)
MS = 1000.0

EndedFields = dict[str, str | None]
N = TypeVar("N", int, float)


async def job_statistics(store: JobStore, pipeline: PipelineBatcher) -> dict[str, Any]:
    """Returns the JSON object of the statistics."""
    counts = await store.count(())
    jobs = await _ended_jobs(store, pipeline)
    finished = counts["completed"] + counts["failed"]
    first_runs = [job for job in jobs if job["generation"] in (None, "0")]
    recovered = [job for job in jobs if int(job["worker_losses"] or 0) or int(job["retries"] or 0)]
    return {
        "counts": counts,
        "success_rate": counts["completed"] / finished if finished else None,
        "waiting_s": _quantiles(_durations_s(first_runs, "created_ms", "started_ms")),
        "running_s": _quantiles(_durations_s(jobs, "started_ms", "completed_ms")),
        "by_type": _by_type(jobs),
        "recovered": {"jobs": len(recovered), "completed": _completed(recovered)},
        "cost": _cost(jobs),
        "estimate_error": _estimate_error(jobs),
        "sample": len(jobs),
    }


async def _ended_jobs(store: JobStore, pipeline: PipelineBatcher) -> list[EndedFields]:
    page = await store.find_ids(JobQuery(source=keys.ENDED, limit=MAX_SAMPLE))
    rows = await asyncio.gather(
        *(pipeline.execute("HMGET", keys.job(job_id), *SAMPLED_FIELDS) for job_id in page.ids)
    )
    return intact(rows, _fields)


def _fields(row: Sequence[str | None]) -> EndedFields:
    """Raises DamagedRecord."""
    fields = dict(zip(SAMPLED_FIELDS, row, strict=True))
    check_numbers(fields["id"] or "(without id)", fields)
    return fields


def _completed(jobs: Sequence[EndedFields]) -> int:
    return sum(job["status"] == "completed" for job in jobs)


def _durations_s(jobs: Sequence[EndedFields], start: str, end: str) -> list[float]:
    return [
        (int(job[end] or 0) - int(job[start] or 0)) / MS for job in jobs if job[start] and job[end]
    ]


def _priced(jobs: Sequence[EndedFields]) -> list[EndedFields]:
    """Returns the jobs whose cost is known in full."""
    return [job for job in jobs if job["spent_micros"] and not int(job["unpriced"] or 0)]


def _cost(jobs: Sequence[EndedFields]) -> dict[str, float] | None:
    costs = sorted(int(job["spent_micros"] or 0) for job in _priced(jobs))
    if not costs:
        return None
    p50, p90 = _p50_p90(costs)
    return {"total": sum(costs) / MICROS, "p50": p50 / MICROS, "p90": p90 / MICROS}


def _estimate_error(jobs: Sequence[EndedFields]) -> dict[str, float] | None:
    costs = [
        (int(job["spent_micros"] or 0), int(job["estimate_micros"] or 0)) for job in _priced(jobs)
    ]
    errors = sorted(abs(spent / estimate - 1) for spent, estimate in costs if spent and estimate)
    if not errors:
        return None
    p50, p90 = _p50_p90(errors)
    return {"p50": round(p50, 3), "p90": round(p90, 3), "sample": len(errors)}


def _p50_p90(ordered: Sequence[N]) -> tuple[N, N]:
    return ordered[int(len(ordered) * 0.5)], ordered[int(len(ordered) * 0.9)]


def _quantiles(seconds: Sequence[float]) -> dict[str, float] | None:
    if len(seconds) < 2:
        return None
    percentiles = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"p{n}": round(percentiles[n - 1], 3) for n in (50, 90, 99)}


def _by_type(jobs: Sequence[EndedFields]) -> dict[str, dict[str, Any]]:
    types = sorted({job["type"] or "" for job in jobs})
    return {name: _of_type([job for job in jobs if job["type"] == name]) for name in types}


def _of_type(jobs: Sequence[EndedFields]) -> dict[str, Any]:
    return {
        "ended": len(jobs),
        "completed": _completed(jobs),
        "running_s": _quantiles(_durations_s(jobs, "started_ms", "completed_ms")),
    }
