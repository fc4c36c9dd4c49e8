"""Messages of a chat completion, as clients send them."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, Tag

from loresmith.jobs.core.messages import Message
from loresmith.jobs.types.fields import Payload, Text

MAX_TEXT = 2_000_000
"""Characters of one text; the body has a limit of its own."""
Content = Annotated[Text, Field(max_length=MAX_TEXT)]
ImageUrl = Annotated[
    str, Field(pattern=r"^(https?://\S+|data:image/[a-z0-9.+-]+;base64,[A-Za-z0-9+/=]+)$")
]
ToolName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class _Part(Payload):
    # Spaces at the ends of a message belong to it.
    model_config = ConfigDict(str_strip_whitespace=False)


class TextPart(_Part):
    """A text."""

    type: Literal["text"]
    text: Content


class Image(_Part):
    """An image that the provider reads."""

    url: ImageUrl = Field(description="An address that the provider can read, or a data URL")
    detail: Literal["auto", "low", "high"] | None = None


class ImagePart(_Part):
    """An image."""

    type: Literal["image_url"]
    image_url: Image


class Function(_Part):
    """The function that the model called."""

    name: ToolName
    arguments: Content = Field(description="A JSON text")


class MessageToolCall(_Part):
    """A call of a function by the model."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    type: Literal["function"] = "function"
    function: Function


Parts = Annotated[
    list[Annotated[TextPart | ImagePart, Field(discriminator="type")]],
    Field(min_length=1, max_length=500),
]


def _form(content: Any) -> str:
    """Returns which form of content is meant, so that an error is about that form."""
    return "parts" if isinstance(content, list) else "none" if content is None else "text"


class ChatMessage(_Part):
    """A message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[
        Annotated[Content, Tag("text")]
        | Annotated[Parts, Tag("parts")]
        | Annotated[None, Tag("none")],
        Discriminator(_form),
    ] = None
    name: ToolName | None = None
    tool_calls: Annotated[list[MessageToolCall], Field(min_length=1, max_length=128)] | None = None
    tool_call_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None


def as_sent(messages: Iterable[ChatMessage]) -> tuple[Message, ...]:
    """Returns messages as the provider gets them."""
    return tuple(_sent(message) for message in messages)


def problem_of(messages: Iterable[ChatMessage]) -> str:
    """Returns what of a conversation no provider takes; empty if nothing."""
    called: set[str] = set()
    for number, message in enumerate(messages):
        if message.role == "tool":
            if message.tool_call_id not in called:
                return f"messages.{number}: tool_call_id must name a tool call of a message before"
        elif message.tool_call_id:
            return f"messages.{number}: only a tool message has a tool_call_id"
        if message.tool_calls and message.role != "assistant":
            return f"messages.{number}: only an assistant message has tool_calls"
        if message.content is None and not message.tool_calls:
            return f"messages.{number}: content is required"
        called.update(call.id for call in message.tool_calls or ())
    return ""


def _sent(message: ChatMessage) -> dict[str, Any]:
    return message.model_dump(mode="json", exclude_none=True)
