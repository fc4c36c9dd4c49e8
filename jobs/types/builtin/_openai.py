"""What the job types of OpenAI's requests share: refused fields, tools, and the result."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Union

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    SerializerFunctionWrapHandler,
    TypeAdapter,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import (
    CoreSchema,
    InitErrorDetails,
    PydanticCustomError,
    core_schema,
    to_json,
)

from loresmith.jobs.types.base import JobType, Step
from loresmith.jobs.types.chat import CHAT, ChatAnswer, ChatRequest, ToolCall
from loresmith.jobs.types.context import Context
from loresmith.jobs.types.fields import Payload, Printable

TOOL_TYPE = "is not supported with this value; only function is: no tool runs on the server"
UNSUPPORTED = "unsupported_parameter"
"""Type of the validation error of what is refused because it cannot be honoured."""
DEFAULT_MAX_OUTPUT_TOKENS = 16_384
"""Bounds the price of a request that names no limit."""
OUTPUT_LIMIT = f"Maximum output tokens, with reasoning; {DEFAULT_MAX_OUTPUT_TOKENS:,} if absent"

MAX_TEXT = 2_000_000
"""Characters of one text; the body has a limit of its own."""
String = Annotated[str, Field(max_length=MAX_TEXT), Printable()]
TEXT: TypeAdapter[str] = TypeAdapter(String)
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]
Verbosity = Literal["low", "medium", "high"]
MaxOutputTokens = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
Temperature = Annotated[float, Field(ge=0, le=2)]
TopP = Annotated[float, Field(ge=0, le=1)]


def unsupported(detail: str) -> PydanticCustomError:
    """Returns the error of a value that is valid and not supported."""
    return PydanticCustomError(UNSUPPORTED, "{detail}", {"detail": detail})


class Only:
    """Annotation of a field of which only these values, or null, can be honoured."""

    def __init__(self, *supported: Any) -> None:
        self._supported = supported

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(schema) | {"enum": [*self._supported, None]}

    def _check(self, value: Any) -> Any:
        is_supported = any(value == each and type(value) is type(each) for each in self._supported)
        if value is None or is_supported:
            return value
        words = " or ".join(to_json(each).decode() for each in self._supported)
        raise unsupported(
            f"is not supported{f' with this value; only {words} is' if words else ''}"
        )


def one_of(
    models: Mapping[str, type[BaseModel]], detail: str, *, key: str = "type", default: str = ""
) -> PlainValidator:
    """Returns the annotation of an object whose `key` says which of the models it is. Unlike a
    union's, its errors name the field alone. `detail`: the error of another word.
    """

    def validate(value: Any) -> Any:
        if isinstance(value, BaseModel):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError("dict_type", "must be an object")
        word = value.get(key, default)
        model = models.get(word) if isinstance(word, str) else None
        if model is None:
            raise unsupported(detail)
        return model.model_validate(value)

    return PlainValidator(validate, json_schema_input_type=_union(*models.values()))


def text_or(form: Any) -> PlainValidator:
    """Returns the annotation of a text that may also be of another form, likewise."""
    adapter = TypeAdapter(form)

    def validate(value: Any) -> Any:
        return (TEXT if isinstance(value, str) else adapter).validate_python(value)

    return PlainValidator(validate, json_schema_input_type=_union(String, form))


def _union(*types: Any) -> Any:
    return Union[tuple(dict.fromkeys(types))]  # noqa: UP007


class WithoutNulls(BaseModel):
    """Base of models that store and forward what was given: a null is the same as no field."""

    model_config = ConfigDict(serialize_by_alias=True)

    @model_serializer(mode="wrap")
    def _drop_nulls(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in handler(self).items() if value is not None}


class OpenAIPayload(WithoutNulls, Payload):
    """Base of the payloads. Texts keep their blanks, as a model sees them."""

    model_config = ConfigDict(str_strip_whitespace=False)

    refused: ClassVar[Mapping[str, str]] = {}
    """Fields of OpenAI's request that are refused unless null, with the reason."""

    @model_validator(mode="before")
    @classmethod
    def _refuse(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        named = [name for name in cls.refused if value.get(name) is not None]
        if named:
            errors = [
                InitErrorDetails(
                    type=unsupported(cls.refused[name]), loc=(name,), input=value[name]
                )
                for name in named
            ]
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return {name: part for name, part in value.items() if name not in cls.refused}

    @abstractmethod
    def chat_request(self) -> ChatRequest:
        """Returns the model call's input."""


class Tool(WithoutNulls):
    """A tool that the client runs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Annotated[Any, Only("function")]

    @model_validator(mode="before")
    @classmethod
    def _type_first(cls, value: Any) -> Any:
        """Of a tool of another type only the type is wrong."""
        if isinstance(value, dict) and value.get("type") not in (None, "function"):
            error = InitErrorDetails(type=unsupported(TOOL_TYPE), loc=("type",), input=value)
            raise ValidationError.from_exception_data(cls.__name__, [error])
        return value


class ToolFunction(WithoutNulls):
    """A function that the model may call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]
    description: String | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ChatResult(BaseModel):
    """What the model answered."""

    content: str | None = Field(description="Its text; null when it only calls functions")
    refusal: str | None = Field(description="Why it does not answer, in its own words")
    tool_calls: list[ToolCall]
    finish_reason: str = Field(
        description="`stop`, `length`, `tool_calls` or `content_filter`, or a provider's own word"
    )


def title_of(payload: Mapping[str, Any]) -> str:
    """Returns the last text of the user."""
    turns = payload.get("messages") or payload.get("input") or ""
    if isinstance(turns, str):
        return turns
    texts = (
        _text_of(each.get("content")) for each in reversed(turns) if each.get("role") == "user"
    )
    return next(filter(None, texts), "")


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    return " ".join(part["text"] for part in content or () if "text" in part)


def result_of(answer: ChatAnswer) -> dict[str, Any]:
    """Returns the result of a job from the answer of its model call."""
    is_text = answer.text or not (answer.tool_calls or answer.refusal)
    return {
        "content": answer.text if is_text else None,
        "refusal": answer.refusal or None,
        "tool_calls": [call.model_dump() for call in answer.tool_calls],
        "finish_reason": answer.finish_reason,
    }


def openai_job_type(
    *,
    name: str,
    title: str,
    description: str,
    payload: type[OpenAIPayload],
    example: dict[str, Any],
) -> JobType[OpenAIPayload]:
    """Makes a job type of one model call, each complete answer of which is a result."""

    def run(payload: OpenAIPayload, context: Context) -> Any:
        return result_of(context.call("generate", CHAT, payload.chat_request()))

    return JobType(
        name=name,
        title=title,
        description=description,
        payload=payload,
        result=ChatResult,
        steps=(Step("generate", "Generating...", 20.0),),
        finalizing="Finalizing...",
        specs=(CHAT,),
        run=run,
        timeout_s=1_800.0,
        is_sent_again=True,
        title_of=title_of,
        example=example,
    )
