"""Parses a request for text from the body of either interface."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.offline_model.server.errors import BadRequest
from loresmith.offline_model.server.faults import FAULTS

DEFAULT_MODEL = "offline-lore-1"
MAX_DURATION_S = 3_600.0
MAX_CALL_ID_LENGTH = 500


@dataclass(frozen=True)
class CompletionRequest:
    """One request for text."""

    body: bytes
    model: str
    prompt: str
    """The text of all messages."""
    schema: dict[str, Any] | None
    schema_name: str
    wants_json: bool
    """Requests JSON without a schema."""
    max_tokens: int | None
    stream: bool
    include_usage: bool
    background: bool
    call_id: str
    has_seed: bool
    """The body has a `seed`: the text does not depend on the call id."""
    duration_s: float | None
    """The requested duration of the answer; None means the default."""
    fault: str
    """The fault that the request asks for, or empty."""
    metadata: dict[str, Any]

    @classmethod
    def from_chat(cls, body: bytes, headers: Mapping[str, str]) -> "CompletionRequest":
        """Parses the body of POST /v1/chat/completions. Raises BadRequest."""
        payload = _payload(body, prompt_field="messages")
        response_format = _mapping(payload, "response_format")
        return cls._parse(
            body,
            payload,
            headers,
            messages=[payload["messages"]],
            response_format=response_format,
            json_schema=_mapping(response_format, "json_schema"),
            max_tokens=payload.get("max_completion_tokens") or payload.get("max_tokens"),
        )

    @classmethod
    def from_responses(cls, body: bytes, headers: Mapping[str, str]) -> "CompletionRequest":
        """Parses the body of POST /v1/responses. Raises BadRequest."""
        payload = _payload(body, prompt_field="input")
        response_format = _mapping(_mapping(payload, "text"), "format")
        return cls._parse(
            body,
            payload,
            headers,
            messages=[payload.get("instructions") or "", payload["input"]],
            response_format=response_format,
            json_schema=response_format,
            max_tokens=payload.get("max_output_tokens"),
        )

    @classmethod
    def _parse(
        cls,
        body: bytes,
        payload: dict[str, Any],
        headers: Mapping[str, str],
        *,
        messages: list[Any],
        response_format: dict[str, Any],
        json_schema: dict[str, Any],
        max_tokens: Any,
    ) -> "CompletionRequest":
        metadata = _mapping(payload, "metadata")
        if response_format.get("type") != "json_schema":
            json_schema = {}
        fault = headers.get("x-offline-fault", "")
        if fault and fault not in FAULTS:
            raise BadRequest(f"X-Offline-Fault must be one of {', '.join(FAULTS)}")
        if max_tokens is not None and (not isinstance(max_tokens, int) or max_tokens < 1):
            raise BadRequest("the token limit must be an integer above 0")
        seconds = headers.get("x-offline-seconds", metadata.get("offline_seconds"))
        call_id = headers.get("x-call-id") or str(metadata.get("call_id") or "")
        return cls(
            body=body,
            model=str(payload.get("model") or DEFAULT_MODEL),
            prompt="\n".join(filter(None, map(_text, messages))),
            schema=_mapping(json_schema, "schema") if json_schema else None,
            schema_name=str(json_schema.get("name") or ""),
            wants_json=response_format.get("type") == "json_object",
            max_tokens=max_tokens,
            stream=bool(payload.get("stream")),
            include_usage=bool(_mapping(payload, "stream_options").get("include_usage")),
            background=bool(payload.get("background")),
            call_id=call_id[:MAX_CALL_ID_LENGTH],
            has_seed=payload.get("seed") is not None,
            duration_s=None if seconds is None else duration(seconds),
            fault=fault,
            metadata=metadata,
        )


def duration(seconds: Any) -> float:
    """Parses the seconds of an answer. Raises BadRequest."""
    try:
        parsed = float(seconds)
    except (TypeError, ValueError):
        parsed = math.nan
    if not 0 <= parsed <= MAX_DURATION_S:
        raise BadRequest(f"the seconds of an answer must be from 0 to {MAX_DURATION_S:g}")
    return parsed


def _payload(body: bytes, prompt_field: str) -> dict[str, Any]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise BadRequest("the body must be an object")
    if not payload.get(prompt_field):
        raise BadRequest(f"{prompt_field} must be a text or a list of messages")
    return payload


def _mapping(payload: dict[str, Any], name: str) -> dict[str, Any]:
    value = payload.get(name)
    if value is not None and not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object")
    return value or {}


def _text(message: Any) -> str:
    """Returns the text of a message, or of a list of messages or parts."""
    if isinstance(message, str):
        return message
    if isinstance(message, list):
        return "\n".join(filter(None, map(_text, message)))
    if isinstance(message, dict):
        return _text(message.get("content") or message.get("text") or "")
    raise BadRequest("messages must be texts, or objects with a content")
