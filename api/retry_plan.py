"""What a retry of a job would keep, and what it would buy: asked before anything is bought."""

from typing import Any

from api.batching import Batch
from jobs import keys
from jobs.job import Record
from jobs.kinds import KINDS
from jobs.states import Status

RETRYABLE = (Status.FAILED, Status.CANCELLED)


async def retry_plan(batch: Batch, record: Record) -> dict[str, Any]:
    """The plan, as the model RetryPlan has it. Raises StoreAway."""
    rows = await _rows(batch, record["id"])
    kept = set(await batch.execute("HKEYS", keys.steps(record["id"])))
    kept |= {_step(call_id) for call_id, row in rows.items() if _replays(row)}
    names = [step.name for step in KINDS[record["type"]].steps]
    unknown = [call_id for call_id, row in rows.items() if _in_doubt(call_id, row, record)]
    return {
        "id": record["id"],
        "attempt": int(record["attempt"]),
        "allowed": record["status"] in RETRYABLE,
        "reused_steps": [name for name in names if name in kept],
        "will_buy": [name for name in names if name not in kept],
        "may_pay_again": unknown,
    }


async def _rows(batch: Batch, job_id: str) -> dict[str, list[str | None]]:
    """State, and whether it is usable, of each call of the job."""
    call_ids = sorted(await batch.execute("SMEMBERS", keys.calls(job_id)))
    return {
        call_id: await batch.execute("HMGET", keys.call(call_id), "state", "usable")
        for call_id in call_ids
    }


def _step(call_id: str) -> str:
    """job/step/generation → step; a repair is of the step that it mends."""
    return call_id.split("/")[1].removesuffix("~repair")


def _replays(row: list[str | None]) -> bool:
    return row[0] == "done" and row[1] != "0"


def _in_doubt(call_id: str, row: list[str | None], record: Record) -> bool:
    return row[0] == "unknown" and call_id.rsplit("/", 1)[1] == record.get("generation", "0")
