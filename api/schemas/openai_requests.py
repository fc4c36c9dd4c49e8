"""The bodies of the requests below /v1, and the payloads of the jobs that they ask for."""

from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, Field, field_validator

from loresmith.api.schemas.requests import MODELS, JobOptions, small
from loresmith.jobs.types.builtin._openai import OpenAIPayload
from loresmith.jobs.types.builtin.chat_completion import ChatCompletionPayload
from loresmith.jobs.types.builtin.response import ResponsePayload

ModelName = Annotated[str, Field(pattern=MODELS)]
PayloadT = TypeVar("PayloadT", bound=BaseModel)


class StreamOptions(BaseModel):
    """Options of a stream."""

    model_config = {"extra": "forbid"}

    include_usage: bool | None = None
    include_obfuscation: bool | None = Field(
        default=None, description="Taken, and never done: streams are not padded"
    )


class OpenAIRequest(OpenAIPayload):
    """What a request says beside the payload of its job."""

    model: ModelName = Field(description="A model of GET /v1/models, or a list `a|b`")
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    store: bool | None = Field(
        default=None, description="`false`: the content is removed 10 minutes after the end"
    )
    metadata: Annotated[dict[str, str], AfterValidator(small)] | None = None
    loresmith: JobOptions | None = Field(
        default=None, description="The `options` of POST /jobs, but for model and store"
    )

    @field_validator("loresmith")
    @classmethod
    def _no_second_model(cls, options: JobOptions | None) -> JobOptions | None:
        for name in ("model", "store"):
            if options and getattr(options, name) is not None:
                raise ValueError(f"{name} belongs into the body itself")
        return options


class ChatCompletionRequest(OpenAIRequest, ChatCompletionPayload):
    """The body of POST /v1/chat/completions."""

    def payload(self, max_output_tokens: int) -> ChatCompletionPayload:
        """Returns the payload of its job. `max_output_tokens`: where the body names no limit."""
        default = {} if self.max_output_tokens else {"max_completion_tokens": max_output_tokens}
        return _part(self, ChatCompletionPayload, default)


class ResponseRequest(OpenAIRequest, ResponsePayload):
    """The body of POST /v1/responses."""

    def payload(self, max_output_tokens: int, earlier: list[Any]) -> ResponsePayload:
        """Returns the payload of its job. `earlier`: the items of the previous response."""
        update: dict[str, Any] = {"max_output_tokens": self.max_output_tokens or max_output_tokens}
        if earlier:
            items = ResponsePayload(input=[*earlier, *_items(self.input)]).input
            update["input"] = items
        return _part(self, ResponsePayload, update)


def _items(input: Any) -> list[Any]:
    return [{"role": "user", "content": input}] if isinstance(input, str) else list(input)


def _part(request: BaseModel, model: type[PayloadT], update: dict[str, Any]) -> PayloadT:
    """Returns the fields of a model that the request extends, which are validated."""
    names = request.model_fields_set & model.model_fields.keys()
    values = {name: getattr(request, name) for name in model.model_fields} | update
    return model.model_construct(_fields_set=names | update.keys(), **values)
