"""chat_completion: one request in the form of OpenAI's /v1/chat/completions."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

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
    one_of,
    openai_job_type,
    text_or,
    unsupported,
)
from loresmith.jobs.types.chat import ChatRequest

FORWARDED = (
    "frequency_penalty", "logit_bias", "parallel_tool_calls", "presence_penalty",
    "prompt_cache_key", "prompt_cache_retention", "reasoning_effort", "response_format",
    "safety_identifier", "seed", "stop", "temperature", "tool_choice", "tools", "top_p", "user",
    "verbosity",
)  # fmt: skip
"""Fields that the provider gets as they are."""
REFUSED = {
    "audio": "is not supported: answers are text",
    "function_call": "is not supported; use tool_choice",
    "functions": "is not supported; use tools",
    "moderation": "is not supported",
    "prediction": "is not supported",
    "prompt_cache_options": "is not supported",
    "web_search_options": "is not supported: no tool runs on the server",
}


FORMS = (
    "audio",
    "content",
    "function",
    "image_url",
    "input_audio",
    "refusal",
    "text",
    "tool_calls",
)
"""Fields that say what a message or a part is. A field of another form would be read unchecked."""


class Extensible(WithoutNulls):
    """A part of a message. Fields that only some providers know go to them as they are."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @model_validator(mode="after")
    def _has_one_form(self) -> Self:
        extra = self.model_extra or {}
        if wrong := [name for name in FORMS if extra.get(name) is not None]:
            raise unsupported(f"cannot have {', '.join(wrong)}")
        return self


class ChatText(Extensible):
    """A text in a message."""

    type: Literal["text"]
    text: String


class ChatRefusal(Extensible):
    """An earlier refusal of the model in a message."""

    type: Literal["refusal"]
    refusal: String


class ImageUrl(Extensible):
    """Where an image is: an address, or its bytes as a `data:` URL."""

    url: String
    detail: Literal["auto", "low", "high", "original"] | None = None


class ChatImage(Extensible):
    """An image in a message."""

    type: Literal["image_url"]
    image_url: ImageUrl


Part = Annotated[
    Any,
    one_of(
        {"text": ChatText, "refusal": ChatRefusal, "image_url": ChatImage},
        "is not a supported part; use text, image_url or refusal",
    ),
]
Content = Annotated[Any, text_or(list[Part])]


class CalledFunction(Extensible):
    """The function of an earlier tool call."""

    name: String
    arguments: String


class EarlierToolCall(Extensible):
    """A tool call of an earlier answer."""

    id: String
    type: Annotated[Any, Only("function")]
    function: CalledFunction


class SystemMessage(Extensible):
    """Instructions to the model."""

    role: Literal["system", "developer"]
    content: Content


class UserMessage(Extensible):
    """A message to the model."""

    role: Literal["user"]
    content: Content


class AssistantMessage(Extensible):
    """An earlier answer of the model."""

    role: Literal["assistant"]
    content: Content | None = None
    refusal: String | None = None
    tool_calls: list[EarlierToolCall] | None = None


class ToolMessage(Extensible):
    """The result of a tool call."""

    role: Literal["tool"]
    content: Content
    tool_call_id: String


Message = Annotated[
    Any,
    one_of(
        {
            "system": SystemMessage,
            "developer": SystemMessage,
            "user": UserMessage,
            "assistant": AssistantMessage,
            "tool": ToolMessage,
        },
        "is not a supported message; its role is system, developer, user, assistant or tool",
        key="role",
    ),
]


class ChatTool(Tool):
    """A tool that the client runs."""

    function: ToolFunction


Stop = Annotated[Any, text_or(list[String])]
ToolChoice = Annotated[Any, text_or(dict[str, JsonValue])]


class ChatCompletionPayload(OpenAIPayload):
    """The body of a request to /v1/chat/completions, without `model`, `stream` and `store`."""

    refused: ClassVar[Mapping[str, str]] = REFUSED

    messages: list[Message] = Field(min_length=1)
    max_completion_tokens: MaxOutputTokens | None = Field(
        default=None,
        description=OUTPUT_LIMIT,
    )
    max_tokens: MaxOutputTokens | None = Field(
        default=None, description="The same by its earlier name"
    )
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    logit_bias: dict[str, Annotated[float, Field(ge=-100, le=100)]] | None = None
    logprobs: Annotated[Any, Only(False)] = None
    modalities: Annotated[Any, Only(["text"])] = None
    n: Annotated[Any, Only(1)] = None
    parallel_tool_calls: bool | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    prompt_cache_key: String | None = None
    prompt_cache_retention: String | None = None
    reasoning_effort: Effort | None = None
    response_format: dict[str, JsonValue] | None = None
    safety_identifier: String | None = None
    seed: int | None = None
    service_tier: Annotated[Any, Only("auto", "default")] = None
    stop: Stop | None = None
    temperature: Temperature | None = None
    tool_choice: ToolChoice | None = None
    tools: list[ChatTool] | None = None
    top_logprobs: Annotated[Any, Only(0)] = None
    top_p: TopP | None = None
    user: String | None = None
    verbosity: Verbosity | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> "ChatCompletionPayload":
        limits = {self.max_completion_tokens, self.max_tokens} - {None}
        if len(limits) > 1:
            raise ValueError("max_tokens differs from max_completion_tokens; send only the latter")
        return self

    @property
    def max_output_tokens(self) -> int | None:
        """The limit that the client names."""
        return self.max_completion_tokens or self.max_tokens

    def chat_request(self) -> ChatRequest:
        """Returns the model call's input."""
        body = self.model_dump(mode="json")
        return ChatRequest(
            messages=tuple(body["messages"]),
            max_output_tokens=self.max_output_tokens or DEFAULT_MAX_OUTPUT_TOKENS,
            parameters={name: body[name] for name in FORWARDED if name in body},
            as_is=True,
        )


JOB_TYPE = openai_job_type(
    name="chat_completion",
    title="Chat completion",
    description="One request in the form of OpenAI's /v1/chat/completions.",
    payload=ChatCompletionPayload,
    example={"messages": [{"role": "user", "content": "Name three rivers of a drowned valley."}]},
)
