"""Job events as clients see them, from the fields of their entries in Redis."""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic_core import from_json

from loresmith.api.events.broadcaster import Fields
from loresmith.api.events.sse import sse_event
from loresmith.jobs.costs.money import CURRENCY, actual


def to_event(job_id: str, fields: Fields) -> dict[str, Any]:
    """Returns the JSON object of an event: the common fields and those of its type."""
    event: dict[str, Any] = {
        "type": fields["type"],
        "job_id": job_id,
        "seq": int(fields["version"]),
        "status": fields["status"],
        "phase": fields["phase"] or None,
        "progress": int(fields["progress"]),
        "message": fields["message"],
        "source": fields["source"],
        "attempt": int(fields["attempt"]),
    }
    own_fields = OWN_FIELDS.get(fields["type"])
    if "step" in fields:
        event["step"] = fields["step"]
    return event | own_fields(fields) if own_fields else event


def _by(fields: Fields) -> dict[str, Any]:
    return {"by": fields.get("by")}


def _cancel_reason(fields: Fields) -> dict[str, Any]:
    return {"cancel_reason": fields.get("cancel_reason")} | _by(fields)


OWN_FIELDS: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "created": _by,
    "status": _cancel_reason,
    "done": _cancel_reason,
    "delta": lambda fields: {"offset": int(fields["offset"]), "text": fields["text"]},
    "item": lambda fields: {"index": int(fields["index"]), "item": from_json(fields["item"])},
    "step": lambda fields: {"state": fields["state"]},
    "usage": lambda fields: {"usage": from_json(fields["usage"])},
    "cost": lambda fields: {
        "cost": {
            "actual": actual(fields["spent_micros"], fields["unpriced"]),
            "currency": CURRENCY,
        }
    },
}
"""The fields that only some types have, beside the step of a model call. A delta's offset is in
characters; a delta that begins before the end of the client's text replaces the rest of it."""


PARTS = ("step", "delta", "item")
"""Types of events that are a part of what a job writes."""


def encode_entry(entry_id: str, job_id: str, fields: Fields) -> bytes:
    """Encodes an entry as a server-sent event."""
    return sse_event(to_event(job_id, fields), entry_id)


def accumulate(entries: Iterable[Fields]) -> dict[str, Any] | None:
    """Returns the text and items of the running step from all events of a job, if any; while a job
    waits, those of its last attempt.
    """
    step, text, attempt = "", "", ""
    items: dict[int, Any] = {}
    for fields in entries:
        is_new = fields["type"] in PARTS and fields["attempt"] != attempt
        if is_new or fields["type"] == "done":
            attempt, step, text, items = fields["attempt"], "", "", {}
        if fields["type"] == "step":
            step, text, items = fields["step"], "", {}
        elif fields["type"] == "delta":
            text = text[: int(fields["offset"])] + fields["text"]
        elif fields["type"] == "item":
            items[int(fields["index"])] = from_json(fields["item"])
    if not (text or items):
        return None
    ordered = [item for _, item in sorted(items.items())]
    return {"step": step, "text": text, "items": ordered, "complete_items": len(ordered)}
