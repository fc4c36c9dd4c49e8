"""Parses the messages of a chat completion."""

from typing import Any

from loresmith.offline_model.server.errors import InvalidParameter
from loresmith.offline_model.server.request import checks
from loresmith.offline_model.server.request.content_parts import read_content
from loresmith.offline_model.server.request.conversation import (
    Conversation,
    EarlierCall,
    PromptMessage,
)

ROLES = ("system", "assistant", "user", "tool", "developer")
PARTS = {"user": ("text", "image_url", "input_audio", "file"), "assistant": ("text", "refusal")}


def parse_messages(messages: Any) -> Conversation:
    """Returns the conversation. Raises InvalidParameter."""
    if messages is None:
        raise checks.missing("messages")
    parsed = tuple(
        _message(message, f"messages[{number}]")
        for number, message in enumerate(checks.array(messages, "messages", minimum=1))
    )
    _check_tool_messages(parsed)
    return Conversation(parsed)


def _message(message: Any, place: str) -> PromptMessage:
    if not isinstance(message, dict):
        raise checks.wrong_type(place, "an object", message)
    role = checks.one_of(message.get("role"), ROLES, f"{place}.role")
    calls = _tool_calls(message.get("tool_calls"), place) if role == "assistant" else ()
    call_id = checks.text(message.get("tool_call_id"), f"{place}.tool_call_id") if (
        role == "tool"
    ) else ""  # fmt: skip
    content = message.get("content")
    if content is None and role == "assistant" and (calls or message.get("refusal")):
        return PromptMessage(role, str(message.get("refusal") or ""), tool_calls=calls)
    if content is None:
        raise InvalidParameter(
            f"Invalid value for 'content': expected a string, got null ({place}).",
            f"{place}.content",
        )
    parts = PARTS.get(role, ("text", "image_url"))
    text, tokens = read_content(content, f"{place}.content", parts, allows_images=role == "user")
    return PromptMessage(role, text, tokens, calls, call_id)


def _tool_calls(calls: Any, place: str) -> tuple[EarlierCall, ...]:
    if calls is None:
        return ()
    parsed = []
    for number, call in enumerate(checks.array(calls, f"{place}.tool_calls", minimum=1)):
        param = f"{place}.tool_calls[{number}]"
        call = checks.mapping(call, param)
        checks.one_of(call.get("type"), ("function",), f"{param}.type")
        function = checks.mapping(call.get("function"), f"{param}.function")
        parsed.append(
            EarlierCall(
                checks.text(call.get("id"), f"{param}.id"),
                checks.text(function.get("name"), f"{param}.function.name"),
                checks.text(function.get("arguments"), f"{param}.function.arguments"),
            )
        )
    return tuple(parsed)


def _check_tool_messages(messages: tuple[PromptMessage, ...]) -> None:
    """Checks that each call is answered directly after its message, and nothing else is."""
    expected: list[str] = []
    unanswered: list[str] = []
    for number, message in enumerate(messages):
        if message.role == "tool":
            _check_tool_message(message, expected, f"messages.[{number}]")
            unanswered = [one for one in unanswered if one != message.tool_call_id]
            continue
        _check_all_answered(unanswered, f"messages.[{number}].role")
        expected = [call.id for call in message.tool_calls]
        unanswered = list(expected)
    _check_all_answered(unanswered, f"messages.[{len(messages) - 1}].role")


def _check_tool_message(message: PromptMessage, expected: list[str], place: str) -> None:
    if not expected:
        raise InvalidParameter(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
            "message with 'tool_calls'.",
            f"{place}.role",
        )
    if message.tool_call_id not in expected:
        raise InvalidParameter(
            f"Invalid parameter: 'tool_call_id' of '{message.tool_call_id[:100]}' not found in "
            "'tool_calls' of previous message.",
            f"{place}.tool_call_id",
        )


def _check_all_answered(unanswered: list[str], param: str) -> None:
    if unanswered:
        raise InvalidParameter(
            "An assistant message with 'tool_calls' must be followed by tool messages responding "
            "to each 'tool_call_id'. The following tool_call_ids did not have response messages: "
            f"{', '.join(unanswered)[:500]}",
            param,
        )
