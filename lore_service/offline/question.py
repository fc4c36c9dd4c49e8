"""What a request asks, whichever of the two interfaces it came through."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lore_service.offline.asgi import BadRequest
from lore_service.offline.faults import KINDS

DEFAULT_MODEL = "offline-lore-1"
LONGEST_S = 3_600.0


@dataclass(frozen=True)
class Question:
    """One request for a text."""

    body: bytes
    model: str
    prompt: str
    """All that was said, by whoever."""
    schema: dict[str, Any] | None
    schema_name: str
    json_only: bool
    """Some JSON is asked for, no matter which."""
    cap: int | None
    """Most tokens of the answer."""
    stream: bool
    with_usage: bool
    background: bool
    call_id: str
    seconds: float | None
    """How long this answer is to take, if the request says so."""
    fault: str
    """A fault that this request asks for, or ""."""
    metadata: dict[str, Any]

    @classmethod
    def of_chat(cls, body: bytes, headers: Mapping[str, str]) -> "Question":
        """A body of POST /v1/chat/completions. Raises BadRequest."""
        given = _object(body)
        form = _mapping(given, "response_format")
        shape = _mapping(form, "json_schema") if form.get("type") == "json_schema" else {}
        if not given.get("messages"):
            raise BadRequest("messages must be a list of messages")
        cap = given.get("max_completion_tokens") or given.get("max_tokens")
        return cls._of(body, given, headers, [given["messages"]], form, shape, cap)

    @classmethod
    def of_responses(cls, body: bytes, headers: Mapping[str, str]) -> "Question":
        """A body of POST /v1/responses. Raises BadRequest."""
        given = _object(body)
        form = _mapping(_mapping(given, "text"), "format")
        shape = form if form.get("type") == "json_schema" else {}
        said = [given.get("instructions") or "", given.get("input") or ""]
        if not said[1]:
            raise BadRequest("input must be a text or a list of messages")
        return cls._of(body, given, headers, said, form, shape, given.get("max_output_tokens"))

    @classmethod
    def _of(
        cls,
        body: bytes,
        given: dict[str, Any],
        headers: Mapping[str, str],
        said: list[Any],
        form: dict[str, Any],
        shape: dict[str, Any],
        cap: Any,
    ) -> "Question":
        metadata = _mapping(given, "metadata")
        fault = headers.get("x-offline-fault", "")
        if fault and fault not in KINDS:
            raise BadRequest(f"X-Offline-Fault must be one of {', '.join(KINDS)}")
        if cap is not None and (not isinstance(cap, int) or cap < 1):
            raise BadRequest("the most tokens of an answer must be a whole number above 0")
        return cls(
            body=body,
            model=str(given.get("model") or DEFAULT_MODEL),
            prompt="\n".join(filter(None, map(_text, said))),
            schema=_mapping(shape, "schema") if shape else None,
            schema_name=str(shape.get("name") or ""),
            json_only=form.get("type") == "json_object",
            cap=cap,
            stream=bool(given.get("stream")),
            with_usage=bool(_mapping(given, "stream_options").get("include_usage")),
            background=bool(given.get("background")),
            call_id=(headers.get("x-call-id") or str(metadata.get("call_id") or ""))[:500],
            seconds=_seconds(headers.get("x-offline-seconds", metadata.get("offline_seconds"))),
            fault=fault,
            metadata=metadata,
        )


def _object(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise BadRequest(f"the body is not JSON: {problem}") from None
    if not isinstance(given, dict):
        raise BadRequest("the body must be an object")
    return given


def _mapping(given: dict[str, Any], name: str) -> dict[str, Any]:
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise BadRequest(f"{name} must be an object")
    return value or {}


def _text(said: Any) -> str:
    """The text in a message, in a list of messages or parts, or in the parts of one."""
    if isinstance(said, str):
        return said
    if isinstance(said, list):
        return "\n".join(filter(None, map(_text, said)))
    if isinstance(said, dict):
        return _text(said.get("content") or said.get("text") or "")
    raise BadRequest("messages must be texts, or objects with a content")


def _seconds(told: Any) -> float | None:
    if told is None:
        return None
    try:
        seconds = float(told)
    except (TypeError, ValueError):
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_S:
        raise BadRequest(f"the seconds of an answer must be between 0 and {LONGEST_S:g}")
    return seconds
