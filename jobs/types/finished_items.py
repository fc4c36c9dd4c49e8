"""The items of a failed attempt that a retry keeps."""

from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.types.model_call import ModelCallSpec


def finished_items(
    partial_result: str | None, step: str, spec: ModelCallSpec[Any, Any], input: BaseModel
) -> list[str]:
    """Returns the items that an earlier attempt at this step finished, as JSON texts.

    Only the others are bought. Empty when there are none, or when none would be left to buy.
    """
    partial = from_json(partial_result or "null")
    if not (spec.items and spec.count and isinstance(partial, dict)):
        return []
    if partial.get("step") != step:
        return []
    items = [json_text(item) for item in partial.get("items") or [] if spec.is_item(item)]
    return items if len(items) < spec.count(input) else []
