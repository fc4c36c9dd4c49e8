"""Says a chat completion's messages and parameters as OpenAI's Responses API does."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from loresmith.jobs.core.messages import Message
from loresmith.lore_service.providers.errors import ProviderProblem

SAME = frozenset(
    {"temperature", "top_p", "parallel_tool_calls", "service_tier", "user", "safety_identifier"}
    | {"prompt_cache_key", "prompt_cache_retention"}
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
                renamed["tools"] = [_tool(tool) for tool in _list(value, name)]
            case "tool_choice":
                renamed["tool_choice"] = _tool_choice(value)
            case "response_format":
                text["format"] = _format(_mapping(value, name))
            case "verbosity":
                text["verbosity"] = value
            case "reasoning_effort":
                renamed["reasoning"] = {"effort": value}
            case _ if name in SAME:
                renamed[name] = value
            case _:
                raise _refusal(f"has no parameter {name}")
    return renamed | ({"text": text} if text else {})


def _refusal(words: str) -> ProviderProblem:
    """Returns the problem of a request that is not sent."""
    return ProviderProblem(
        f"This provider's api is `responses`, which {words}.", sent=False, status=400
    )


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _refusal(f"takes an object as {name}")
    return value


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _refusal(f"takes a list as {name}")
    return value


def _tool(tool: Any) -> dict[str, Any]:
    function = _mapping(_mapping(tool, "tool").get("function"), "tools.function")
    return {**function, "type": "function"}


def _tool_choice(value: Any) -> Any:
    """Returns `auto` and the like as they are, and a named function flat."""
    if not isinstance(value, Mapping):
        return value
    name = _mapping(value.get("function"), "tool_choice.function").get("name")
    return {"type": "function", "name": name}


def _format(value: Mapping[str, Any]) -> dict[str, Any]:
    if value.get("type") != "json_schema":
        return dict(value)
    schema = _mapping(value.get("json_schema"), "response_format.json_schema")
    return {**schema, "type": "json_schema"}


def _items(message: Message) -> Iterator[dict[str, Any]]:
    role, content = message["role"], message.get("content") or message.get("refusal")
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
        yield {**call["function"], "type": "function_call", "call_id": call["id"]}


def _part(part: Mapping[str, Any], role: str) -> dict[str, Any]:
    if image := part.get("image_url"):
        detail = {"detail": image["detail"]} if "detail" in image else {}
        return {"type": "input_image", "image_url": image["url"], **detail}
    kind = "output_text" if role == "assistant" else "input_text"
    return {"type": kind, "text": part.get("text") or part.get("refusal") or ""}


def _texts(content: Any) -> Iterator[str]:
    for part in content or ():
        yield part.get("text") or ""
