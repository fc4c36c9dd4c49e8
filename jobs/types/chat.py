"""The model call `chat`: any messages, and a text, tool calls, or JSON that fits a given schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json, to_json

from loresmith.jobs.core.messages import Message
from loresmith.jobs.types.json_schema import as_sent, mismatches
from loresmith.jobs.types.model_call import Answer, ModelCallSpec

UNUSABLE = ("content_filter", "error")
"""Finish reasons of an answer that is no result, except for a caller who takes it as it is."""


class ToolCall(BaseModel):
    """A function that the model wants the client to call."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    arguments: str = Field(description="A JSON text, as the model wrote it")


class ChatRequest(BaseModel):
    """The input of the model call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    messages: tuple[Message, ...] = Field(min_length=1)
    max_output_tokens: int = Field(ge=1)
    parameters: dict[str, Any] = {}
    """Further fields of the provider's body: temperature, tools, tool_choice, stop, seed ..."""
    output_schema: dict[str, Any] | None = None
    """The JSON Schema that the answer must fit. It is checked, and repaired once."""
    as_is: bool = False
    """Whether every complete answer is a result: a refusal, a cut text, text that fits nothing."""


class ChatAnswer(BaseModel):
    """The output of the model call."""

    model_config = ConfigDict(frozen=True)

    text: str
    finish_reason: str
    """`stop`, `length`, `tool_calls`; with `as_is` also `content_filter`, or another word."""
    refusal: str = ""
    tool_calls: tuple[ToolCall, ...] = ()

    def json_value(self) -> Any:
        """Returns the value of a JSON text. Raises ValueError for other text."""
        return from_json(self.text)


@dataclass(frozen=True)
class GivenMessages:
    """Messages that a client or a job type has put together."""

    parts: tuple[Message, ...]

    def messages(self) -> list[Message]:
        """Returns the messages of a request."""
        return [*self.parts]


@dataclass(frozen=True)
class ChatCallSpec(ModelCallSpec[ChatRequest, ChatAnswer]):
    """A model call whose messages, parameters and schema its input has."""

    def schema(self, input: ChatRequest, finished: int = 0) -> dict[str, Any] | None:
        """Returns the schema as it is sent."""
        return as_sent(input.output_schema)[0] if input.output_schema else None

    def is_strict(self, input: ChatRequest) -> bool:
        """Whether the provider can hold the answer to the schema."""
        return bool(input.output_schema) and as_sent(input.output_schema or {})[1]

    def is_repaired(self, input: ChatRequest) -> bool:
        """Whether an answer that does not fit is asked for again: not where any answer will do."""
        return not input.as_is

    def parameters(self, input: ChatRequest) -> dict[str, Any]:
        """Returns further fields of the request's body."""
        return input.parameters

    def accept(self, input: ChatRequest, answer: Answer) -> ChatAnswer | None:
        """Takes tool calls and, without a schema, text; with `as_is` whatever has come."""
        is_usable = answer.finish_reason not in UNUSABLE and not answer.refusal
        is_enough = answer.tool_calls or (answer.text.strip() and not input.output_schema)
        if not (input.as_is or (is_usable and is_enough)):
            return None
        reason = answer.finish_reason
        return ChatAnswer(
            text=answer.text,
            finish_reason="tool_calls" if answer.tool_calls and reason == "stop" else reason,
            refusal=answer.refusal,
            tool_calls=tuple(ToolCall(**call) for call in answer.tool_calls),
        )

    def parse(self, input: ChatRequest, text: str, finished: Sequence[str] = ()) -> ChatAnswer:
        """Takes a JSON text that fits the schema. Raises ValueError that says what does not fit."""
        if not input.output_schema:
            raise ValueError("the text has no end")
        if problem := mismatches(input.output_schema, text):
            raise ValueError(problem)
        return ChatAnswer(text=text, finish_reason="stop")

    def sample(self, value: Any) -> ChatAnswer:
        """Returns an answer with a value, for estimates."""
        text = value if isinstance(value, str) else to_json(value).decode()
        return ChatAnswer(text=text, finish_reason="stop")


CHAT = ChatCallSpec(
    "chat",
    ChatRequest,
    ChatAnswer,
    prompt=lambda request: GivenMessages(request.messages),
    max_output_tokens=lambda request: request.max_output_tokens,
    example=ChatRequest(messages=({"role": "user", "content": "Hello"},), max_output_tokens=1_000),
)
"""The one spec of this kind; job types share it."""
