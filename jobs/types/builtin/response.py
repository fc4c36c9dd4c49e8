"""response: one request in the form of OpenAI's /v1/responses."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from loresmith.jobs.types.builtin._openai import (
    DEFAULT_MAX_OUTPUT_TOKENS,
    OUTPUT_LIMIT,
    Effort,
    MaxOutputTokens,
    Only,
    OpenAIPayload,
    String,
    Temperature,
    Tool,
    ToolFunction,
    TopP,
    Verbosity,
    WithoutNulls,
    openai_job_type,
    text_or,
)
from loresmith.jobs.types.builtin._response_items import Input, messages_of
from loresmith.jobs.types.chat import ChatRequest

FORWARDED = (
    "parallel_tool_calls", "prompt_cache_key", "prompt_cache_retention", "safety_identifier",
    "temperature", "top_p", "user",
)  # fmt: skip
"""Fields that the provider gets as they are."""
REFUSED = {
    "access_programs": "is not supported",
    "background_options": "is not supported",
    "context_management": "is not supported",
    "conversation": "is not supported; send the items, or previous_response_id",
    "image": "is not supported: answers are text",
    "max_tool_calls": "is not supported: no tool runs on the server",
    "moderation": "is not supported",
    "prompt": "is not supported: there are no stored prompts",
    "prompt_cache_options": "is not supported",
}


class Strict(WithoutNulls):
    """A part of the request whose unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ResponseTool(Tool, ToolFunction):
    """A tool that the client runs."""


class TextFormat(Strict):
    """The form of the answer: text, any JSON, or JSON that fits a schema."""

    type: Literal["text", "json_object", "json_schema"]
    name: String | None = None
    description: String | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool | None = None

    def as_chat(self) -> dict[str, Any]:
        if self.type != "json_schema":
            return {"type": self.type}
        schema = self.model_dump(mode="json", by_alias=True, exclude={"type"})
        return {"type": self.type, "json_schema": schema}


class TextConfig(Strict):
    """How the text of the answer shall be."""

    format: TextFormat | None = None
    verbosity: Verbosity | None = None


class Reasoning(Strict):
    """How much a reasoning model thinks."""

    effort: Effort | None = None
    summary: Annotated[Any, Only()] = None
    generate_summary: Annotated[Any, Only()] = None


class NamedFunction(Strict):
    """The function that the model must call."""

    type: Annotated[Any, Only("function")]
    name: String


ToolChoice = Annotated[Any, text_or(NamedFunction)]


class ResponsePayload(OpenAIPayload):
    """The body of a request to /v1/responses, without `model`, `stream` and `store`."""

    refused: ClassVar[Mapping[str, str]] = REFUSED

    input: Input
    instructions: String | None = None
    previous_response_id: String | None = Field(
        default=None, description="What it said is the beginning of `input`, where it was named"
    )
    max_output_tokens: MaxOutputTokens | None = Field(
        default=None,
        description=OUTPUT_LIMIT,
    )
    background: bool | None = Field(
        default=None, description="Shown in the response; every job runs in the background"
    )
    include: Annotated[Any, Only([])] = None
    parallel_tool_calls: bool | None = None
    prompt_cache_key: String | None = None
    prompt_cache_retention: String | None = None
    reasoning: Reasoning | None = None
    safety_identifier: String | None = None
    service_tier: Annotated[Any, Only("auto", "default")] = None
    temperature: Temperature | None = None
    text: TextConfig | None = None
    tool_choice: ToolChoice | None = None
    tools: list[ResponseTool] | None = None
    top_logprobs: Annotated[Any, Only(0)] = None
    top_p: TopP | None = None
    truncation: Annotated[Any, Only("disabled")] = None
    user: String | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not messages_of(self.instructions, self.input):
            raise ValueError("input needs more than reasoning")
        return self

    def chat_request(self) -> ChatRequest:
        """Returns the model call's input."""
        body: dict[str, Any] = self.model_dump(mode="json", include=set(FORWARDED))
        return ChatRequest(
            messages=tuple(messages_of(self.instructions, self.input)),
            max_output_tokens=self.max_output_tokens or DEFAULT_MAX_OUTPUT_TOKENS,
            parameters=body | self._translated(),
            as_is=True,
        )

    def _translated(self) -> dict[str, Any]:
        """Returns the fields that the chat form has under other names."""
        text, reasoning = self.text or TextConfig(), self.reasoning or Reasoning()
        fields = {
            "response_format": text.format.as_chat() if text.format else None,
            "verbosity": text.verbosity,
            "reasoning_effort": reasoning.effort,
            "tools": [_as_chat(tool) for tool in self.tools] if self.tools else None,
            "tool_choice": _tool_choice(self.tool_choice),
        }
        return {name: value for name, value in fields.items() if value is not None}


def _as_chat(tool: ResponseTool) -> dict[str, Any]:
    function = tool.model_dump(mode="json")
    return {"type": function.pop("type"), "function": function}


def _tool_choice(choice: str | NamedFunction | None) -> Any:
    if isinstance(choice, NamedFunction):
        return {"type": "function", "function": {"name": choice.name}}
    return choice


JOB_TYPE = openai_job_type(
    name="response",
    title="Response",
    description="One request in the form of OpenAI's /v1/responses.",
    payload=ResponsePayload,
    example={"input": "Name three rivers of a drowned valley."},
)
