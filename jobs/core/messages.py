"""Messages of a chat completion, as they are sent, and the texts in them."""

from collections.abc import Callable
from typing import Any

Message = dict[str, Any]
"""A message: its role, and a content that is a text or a list of parts."""


def map_texts(
    message: Message, change: Callable[[str], str], *, in_tool_calls: bool = True
) -> Message:
    """Returns a message with its content and text parts changed, and the arguments of tools."""
    changed = {**message}
    content = message.get("content")
    if isinstance(content, str):
        changed["content"] = change(content)
    elif isinstance(content, list):
        changed["content"] = [
            part | {"text": change(part["text"])} if "text" in part else part for part in content
        ]
    if in_tool_calls and (calls := message.get("tool_calls")):
        changed["tool_calls"] = [
            call | {"function": function | {"arguments": change(function["arguments"])}}
            for call in calls
            for function in [call["function"]]
        ]
    return changed


def with_text(message: Message, text: str) -> Message:
    """Returns a message with a text at its end."""
    content = message.get("content")
    if isinstance(content, list):
        return message | {"content": [*content, {"type": "text", "text": text}]}
    return message | {"content": (content or "") + text}
