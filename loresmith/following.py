"""A job as its stream tells it: each event makes the next picture of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from loresmith.job import Job

NAMES = ("status", "phase", "progress", "message", "attempt")


class Following:
    """Keeps the last picture. Every connection begins with a snapshot, so that nothing is missing
    and nothing comes twice after a break.
    """

    def __init__(self, job: Job) -> None:
        self.job = job

    def take(self, event: Mapping[str, Any]) -> bool:
        """Whether the event changed the picture."""
        if event.get("type") == "snapshot":
            self.job = Job.read(event.get("job"))
            return True
        if not isinstance(event.get("seq"), int) or event["seq"] <= self.job.version:
            return False
        told = {name: event[name] for name in NAMES if name in event}
        if event.get("type") in ("delta", "item", "step"):
            told["partial_result"] = _grown(self.job.partial_result, event)
        if isinstance(event.get("cost"), Mapping):
            told["cost"] = {**(self.job.cost or {}), **event["cost"]}
        source = event.get("source", self.job.progress_source)
        self.job = replace(self.job, version=event["seq"], progress_source=source, **told)
        return True


def _grown(partial: Any, event: Mapping[str, Any]) -> dict[str, Any]:
    """What is written so far, with one more piece."""
    begun = event["type"] == "step" or not isinstance(partial, Mapping)
    had: dict[str, Any] = {"text": "", "items": []} if begun else dict(partial)
    text, items = str(had.get("text", "")), list(had.get("items") or [])
    if event["type"] == "delta":
        text = text[: event["offset"]] + event["text"]
    elif event["type"] == "item":
        items = [*items[: event["index"]], event["item"]]
    told = {"step": event.get("step"), "text": text, "items": items}
    return told | {"complete_items": len(items)}
