"""The input items of OpenAI's /v1/responses, and their translation to chat messages."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from loresmith.jobs.types.builtin._openai import Only, String, WithoutNulls, one_of, text_or


class Item(WithoutNulls):
    """A part of the input. Fields that only an earlier answer has, as `id`, are dropped."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class InputText(Item):
    """A text, of the user or of an earlier answer."""

    type: Literal["input_text", "output_text"]
    text: String

    def as_chat(self) -> dict[str, Any]:
        return {"type": "text", "text": self.text}


class InputRefusal(Item):
    """A refusal in an earlier answer."""

    type: Literal["refusal"]
    refusal: String

    def as_chat(self) -> dict[str, Any]:
        return {"type": "refusal", "refusal": self.refusal}


class InputImage(Item):
    """An image: an address, or its bytes as a `data:` URL."""

    type: Literal["input_image"]
    image_url: String
    detail: Literal["auto", "low", "high", "original"] | None = None
    file_id: Annotated[Any, Only()] = None

    def as_chat(self) -> dict[str, Any]:
        detail = {"detail": self.detail} if self.detail else {}
        return {"type": "image_url", "image_url": {"url": self.image_url} | detail}


Part = Annotated[
    Any,
    one_of(
        {
            "input_text": InputText,
            "output_text": InputText,
            "refusal": InputRefusal,
            "input_image": InputImage,
        },
        "is not a supported part; use input_text, input_image, output_text or refusal",
    ),
]
Content = Annotated[Any, text_or(list[Part])]


class MessageItem(Item):
    """A message of any role."""

    type: Literal["message"] = "message"
    role: Literal["user", "assistant", "system", "developer"]
    content: Content


class FunctionCallItem(Item):
    """A function call of an earlier answer."""

    type: Literal["function_call"]
    call_id: String
    name: String
    arguments: String

    def as_chat(self) -> dict[str, Any]:
        function = {"name": self.name, "arguments": self.arguments}
        return {"id": self.call_id, "type": "function", "function": function}


class FunctionOutputItem(Item):
    """What a called function has returned."""

    type: Literal["function_call_output"]
    call_id: String
    output: Content


class ReasoningItem(Item):
    """The reasoning of an earlier answer, which is not sent again."""

    type: Literal["reasoning"]


InputItem = Annotated[
    Any,
    one_of(
        {
            "message": MessageItem,
            "function_call": FunctionCallItem,
            "function_call_output": FunctionOutputItem,
            "reasoning": ReasoningItem,
        },
        "is not a supported item; use message, function_call, function_call_output or reasoning",
        default="message",
    ),
]
Items = Annotated[list[InputItem], Field(min_length=1)]
Input = Annotated[Any, text_or(Items)]


def messages_of(instructions: str | None, input: Input) -> list[dict[str, Any]]:
    """Returns the chat messages of a request."""
    first = [{"role": "system", "content": instructions}] if instructions else []
    items = [MessageItem(role="user", content=input)] if isinstance(input, str) else input
    return [*first, *_joined(_message(item) for item in items)]


def _message(item: Any) -> dict[str, Any]:
    match item:
        case MessageItem():
            return {"role": item.role, "content": _content(item.content)}
        case FunctionCallItem():
            return {"role": "assistant", "tool_calls": [item.as_chat()]}
        case FunctionOutputItem():
            output = _content(item.output)
            return {"role": "tool", "tool_call_id": item.call_id, "content": output}
    return {}


def _content(content: str | list[Any]) -> str | list[dict[str, Any]]:
    return content if isinstance(content, str) else [part.as_chat() for part in content]


def _joined(messages: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Puts the calls of one answer into one message, beside its text, as the chat form wants it."""
    pending: dict[str, Any] = {}
    for message in messages:
        if not message:
            continue
        is_call = "tool_calls" in message
        if is_call and pending.get("role") == "assistant":
            pending["tool_calls"] = [*pending.get("tool_calls", ()), *message["tool_calls"]]
            continue
        if pending:
            yield pending
        pending = message
    if pending:
        yield pending
