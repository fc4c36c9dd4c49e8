"""prompt: any request to a language model, for text or for JSON that fits a schema."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import to_json

from loresmith.jobs.core.messages import map_texts
from loresmith.jobs.types.base import JobType, Step
from loresmith.jobs.types.chat import CHAT, ChatRequest, ToolCall
from loresmith.jobs.types.context import Context
from loresmith.jobs.types.fields import Output, Payload, Text
from loresmith.jobs.types.json_schema import check_schema
from loresmith.jobs.types.messages import ChatMessage, Content, as_sent, problem_of

DEFAULT_MAX_OUTPUT_TOKENS, MAX_OUTPUT_TOKENS = 4_096, 128_000
MAX_PARAMETERS_BYTES = 64_000
OWN_FIELDS = (
    *("model", "messages", "stream", "stream_options", "response_format", "n", "store"),
    *("max_tokens", "max_completion_tokens", "max_output_tokens", "input", "background"),
    *("temperature", "metadata", "functions", "function_call", "guided_json", "audio"),
)
"""Fields of the provider's body that the payload has, or that change the form of the answer."""
COSTLY_FIELDS = (
    *("models", "plugins", "best_of", "num_return_sequences", "modalities", "prediction"),
    *("web_search_options", "search_parameters"),
)
"""Fields that choose another model, or cost more than the tokens that bound the price."""
TIERS = ("auto", "default", "flex")
"""Service tiers that cost no more than the price list says."""
VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,63})\s*\}\}")
VariableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]


def _parameters(value: dict[str, Any]) -> dict[str, Any]:
    if own := sorted(value.keys() & {*OWN_FIELDS, *COSTLY_FIELDS}):
        raise ValueError(f"{', '.join(own)} cannot be set here")
    if len(to_json(value)) > MAX_PARAMETERS_BYTES:
        raise ValueError(f"exceeds {MAX_PARAMETERS_BYTES} bytes of JSON")
    if value.get("service_tier", TIERS[0]) not in TIERS:
        raise ValueError(f"service_tier must be one of {', '.join(TIERS)}")
    if not all(map(_is_function, _tools(value))):
        raise ValueError("tools must be a list of functions, which the client runs")
    return value


def _tools(parameters: dict[str, Any]) -> list[Any]:
    tools = parameters.get("tools") or []
    return tools if isinstance(tools, list) else [tools]


def _is_function(tool: Any) -> bool:
    is_function = isinstance(tool, dict) and tool.get("type") == "function"
    return is_function and isinstance(tool.get("function"), dict)


class PromptPayload(Payload):
    """What a client sends: `prompt`, or `messages` for a conversation."""

    prompt: Annotated[Content, Field(min_length=1)] | None = Field(
        default=None, description="What the model shall do", examples=["Write a haiku about rain."]
    )
    system: Annotated[Content, Field(min_length=1)] | None = Field(
        default=None, description="How the model shall behave; comes before the prompt"
    )
    messages: Annotated[list[ChatMessage], Field(min_length=1, max_length=2_000)] | None = Field(
        default=None, description="A whole conversation, with images if the model reads them"
    )
    variables: dict[VariableName, Content] = Field(
        default={},
        max_length=200,
        description="Texts that replace {{name}} in prompt, system and messages",
    )
    output_schema: Annotated[dict[str, Any], AfterValidator(check_schema)] | None = Field(
        default=None, description="JSON Schema of the result; without one the result is text"
    )
    max_output_tokens: int = Field(
        default=DEFAULT_MAX_OUTPUT_TOKENS, ge=1, le=MAX_OUTPUT_TOKENS, strict=True,
        description="Maximum length of the answer, with the model's reasoning; it bounds the price",
    )  # fmt: skip
    temperature: float | None = Field(
        default=None, ge=0, le=2, strict=True, description="How freely the model chooses its words"
    )
    parameters: Annotated[dict[str, Any], AfterValidator(_parameters)] = Field(
        default={},
        description="Further fields of the request, as the provider names them: top_p, seed, stop, "
        "reasoning_effort, tools ...",
    )

    @model_validator(mode="after")
    def _is_one_request(self) -> Self:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("exactly one of prompt and messages is required")
        if self.system is not None and self.messages is not None:
            raise ValueError("system goes with prompt; messages have a system message of their own")
        if problem := problem_of(self.messages or ()):
            raise ValueError(problem)
        if self.variables:
            self._check_variables()
        return self

    def _check_variables(self) -> None:
        used: set[str] = set()

        def note(match: re.Match[str]) -> str:
            used.add(match[1])
            return ""

        for text in (self.prompt, self.system):
            VARIABLE.sub(note, text or "")
        for message in self.messages or ():
            map_texts(
                message.model_dump(), lambda text: VARIABLE.sub(note, text), in_tool_calls=False
            )
        if missing := sorted(used - self.variables.keys()):
            raise ValueError(f"variables has no {', '.join(missing)}")
        if unused := sorted(self.variables.keys() - used):
            raise ValueError(f"nothing uses the variables {', '.join(unused)}")


