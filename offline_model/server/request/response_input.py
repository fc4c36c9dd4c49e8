"""Parses the input of a response: a text, or a list of items."""

from typing import Any

from loresmith.offline_model.server.errors import InvalidParameter
from loresmith.offline_model.server.request import checks
from loresmith.offline_model.server.request.content_parts import read_content
from loresmith.offline_model.server.request.conversation import (
    Conversation,
    EarlierCall,
    PromptMessage,
)

ROLES = ("assistant", "system", "developer", "user")
ITEM_TYPES = ("message", "function_call", "function_call_output", "reasoning")
INPUT_PARTS = ("input_text", "input_image", "input_file", "input_audio")
OUTPUT_PARTS = ("output_text", "refusal", "input_text")


def parse_input(value: Any, previous: tuple[PromptMessage, ...] = ()) -> Conversation:
    """Returns the previous messages and those of the input. Raises InvalidParameter."""
    if value is None:
        raise checks.missing("input")
    if isinstance(value, str):
        messages: tuple[PromptMessage, ...] = (PromptMessage("user", value),)
    else:
        items = checks.array(value, "input")
        messages = tuple(_item(item, f"input[{number}]") for number, item in enumerate(items))
    if not any(
        message.text or message.image_tokens or message.role == "tool" for message in messages
    ):
        raise InvalidParameter("'input' must not be empty.", "input", "empty_string")
    _check_calls((*previous, *messages))
    return Conversation((*previous, *messages))


def _item(item: Any, place: str) -> PromptMessage:
    if not isinstance(item, dict):
        raise checks.wrong_type(place, "an object", item)
    item_type = checks.one_of(item.get("type") or "message", ITEM_TYPES, f"{place}.type")
    match item_type:
        case "message":
            return _message(item, place)
        case "function_call":
            call = EarlierCall(
                checks.text(item.get("call_id"), f"{place}.call_id"),
                checks.text(item.get("name"), f"{place}.name"),
                checks.text(item.get("arguments"), f"{place}.arguments"),
            )
            return PromptMessage("assistant", "", tool_calls=(call,))
        case "function_call_output":
            param = f"{place}.output"
            if item.get("output") is None:
                raise checks.missing(param)
            text, tokens = read_content(item["output"], param, INPUT_PARTS, allows_images=True)
            call_id = checks.text(item.get("call_id"), f"{place}.call_id")
            return PromptMessage("tool", text, tokens, tool_call_id=call_id)
        case _:
            return PromptMessage("assistant", "")


def _message(item: dict[str, Any], place: str) -> PromptMessage:
    role = checks.one_of(item.get("role"), ROLES, f"{place}.role")
    if item.get("content") is None:
        raise checks.missing(f"{place}.content")
    is_output = role == "assistant"
    text, tokens = read_content(
        item["content"],
        f"{place}.content",
        OUTPUT_PARTS if is_output else INPUT_PARTS,
        allows_images=not is_output,
    )
    return PromptMessage(role, text, tokens)


def _check_calls(messages: tuple[PromptMessage, ...]) -> None:
    """Checks that each call has an output, and each output a call before it."""
    called: set[str] = set()
    unanswered: dict[str, None] = {}
    for message in messages:
        for call in message.tool_calls:
            called.add(call.id)
            unanswered[call.id] = None
        if message.role != "tool":
            continue
        call_id = message.tool_call_id
        if call_id not in called:
            raise InvalidParameter(
                f"No tool call found for function call output with call_id {call_id[:100]}.",
                "input",
            )
        unanswered.pop(call_id, None)
    if unanswered:
        call_id = next(iter(unanswered))
        raise InvalidParameter(f"No tool output found for function call {call_id[:100]}.", "input")
