"""Says a chat completion's messages and parameters as OpenAI's Responses API does."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loresmith.jobs.core.placeholders import Message
from loresmith.lore_service.providers.errors import ProviderProblem

SAME = frozenset(
    {"temperature", "top_p", "parallel_tool_calls", "service_tier", "user", "safety_identifier"}
)
"""Parameters of the same name and meaning."""


def input_items(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Returns the input items of messages."""
    return [item for message in messages for item in _items(message)]


def response_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the parameters of a response. Raises ProviderProblem for those that it has not."""
    renamed: dict[str, Any] = {}
    text: dict[str, Any] = {}
    for name, value in parameters.items():
        match name:
            case "tools":
                renamed["tools"] = [{"type": "function", **tool["function"]} for tool in value]
            case "tool_choice":
                is_named = isinstance(value, dict)
                name_of = value.get("function", {}).get("name") if is_named else None
                renamed["tool_choice"] = (
                    {"type": "function", "name": name_of} if is_named else value
                )
            case "response_format":
                text["format"] = _format(value)
            case "verbosity":
                text["verbosity"] = value
            case "reasoning_effort":
                renamed["reasoning"] = {"effort": value}
            case _ if name in SAME:
                renamed[name] = value
            case _:
                raise ProviderProblem(
                    f"This provider's api is `responses`, which has no parameter {name}.",
                    sent=False,
                    status=400,
                )
    return renamed | ({"text": text} if text else {})


def _tool_choice(value: Any) -> Any:
    """Returns `auto` and the like as they are, and a named function flat."""
    if not isinstance(value, Mapping):
        return value
    return {"type": "function", "name": value.get("function", {}).get("name")}


def _format(value: Mapping[str, Any]) -> dict[str, Any]:
    if value.get("type") != "json_schema":
        return dict(value)
    return {"type": "json_schema", **value["json_schema"]}


def _items(message: Message) -> Iterator[dict[str, Any]]:
    role, content = message["role"], message.get("content")
    if role == "tool":
        output = content if isinstance(content, str) else "".join(_texts(content))
        yield {
            "type": "function_call_output",
            "call_id": message["tool_call_id"],
            "output": output,
        }
        return
    if content:
        parts = content if isinstance(content, str) else [_part(part, role) for part in content]
        yield {"role": role, "content": parts}
    for call in message.get("tool_calls") or ():
        yield {"type": "function_call", "call_id": call["id"], **call["function"]}


def _part(part: Mapping[str, Any], role: str) -> dict[str, Any]:
    if image := part.get("image_url"):
        detail = {"detail": image["detail"]} if "detail" in image else {}
        return {"type": "input_image", "image_url": image["url"], **detail}
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": kind, "text": part.get("text") or part.get("refusal") or ""}


def _texts(content: Any) -> Iterator[str]:
    for part in content or ():
        yield part.get("text") or ""