class PromptResult(Output):
    """The answer of the model."""

    text: str | None = Field(description="The text; null where output_schema asked for JSON")
    output: Any = Field(description="The JSON that fits output_schema; null without one")
    finish_reason: Literal["stop", "length", "tool_calls"] | str = Field(
        description="Why the model ended; `length`: the text was cut at max_output_tokens"
    )
    tool_calls: list[ToolCall] = Field(description="Functions that the model wants called")


def run(payload: PromptPayload, context: Context) -> dict[str, Any]:
    """Asks the model."""
    answer = context.call("generate", CHAT, request_of(payload))
    is_json = payload.output_schema is not None and not answer.tool_calls
    return {
        "text": None if is_json else answer.text,
        "output": answer.json_value() if is_json else None,
        "finish_reason": answer.finish_reason,
        "tool_calls": [call.model_dump() for call in answer.tool_calls],
    }


def request_of(payload: PromptPayload) -> ChatRequest:
    """Returns the request to the model, with the variables put in."""
    fill = _filler(payload.variables)
    messages = as_sent(payload.messages or ())
    if payload.prompt is not None:
        system = [{"role": "system", "content": payload.system}] if payload.system else []
        messages = (*system, {"role": "user", "content": payload.prompt})
    temperature = {} if payload.temperature is None else {"temperature": payload.temperature}
    return ChatRequest(
        messages=tuple(map_texts(message, fill, in_tool_calls=False) for message in messages),
        max_output_tokens=payload.max_output_tokens,
        parameters=payload.parameters | temperature,
        output_schema=payload.output_schema,
    )


def _filler(variables: Mapping[str, Text]) -> Callable[[str], str]:
    """Returns a function that puts the variables into a text, in one pass: values are not read."""
    if not variables:
        return lambda text: text
    return lambda text: VARIABLE.sub(lambda match: variables[match[1]], text)


def title_of(payload: Mapping[str, Any]) -> str:
    """Returns the prompt, or the last text of the user."""
    if prompt := payload.get("prompt"):
        return str(prompt)
    messages = payload.get("messages") or []
    texts = (_text_of(each) for each in reversed(messages) if each.get("role") == "user")
    return next(filter(None, texts), "")


def _text_of(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return " ".join(part["text"] for part in content if "text" in part)


JOB_TYPE = JobType(
    name="prompt",
    title="Prompt",
    description="Any request to a language model: a text, or JSON that fits a schema.",
    payload=PromptPayload,
    result=PromptResult,
    steps=(Step("generate", "Writing...", 20.0),),
    finalizing="Finalizing...",
    specs=(CHAT,),
    run=run,
    timeout_s=600.0,
    example={"prompt": "Write a haiku about a drowned harbour town."},
    title_of=title_of,
)
