"""Applies the events of a job's stream to the job."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from loresmith.client.models import Job
from loresmith.client.protocol import parse

COPIED: Final = ("status", "phase", "progress", "message", "attempt")


class JobStream:
    """The latest state of a job. A connection starts with a snapshot, so a break loses nothing."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def apply(self, event: Mapping[str, Any]) -> bool:
        """Updates the job; returns False for an event that is old or changes nothing."""
        if event.get("type") == "snapshot":
            self.job = parse(Job, event.get("job"))
            return True
        if not isinstance(event.get("seq"), int) or event["seq"] <= self.job.version:
            return False
        changes = {name: event[name] for name in COPIED if name in event}
        if event.get("type") in ("delta", "item", "step"):
            changes["partial_result"] = _accumulate(self.job.partial_result, event)
        if isinstance(event.get("cost"), Mapping):
            changes["cost"] = {**(self.job.cost or {}), **event["cost"]}
        source = event.get("source", self.job.progress_source)
        self.job = replace(self.job, version=event["seq"], progress_source=source, **changes)
        return True


def _accumulate(partial: Any, event: Mapping[str, Any]) -> dict[str, Any]:
    """Adds a text or an item; a step starts with neither."""
    started = event["type"] == "step" or not isinstance(partial, Mapping)
    before: Mapping[str, Any] = {} if started else partial
    text, items = str(before.get("text", "")), list(before.get("items") or [])
    if event["type"] == "delta":
        text = text[: event["offset"]] + event["text"]
    elif event["type"] == "item":
        items = [*items[: event["index"]], event["item"]]
    return {"step": event.get("step"), "text": text, "items": items, "complete_items": len(items)}
