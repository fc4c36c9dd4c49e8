"""An update of a job as clients see it, from the fields of its entry in Redis."""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic_core import from_json

from api.tail import Fields
from jobs.cost import CURRENCY, actual


def told(job_id: str, fields: Fields) -> dict[str, Any]:
    """What every event says, and what its type adds."""
    shown: dict[str, Any] = {
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
    more = MORE.get(fields["type"])
    return shown | {"step": fields["step"]} | more(fields) if more else shown


MORE: dict[str, Callable[[Fields], dict[str, Any]]] = {
    "delta": lambda fields: {"offset": int(fields["place"]), "text": fields["content"]},
    "item": lambda fields: {"index": int(fields["place"]), "item": from_json(fields["content"])},
    "step": lambda fields: {"state": fields["content"]},
    "usage": lambda fields: {"usage": from_json(fields["content"])},
    "cost": lambda fields: {
        "cost": {"actual": actual(fields["content"], fields["place"]), "currency": CURRENCY}
    },
}
"""What is told by the worker while its calls run. The place of a text is in characters: a piece
that begins before the end of what a client has takes the place of the rest; that of a cost is how
many calls have no price."""


def so_far(updates: Iterable[Fields]) -> dict[str, Any] | None:
    """The text and the entities of the call that runs, from all updates of its job; or None."""
    step, text = "", ""
    items: dict[int, Any] = {}
    for fields in updates:
        if fields["type"] == "step":
            step, text, items = fields["step"], "", {}
        elif fields["type"] == "delta":
            text = text[: int(fields["place"])] + fields["content"]
        elif fields["type"] == "item":
            items[int(fields["place"])] = from_json(fields["content"])
    if not (text or items):
        return None
    found = [item for _, item in sorted(items.items())]
    return {"step": step, "text": text, "items": found, "complete_items": len(found)}
