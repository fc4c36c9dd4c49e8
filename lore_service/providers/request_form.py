"""The forms in which a request asks for JSON that fits a schema, and the bodies made of them."""

from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from pydantic_core import to_json

from loresmith.jobs.core.settings.providers import MaxTokensParameter, ProviderConfig, SchemaMode
from loresmith.lore_service.providers.request import ProviderRequest

PROBED_MODES: dict[str, tuple[SchemaMode, ...]] = {
    "chat": ("json_schema", "tool", "guided_json", "json_object", "prompt"),
    "responses": ("json_schema", "json_object", "prompt"),
}
"""By api, in the order of the probe. guided_json comes after tool: servers that do not know it
ignore it."""
PROBED_PARAMETERS: tuple[MaxTokensParameter, ...] = ("max_completion_tokens", "max_tokens")
UNENFORCED = ("json_object", "prompt")
"""The server does not hold the answer to the schema, so that the model must read it."""
SCHEMA_PROMPT = (
    "\n\nAnswer with one JSON object that fits this JSON Schema, and with nothing else:\n{schema}"
)


@dataclass(frozen=True)
class RequestForm:
    """How a request asks for the schema, and how it limits the length of the answer."""

    schema_mode: SchemaMode
    max_tokens_parameter: MaxTokensParameter | Literal["max_output_tokens"]
    asks_usage: bool = True
    """Whether it asks for the token usage; without it the cost is an upper bound."""

    def as_fields(self) -> dict[str, str]:
        """Returns the fields of a ledger row."""
        return {
            "schema_mode": self.schema_mode,
            "max_tokens_parameter": self.max_tokens_parameter,
        }


def forms_of(provider: ProviderConfig) -> tuple[RequestForm, ...]:
    """Returns the forms that may be tried at a provider, the best first."""
    modes = (
        PROBED_MODES[provider.api] if provider.schema_mode == "probe" else (provider.schema_mode,)
    )
    if provider.api == "responses":
        return tuple(RequestForm(mode, "max_output_tokens") for mode in modes)
    parameter = provider.max_tokens_parameter
    parameters = PROBED_PARAMETERS if parameter == "probe" else (parameter,)
    return tuple(RequestForm(*form) for form in product(modes, parameters))


def chat_body(request: ProviderRequest, form: RequestForm) -> dict[str, Any]:
    """Returns the body of a streamed chat completion."""
    return {
        "model": request.model,
        "messages": _messages(request, form),
        "stream": True,
        **({"stream_options": {"include_usage": True}} if form.asks_usage else {}),
        form.max_tokens_parameter: request.max_output_tokens,
        **_chat_schema(request, form.schema_mode),
    }


def response_body(request: ProviderRequest, form: RequestForm) -> dict[str, Any]:
    """Returns the body of a background response."""
    return {
        "model": request.model,
        "input": _messages(request, form),
        "background": True,
        "stream": True,
        "store": True,
        form.max_tokens_parameter: request.max_output_tokens,
        "metadata": {"call_id": request.call_id},
        **_response_schema(request, form.schema_mode),
    }


def _chat_schema(request: ProviderRequest, mode: SchemaMode) -> dict[str, Any]:
    named = {"name": request.schema_name}
    match mode:
        case "json_schema":
            schema = named | {"strict": True, "schema": request.schema}
            return {"response_format": {"type": "json_schema", "json_schema": schema}}
        case "guided_json":
            return {"guided_json": request.schema}
        case "tool":
            function = named | {"parameters": request.schema}
            return {
                "tools": [{"type": "function", "function": function}],
                "tool_choice": {"type": "function", "function": named},
            }
        case "json_object":
            return {"response_format": {"type": "json_object"}}
        case "prompt":
            return {}


def _response_schema(request: ProviderRequest, mode: SchemaMode) -> dict[str, Any]:
    match mode:
        case "json_schema":
            schema = {"type": mode, "name": request.schema_name, "schema": request.schema}
            return {"text": {"format": schema | {"strict": True}}}
        case "json_object":
            return {"text": {"format": {"type": mode}}}
        case _:
            return {}


def _messages(request: ProviderRequest, form: RequestForm) -> list[dict[str, str]]:
    """Returns the messages; the first has the schema where the server does not enforce it."""
    if form.schema_mode not in UNENFORCED:
        return request.messages
    first, *others = request.messages
    schema = SCHEMA_PROMPT.format(schema=to_json(request.schema).decode())
    return [first | {"content": first["content"] + schema}, *others]
