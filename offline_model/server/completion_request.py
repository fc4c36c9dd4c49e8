"""Parses a request for text from the body of either interface."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from loresmith.offline_model.server.errors import BadRequest
from loresmith.offline_model.server.faults import FAULTS
from loresmith.offline_model.server.request import parameters
from loresmith.offline_model.server.request.chat_messages import parse_messages
from loresmith.offline_model.server.request.conversation import (
    Conversation,
    PromptMessage,
    ToolSelection,
    count_tokens,
)
from loresmith.offline_model.server.request.response_input import parse_input
from loresmith.offline_model.server.request.text_format import (
    AnswerFormat,
    parse_chat_format,
    parse_response_format,
)
from loresmith.offline_model.server.request.tools import parse_tools

DEFAULT_MODEL = "offline-lore-1"
MAX_DURATION_S = 3_600.0
MAX_CALL_ID_LENGTH = 500
SURROGATE_ESCAPE = b"\\ud"
"""Begins the escape of half a character. No text can hold a half alone."""

History = Callable[[str], tuple[PromptMessage, ...]]
"""Returns the messages up to a stored response. Raises ApiError for an unknown id."""


@dataclass(frozen=True)
class CompletionRequest:
    """One request for text."""

    body: bytes
    payload: dict[str, Any]
    """The parsed body, for fields that responses repeat."""
    model: str
    conversation: Conversation
    instructions: str
    """Instructions of a response, which do not belong to its conversation."""
    tool_choice: ToolSelection
    text_format: AnswerFormat
    max_tokens: int | None
    stops: tuple[str, ...]
    """Texts at which the answer ends."""
    call_id: str
    duration_s: float | None
    """The requested duration of the answer; None means the default."""
    fault: str
    """The fault that the request asks for, or empty."""
    metadata: dict[str, Any]

    @classmethod
    def from_chat(cls, body: bytes, headers: Mapping[str, str]) -> "CompletionRequest":
        """Parses the body of POST /v1/chat/completions. Raises BadRequest."""
        payload = _payload(body)
        parameters.check_chat(payload)
        conversation = parse_messages(payload.get("messages"))
        return cls._create(
            body,
            payload,
            headers,
            conversation=conversation,
            tool_choice=parse_tools(payload, nested=True),
            text_format=parse_chat_format(payload, conversation.prompt),
            max_tokens=payload.get("max_completion_tokens") or payload.get("max_tokens"),
        )

    @classmethod
    def from_responses(
        cls, body: bytes, headers: Mapping[str, str], history: History = lambda _: ()
    ) -> "CompletionRequest":
        """Parses the body of POST /v1/responses. Raises BadRequest."""
        payload = _payload(body)
        parameters.check_response(payload)
        previous_id = payload.get("previous_response_id")
        conversation = parse_input(
            payload.get("input"), history(previous_id) if previous_id else ()
        )
        return cls._create(
            body,
            payload,
            headers,
            conversation=conversation,
            instructions=payload.get("instructions") or "",
            tool_choice=parse_tools(payload, nested=False),
            text_format=parse_response_format(payload, conversation.prompt),
            max_tokens=payload.get("max_output_tokens"),
        )

    @classmethod
    def _create(
        cls,
        body: bytes,
        payload: dict[str, Any],
        headers: Mapping[str, str],
        *,
        conversation: Conversation,
        tool_choice: ToolSelection,
        text_format: AnswerFormat,
        max_tokens: int | None,
        instructions: str = "",
    ) -> "CompletionRequest":
        metadata = payload.get("metadata") or {}
        fault = headers.get("x-offline-fault", "")
        if fault and fault not in FAULTS:
            raise BadRequest(f"X-Offline-Fault must be one of {', '.join(FAULTS)}")
        seconds = headers.get("x-offline-seconds", metadata.get("offline_seconds"))
        call_id = headers.get("x-call-id") or str(metadata.get("call_id") or "")
        stop = payload.get("stop") or ()
        return cls(
            body=body,
            payload=payload,
            model=str(payload.get("model") or DEFAULT_MODEL),
            conversation=conversation,
            instructions=instructions,
            tool_choice=tool_choice,
            text_format=text_format,
            max_tokens=max_tokens,
            stops=(stop,) if isinstance(stop, str) else tuple(filter(None, stop)),
            call_id=call_id[:MAX_CALL_ID_LENGTH],
            duration_s=None if seconds is None else duration(seconds),
            fault=fault,
            metadata=metadata,
        )

    @property
    def prompt(self) -> str:
        """The text of the instructions and all messages."""
        return "\n".join(filter(None, (self.instructions, self.conversation.prompt)))

    @property
    def input_tokens(self) -> int:
        """Estimates the tokens of instructions, messages, images and tools."""
        tools = self.payload.get("tools")
        tool_text = json.dumps(tools, ensure_ascii=False) if tools else ""
        return count_tokens(self.prompt) + count_tokens(tool_text) + self.conversation.hidden_tokens

    @property
    def stream(self) -> bool:
        return bool(self.payload.get("stream"))

    @property
    def include_usage(self) -> bool:
        return bool((self.payload.get("stream_options") or {}).get("include_usage"))

    @property
    def background(self) -> bool:
        return bool(self.payload.get("background"))

    @property
    def is_stored(self) -> bool:
        """Responses only: the response can be retrieved."""
        return self.payload.get("store") is not False

    @property
    def has_seed(self) -> bool:
        """The body has a `seed`: the text does not depend on the call id."""
        return self.payload.get("seed") is not None


def duration(seconds: Any) -> float:
    """Parses the seconds of an answer. Raises BadRequest."""
    try:
        parsed = float(seconds)
    except (TypeError, ValueError):
        parsed = math.nan
    if not 0 <= parsed <= MAX_DURATION_S:
        raise BadRequest(f"the seconds of an answer must be from 0 to {MAX_DURATION_S:g}")
    return parsed


def _payload(body: bytes) -> dict[str, Any]:
    try:
        payload = json.loads(body)
        if SURROGATE_ESCAPE in body.lower():
            json.dumps(payload, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(payload, dict):
        raise BadRequest("the body must be an object")
    return payload
