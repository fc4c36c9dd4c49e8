"""The objects of the routes below /v1. OpenAI's own reference describes them completely."""

from typing import Any, Literal

from pydantic import Field

from loresmith.api.schemas.base import ResponseModel


class ChatCompletion(ResponseModel):
    """A chat completion."""

    id: str = Field(description="chatcmpl- and the hexadecimal digits of the job's id")
    object: Literal["chat.completion"]
    created: int
    model: str
    service_tier: str
    system_fingerprint: None
    choices: list[dict[str, Any]] = Field(description="Exactly one")
    usage: dict[str, Any]
    metadata: dict[str, str]


class ResponseObject(ResponseModel):
    """A response."""

    id: str = Field(description="resp_ and the hexadecimal digits of the job's id")
    object: Literal["response"]
    created_at: int
    completed_at: int | None
    status: Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]
    background: bool
    error: dict[str, str] | None
    incomplete_details: dict[str, str] | None
    model: str
    output: list[dict[str, Any]]
    parallel_tool_calls: bool
    reasoning: dict[str, Any]
    store: bool
    text: dict[str, Any]
    tool_choice: Any
    tools: list[dict[str, Any]]
    truncation: str
    service_tier: str
    usage: dict[str, Any] | None
    metadata: dict[str, str]
    instructions: str | None
    max_output_tokens: int | None
    previous_response_id: str | None
    prompt_cache_key: str | None
    prompt_cache_retention: str | None
    safety_identifier: str | None
    temperature: float | None
    top_p: float | None
    user: str | None


class ModelObject(ResponseModel):
    """A model."""

    id: str
    object: Literal["model"]
    created: Literal[0]
    owned_by: str = Field(description="The provider")


class ModelList(ResponseModel):
    """All models."""

    object: Literal["list"]
    data: list[ModelObject]


class DeletedObject(ResponseModel):
    """An object that was deleted."""

    id: str
    object: str
    deleted: Literal[True]


class OpenAIErrorDetail(ResponseModel):
    """What went wrong."""

    message: str
    type: str
    param: str | None = Field(description="The field, as in messages[0].content")
    code: str


class OpenAIErrorBody(ResponseModel):
    """An error of the routes below /v1."""

    error: OpenAIErrorDetail


OPENAI_OBJECTS = (ChatCompletion, ResponseObject, ModelList, ModelObject, DeletedObject,
                  OpenAIErrorBody)  # fmt: skip
