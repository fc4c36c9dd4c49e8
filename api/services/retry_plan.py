"""Plans the retry of a job: which steps are cached, and which would run again."""

from typing import Any

from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import Status
from loresmith.jobs.store import keys
from loresmith.jobs.store.pipeline import PipelineBatcher
from loresmith.jobs.types.registry import JOB_TYPES

RETRYABLE = (Status.FAILED, Status.CANCELLED)
IN_DOUBT = ("unknown", "intent")
"""States of a call that may have been bought, once its job has ended."""


async def retry_plan(pipeline: PipelineBatcher, record: Record) -> dict[str, Any]:
    """Returns the plan without its cost. Raises StoreUnavailable."""
    rows = await _rows(pipeline, record["id"])
    cached = set(await pipeline.execute("HKEYS", keys.steps(record["id"])))
    cached |= {_step(call_id) for call_id, row in rows.items() if _is_usable(row)}
    job_type = JOB_TYPES.get(record["type"])
    names = [step.name for step in job_type.steps] if job_type else []
    in_doubt = IN_DOUBT if record["status"] in RETRYABLE else IN_DOUBT[:1]
    doubtful = [
        call_id
        for call_id, row in rows.items()
        if row[0] in in_doubt and _step(call_id) not in cached
    ]
    return {
        "id": record["id"],
        "attempt": int(record["attempt"]),
        "allowed": record["status"] in RETRYABLE,
        "cached_steps": [name for name in names if name in cached],
        "steps_to_run": [name for name in names if name not in cached],
        "possibly_duplicate_charges": doubtful,
    }


async def _rows(pipeline: PipelineBatcher, job_id: str) -> dict[str, list[str | None]]:
    """Returns the state and usability of each call of the job."""
    call_ids = sorted(await pipeline.execute("SMEMBERS", keys.calls(job_id)))
    return {
        call_id: await pipeline.execute("HMGET", keys.call(call_id), "state", "usable")
        for call_id in call_ids
    }


def _step(call_id: str) -> str:
    """Returns the step of a call id (job/step/generation); a repair belongs to its step."""
    return call_id.split("/")[1].removesuffix("~repair")


def _is_usable(row: list[str | None]) -> bool:
    return row[0] == "done" and row[1] != "0"
