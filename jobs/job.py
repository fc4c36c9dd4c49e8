"""The record of a job: how it lies in Redis, and what a client sees of it.

The hash holds strings: texts, JSON texts (payload, options, result, partial_result, error_detail,
usage) and milliseconds since 1970 (`*_ms`). Scripts write it; this module reads it.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic_core import from_json, to_json

from jobs import keys
from jobs.cost import cost
from jobs.eta import AT_MOST, Usual, left
from jobs.kinds import KINDS
from jobs.states import ACTIVE, Message, Progress, ProgressSource, Status

SEEN = frozenset({ProgressSource.ITEMS, ProgressSource.TOKENS})
"""What moves the bar by more than the time."""

Record = Mapping[str, str]
"""What HGETALL answers for `job:{id}`, decoded."""


def new_id() -> str:
    """A UUID of version 7 (RFC 9562): 48 bits of ms, then random, so that ids sort by time."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    digits = f"{value:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def json_text(value: Any) -> str:
    """A value as compact JSON text, the form in which records hold it."""
    return to_json(value).decode()


@dataclass(frozen=True)
class Price:
    """What a job will cost, in micro-dollars; None where its model has no known price."""

    expected: int | None = None
    most: int | None = None
    counted_tokens: int | None = None
    """Of all its requests, by our own count."""

    @property
    def reserve(self) -> int:
        """How much of its budgets is held for it."""
        return self.most or 0


@dataclass(frozen=True)
class Submission:
    """What a client asked for, checked; the api stores it, the worker runs it."""

    type: str
    payload: str
    """JSON text, as the job type's model wrote it."""
    options: str
    """JSON text of what the client chose; {} when nothing."""
    message: str
    """What a person reads once it runs; the kind's."""
    timeout_s: float
    start_within_s: float
    fingerprint: str
    """The same for two requests that ask for the same."""
    deadline_s: float | None = None
    """Seconds from its creation after which it fails wherever it is."""
    max_attempts: int = 1
    """How often it is tried where nothing was bought and a later try may help."""
    on_unknown: str = "ask"
    """What to do about a call of unknown outcome: ask, fail or retry."""
    model: str | None = None
    session_id: str | None = None
    user_id: str | None = None
    team_id: str | None = None
    charged_model: str | None = None
    """The model that answers, under whose budget it comes: the server's own where none is named."""
    related: tuple[str, str] | None = None
    """Type and id of what it is about, in the client's own world."""
    batch_key: str | None = None
    tags: tuple[str, ...] = ()
    metadata: str | None = None
    """JSON text of an object that is the client's own."""

    def indexes(self) -> str:
        """Names of the indexes that it can be found by, separated by blanks."""
        told = {
            "type": self.type,
            "model": self.model,
            "session_id": self.session_id,
            "user_id": self.user_id,
            "team_id": self.team_id,
            "batch_key": self.batch_key,
            "related": "/".join(self.related) if self.related else None,
        }
        named = [keys.index_name(field, value) for field, value in told.items() if value]
        return " ".join(named + [keys.index_name("tag", tag) for tag in self.tags])

    def budgets(self) -> str:
        """Names of the budgets that it comes under if they exist, separated by blanks."""
        told = {
            "global": "all",
            "team": self.team_id,
            "user": self.user_id,
            "type": self.type,
            "model": self.charged_model or self.model,
        }
        return " ".join(keys.budget_name(scope, id) for scope, id in told.items() if id)

    def fields(self, usual: Usual, price: Price) -> dict[str, Any]:
        """The fields of the record that the submit script is given; the others are its own.

        `usual` is how long such a job takes.
        """
        return {
            "type": self.type,
            "payload": self.payload,
            "options": self.options,
            "message": Message.CREATED,
            "work_message": self.message,
            "expected_s": usual.p50,
            "p90_s": usual.p90,
            "runs_s": " ".join(f"{run:g}" for run in usual.runs) or None,
            "timeout_s": self.timeout_s,
            "start_within_s": self.start_within_s,
            "deadline_s": self.deadline_s,
            "max_attempts": self.max_attempts,
            "on_unknown": self.on_unknown,
            "model": self.model,
            "session_id": self.session_id,
            "user_id": self.user_id,
            "team_id": self.team_id,
            "reserve_micros": price.reserve,
            "estimate_micros": price.expected,
            "max_micros": price.most,
            "counted_tokens": price.counted_tokens,
            "budgets": self.budgets(),
            "related_type": self.related[0] if self.related else None,
            "related_id": self.related[1] if self.related else None,
            "batch_key": self.batch_key,
            "tags": json_text(self.tags) if self.tags else None,
            "metadata": self.metadata,
        }


def is_active(record: Record) -> bool:
    """Whether a job is not finished."""
    return record["status"] in ACTIVE


def public(record: Record, *, reused: bool = False) -> dict[str, Any]:
    """The job as clients see it: one shape for every route.

    `reused` says that a create was answered with a job that was there before.
    """
    return {
        "id": record["id"],
        "type": record["type"],
        "status": record["status"],
        "progress": int(record["progress"]),
        "message": record["message"],
        "created_at": timestamp(record["created_ms"]),
        "phase": record.get("phase") or None,
        "progress_source": record["progress_source"],
        "progress_detail": _detail(record),
        "updated_at": timestamp(record.get("updated_ms")),
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
        "partial_result": _json(record, "partial_result"),
        "error": record.get("error"),
        "error_detail": _json(record, "error_detail"),
        "usage": _json(record, "usage"),
        "cost": cost(record),
        "model": record.get("model"),
        "session_id": record.get("session_id"),
        "user_id": record.get("user_id"),
        "team_id": record.get("team_id"),
        "related": _related(record),
        "batch_key": record.get("batch_key"),
        "tags": _json(record, "tags") or [],
        "metadata": _json(record, "metadata") or {},
        "seen_at": timestamp(record.get("seen_ms")),
        "reused": reused,
        "links": links(record),
    }


@lru_cache(maxsize=1_000)
def timestamp(millis: str | None) -> str | None:
    """Milliseconds since 1970 as RFC 3339 in UTC; None for nothing or 0."""
    if not millis or millis == "0":
        return None
    moment = datetime.fromtimestamp(int(millis) / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def links(record: Record) -> dict[str, str]:
    """Where a client can go from here."""
    here = f"/jobs/{record['id']}"
    if record["status"] in ACTIVE:
        return {"self": here, "cancel": f"{here}/cancel"}
    if record["status"] in (Status.FAILED, Status.CANCELLED):
        return {"self": here, "retry": f"{here}/retry"}
    return {"self": here}


def _detail(record: Record) -> dict[str, Any] | None:
    """Where a running job is, and how long it will take yet."""
    if record["status"] != Status.PROCESSING or "attempt_started_ms" not in record:
        return None  # between two attempts nobody can say
    elapsed_s = max(0.0, time.time() - int(record["attempt_started_ms"]) / 1000)
    eta = left(_usual(record), elapsed_s, _seen_done(record))
    kind, step = KINDS.get(record["type"]), record.get("step")
    names = [each.name for each in kind.steps] if kind else []
    expected = int(record.get("items_expected", 0))
    return {
        "source": record["progress_source"],
        "step": step,
        "step_index": names.index(step) + 1 if step in names else None,
        "step_count": len(names) or None,
        "items_done": int(record["items_done"]) if expected else None,
        "items_expected": expected or None,
        "eta_s": {"p50": eta.p50, "p90": eta.p90} if eta else None,
        "overdue": eta is None,
        "last_activity_at": timestamp(record.get("updated_ms")),
    }


def _usual(record: Record) -> Usual:
    """How long such jobs took when it was made."""
    expected_s = float(record["expected_s"])
    runs = tuple(float(run) for run in record.get("runs_s", "").split())
    return Usual(expected_s, float(record.get("p90_s") or expected_s * AT_MOST), runs)


def _seen_done(record: Record) -> float:
    """How much of the calls is seen to be done, 0 to 1; 0 where the bar is moved by time, or was
    moved by an earlier attempt.
    """
    if record["progress_source"] not in SEEN or record["attempt"] != "1":
        return 0.0
    return (int(record["progress"]) - Progress.CALLING) / (
        Progress.LAST_TICK + 1 - Progress.CALLING
    )


def _waiting(record: Record) -> dict[str, Any] | None:
    """Why nobody runs it now, where somebody asked."""
    if "waiting_reason" not in record:
        return None
    position = int(record["waiting_position"])
    return {"reason": record["waiting_reason"], "position": position or None}


def _related(record: Record) -> dict[str, str] | None:
    if "related_type" not in record:
        return None
    return {"type": record["related_type"], "id": record["related_id"]}


def _json(record: Record, field: str) -> Any:
    text = record.get(field)
    return from_json(text) if text else None
