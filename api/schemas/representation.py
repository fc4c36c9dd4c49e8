"""A job as clients see it, built from its record in Redis."""

import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from loresmith.api.http.forwarded import client_path
from loresmith.jobs.core.damaged_record import read_intact
from loresmith.jobs.core.job_fields import ABSENT, INDEXED_FIELDS
from loresmith.jobs.core.job_record import Record, is_active
from loresmith.jobs.core.status import ACTIVE, WAITING_PHASES, Progress, Status
from loresmith.jobs.costs.money import cost
from loresmith.jobs.statistics.durations import DurationEstimate, remaining_time
from loresmith.jobs.types.registry import JOB_TYPES

WITHOUT_END = ("no_worker", "paused", "suspended")
"""Reasons to wait that a person ends."""

MAX_TITLE_LENGTH = 120
MAX_TITLE_SOURCE = 4_096
"""Characters of a payload that are read for its title."""
ACTORS = ("created_by", "cancelled_by", "retried_by")
LIVE_PARTIAL_RESULT = "live_partial_result"
"""What the present attempt has written, added to the record of an unfinished job. The text of an
earlier attempt is not shown."""


def represent_job(record: Record, *, reused: bool = False) -> dict[str, Any]:
    """Returns the JSON object of a job, the same for every route. Raises DamagedRecord.

    `reused`: the job existed before the request that created it.
    """
    name = f"job {record.get('id')}"
    return read_intact(name, lambda: _job(record) | {"reused": reused})


def _job(record: Record) -> dict[str, Any]:
    return {
        "id": record["id"],
        "type": record["type"],
        "status": record["status"],
        "progress": int(record["progress"]),
        "message": record["message"],
        "title": _title(record),
        "created_at": timestamp(record["created_ms"]),
        "phase": record.get("phase") or None,
        "progress_source": record["progress_source"],
        "progress_detail": _progress_detail(record),
        "updated_at": timestamp(record.get("updated_ms", record["created_ms"])),
        "started_at": timestamp(record.get("started_ms")),
        "completed_at": timestamp(record.get("completed_ms")),
        "expires_at": timestamp(record.get("expires_ms")),
        "version": int(record["version"]),
        "attempt": int(record["attempt"]),
        "retries": int(record.get("retries", 0)),
        "max_attempts": int(record.get("max_attempts", 1)),
        "waiting": _waiting(record),
        "next_try_at": timestamp(record.get("next_try_ms")),
        "result": _json(record, "result"),
        "partial_result": _json(
            record, LIVE_PARTIAL_RESULT if is_active(record) else "partial_result"
        ),
        "content_removed_at": timestamp(record.get("content_removed_ms")),
        **{name: record.get(name) for name in ACTORS},
        "cancel_reason": record.get("cancel_reason") or None,
        "error": record.get("error"),
        "error_detail": _json(record, "error_detail"),
        "usage": _json(record, "usage"),
        "cost": cost(record),
        **{name: record.get(name) for name in INDEXED_FIELDS},
        "priority": record.get("priority", ABSENT["priority"]),
        "related": _related(record),
        "tags": _json(record, "tags") or [],
        "metadata": _json(record, "metadata") or {},
        "seen_at": timestamp(record.get("seen_ms")),
        "reused": False,
        "links": links(record),
    }


def _title(record: Record) -> str | None:
    """Returns what the job is about; reads the start of a payload only, which may be long."""
    job_type, payload = JOB_TYPES.get(record["type"]), record.get("payload")
    if not (payload and job_type and job_type.title_of):
        return None
    start = from_json(payload[:MAX_TITLE_SOURCE], allow_partial="trailing-strings")
    words = job_type.title_of(start).split() if isinstance(start, dict) else []
    title = " ".join(words)
    is_long = len(title) > MAX_TITLE_LENGTH
    return f"{title[: MAX_TITLE_LENGTH - 1]}…" if is_long else title or None


@lru_cache(maxsize=1_000)
def timestamp(millis: str | None) -> str | None:
    """Formats milliseconds since 1970 as RFC 3339 in UTC; None for an absent time or 0."""
    if not millis or millis == "0":
        return None
    moment = datetime.fromtimestamp(int(millis) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def links(record: Record) -> dict[str, str]:
    """Returns the URLs of the actions that the job's status allows."""
    url = client_path(f"/jobs/{record['id']}")
    if record["status"] in ACTIVE:
        return {"self": url, "cancel": f"{url}/cancel"}
    if record["status"] in (Status.FAILED, Status.CANCELLED):
        return {"self": url, "retry": f"{url}/retry"}
    return {"self": url}


def _progress_detail(record: Record) -> dict[str, Any] | None:
    """Describes how far a running job is and its remaining time; None between two attempts."""
    if record["status"] != Status.PROCESSING or "attempt_started_ms" not in record:
        return None
    elapsed_s = max(0.0, time.time() - int(record["attempt_started_ms"]) / 1000)
    eta = remaining_time(
        DurationEstimate.of_record(record),
        elapsed_s,
        _climbed_share(record),
        is_resumed=record["attempt"] != "1",
    )
    job_type, step = JOB_TYPES.get(record["type"]), record.get("step")
    names = [each.name for each in job_type.steps] if job_type else []
    items_expected = int(record.get("items_expected", 0))
    return {
        "source": record["progress_source"],
        "step": step,
        "step_index": names.index(step) + 1 if step in names else None,
        "step_count": len(names) or None,
        "items_done": int(record["items_done"]) if items_expected else None,
        "items_expected": items_expected or None,
        "eta_s": {"p50": eta.p50, "p90": eta.p90} if eta else None,
        "overdue": eta is None,
        "last_activity_at": timestamp(record.get("updated_ms", record["created_ms"])),
    }


def _climbed_share(record: Record) -> float:
    """Returns the part of the progress ladder that is climbed, 0 to 1."""
    climbed = int(record["progress"]) - Progress.CALLING
    return min(1.0, max(0.0, climbed / (Progress.LAST_TICK + 1 - Progress.CALLING)))


def _waiting(record: Record) -> dict[str, Any] | None:
    """Returns what the job waits for, if `JobStore.with_queue_position` looked it up; else only
    what is away.
    """
    reason = record.get("waiting_reason", "")
    is_away = record["status"] in ACTIVE and record.get("phase") in WAITING_PHASES
    if is_away and reason in ("", "next_try", "recovering", "queued"):
        reason = record["phase"]
    if not reason:
        return None
    position = int(record.get("waiting_position", 0))
    return {
        "reason": reason,
        "position": position or None,
        "expected_start_in_s": _expected_start_in_s(record, position),
    }


def _expected_start_in_s(record: Record, position: int) -> float | None:
    """Estimates when the job starts: once what it waits for is over, and the jobs before it have
    had their usual time on as many slots as there are.
    """
    until_s, width = (
        int(record.get("waiting_until_ms", 0)) / 1000,
        int(record.get("waiting_width", 0)),
    )
    if record.get("waiting_reason") in WITHOUT_END or not (until_s or width):
        return None
    queue_s = (
        (position - 1) * float(record.get("expected_s", 0)) / width if position and width else 0
    )
    return round(max(until_s, queue_s), 1)


def _related(record: Record) -> dict[str, str] | None:
    if "related_type" not in record:
        return None
    return {"type": record["related_type"], "id": record["related_id"]}


def _json(record: Record, field: str) -> Any:
    text = record.get(field)
    return from_json(text) if text else None
