"""The forms in which a request asks for JSON that fits a schema, and the bodies made of them."""

from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Literal

from pydantic_core import to_json

from loresmith.jobs.core.messages import Message, with_text
from loresmith.jobs.core.settings.providers import MaxTokensParameter, ProviderConfig, SchemaMode
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response_input import input_items, response_parameters

FormMode = SchemaMode | Literal["none"]
"""`none`: the request has no schema."""
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

    schema_mode: FormMode
    max_tokens_parameter: MaxTokensParameter | Literal["max_output_tokens"]
    asks_usage: bool = True
    """Whether it asks for the token usage; without it the cost is an upper bound."""

    def as_fields(self) -> dict[str, str]:
        """Returns the fields of a ledger row."""
        return {
            "schema_mode": self.schema_mode,
            "max_tokens_parameter": self.max_tokens_parameter,
        }


def forms_of(provider: ProviderConfig, *, has_schema: bool = True) -> tuple[RequestForm, ...]:
    """Returns the forms that may be tried at a provider, the best first."""
    if not has_schema:
        forms = (replace(form, schema_mode="none") for form in forms_of(provider))
        return tuple(dict.fromkeys(forms))
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
        **request.parameters,
        "model": request.model,
        "messages": _messages(request, form),
        "stream": True,
        **({"stream_options": {"include_usage": True}} if form.asks_usage else {}),
        form.max_tokens_parameter: request.max_output_tokens,
        **_chat_schema(request, _mode(request, form)),
    }


def response_body(request: ProviderRequest, form: RequestForm) -> dict[str, Any]:
    """Returns the body of a background response. Raises CallError for what it cannot say."""
    parameters = response_parameters(request.parameters)
    schema = _response_schema(request, form.schema_mode)
    if text := parameters.get("text", {}) | schema.get("text", {}):
        parameters["text"] = text
    return {
        **parameters,
        "model": request.model,
        "input": input_items(_messages(request, form)),
        "background": True,
        "stream": True,
        "store": True,
        form.max_tokens_parameter: request.max_output_tokens,
        "metadata": {"call_id": request.call_id},
    }


def _mode(request: ProviderRequest, form: RequestForm) -> FormMode:
    """Returns how the schema is asked for: not as a tool where the client has tools of its own."""
    return "prompt" if form.schema_mode == "tool" and request.has_tools else form.schema_mode


def _chat_schema(request: ProviderRequest, mode: FormMode) -> dict[str, Any]:
    named = {"name": request.schema_name}
    match mode:
        case "json_schema":
            schema = named | {"strict": request.is_strict, "schema": request.schema}
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
        case "prompt" | "none":
            return {}


def _response_schema(request: ProviderRequest, mode: FormMode) -> dict[str, Any]:
    match mode:
        case "json_schema":
            schema = {"type": mode, "name": request.schema_name, "schema": request.schema}
            return {"text": {"format": schema | {"strict": request.is_strict}}}
        case "json_object":
            return {"text": {"format": {"type": mode}}}
        case _:
            return {}


def _messages(request: ProviderRequest, form: RequestForm) -> list[Message]:
    """Returns the messages; the first has the schema where the server does not enforce it."""
    if _mode(request, form) not in UNENFORCED:
        return request.messages
    first, *others = request.messages
    schema = SCHEMA_PROMPT.format(schema=to_json(request.schema).decode())
    return [with_text(first, schema), *others]
