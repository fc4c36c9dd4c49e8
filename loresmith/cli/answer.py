"""The answer of a prompt as text: what the model wrote, JSON, or the tools that it calls."""

import json
from collections.abc import Mapping
from typing import Any, Final

ANSWER_FIELDS: Final = {"text", "output", "finish_reason", "tool_calls"}


def is_answer(result: Any) -> bool:
    """Whether a result is one of the job type `prompt`."""
    return isinstance(result, Mapping) and result.keys() == ANSWER_FIELDS


def answer_text(answer: Mapping[str, Any]) -> str:
    """Returns what is printed of an answer; tool calls are JSON."""
    calls = answer["tool_calls"]
    if answer["text"] is None and not calls:
        return _json(answer["output"])
    parts = [answer["text"] or "", _json(calls) if calls else ""]
    return "\n\n".join(part for part in parts if part)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
