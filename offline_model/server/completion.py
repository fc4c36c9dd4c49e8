"""Generates the completion of a request: the same request and call id, the same text."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest
from loresmith.offline_model.server.request.conversation import (
    CHARACTERS_PER_TOKEN,
    FunctionTool,
    count_tokens,
)
from loresmith.offline_model.server.request.text_format import schema_in
from loresmith.offline_model.server.tool_selection import select_tools
from loresmith.offline_model.writer.writer import LoreWriter

LABEL = "offline model, not an LLM"
REFUSAL = "I cannot write that."
SHORTENING_FAULTS = ("length", "content_filter")
"""Faults that end the text half way and report it as the finish reason."""
REPLACING_FAULTS = ("badjson", "badschema", "empty", "refusal")
"""Faults that put another text in the place of the answer."""
CHUNKS_PER_SECOND, MIN_CHUNKS, MAX_CHUNKS, CHUNKS_WITHOUT_DELAY = 2, 8, 120, 4


@dataclass(frozen=True)
class FunctionCall:
    """A call of a tool; its arguments are a part of the text of its completion."""

    id: str
    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Completion:
    """The complete answer to a request."""

    digest: str
    """Hash of the request and its seed, for ids."""
    text: str
    """The content, or the arguments of all tool calls."""
    entity_ends: tuple[int, ...]
    """Offsets at which an entity of a list, or a tool call, ends."""
    refusal: str
    finish_reason: str
    """stop, tool_calls, length or content_filter."""
    input_tokens: int
    tool_calls: tuple[FunctionCall, ...] = ()

    @property
    def output_tokens(self) -> int:
        return count_tokens(self.text or self.refusal)

    def arguments(self, call: FunctionCall) -> str:
        """Returns the arguments of a tool call, as JSON unless they are cut off."""
        return self.text[call.start : call.end]

    def chunks(self, count: int) -> list[str]:
        """Splits the text into about `count` chunks, about equally many for each entity."""
        offsets = [0, *self.entity_ends, len(self.text)]
        spans = [(start, end) for start, end in pairwise(offsets) if end > start]
        per_span = max(1, round(count / max(1, len(self.entity_ends))))
        return [
            chunk
            for start, end in spans
            for chunk in _split(self.text[start:end], per_span if end - start > per_span else 1)
        ]


def chunk_count(duration_s: float, requested: int | None) -> int:
    """Returns the requested number, or about two chunks a second."""
    if requested:
        return requested
    if not duration_s:
        return CHUNKS_WITHOUT_DELAY
    return max(MIN_CHUNKS, min(MAX_CHUNKS, round(duration_s * CHUNKS_PER_SECOND)))


def generate(request: CompletionRequest, fault: str) -> Completion:
    """Writes the completion and applies the fault. Raises BadRequest for an unusable schema."""
    seed = _seed(request)
    digest = hashlib.sha256(seed).hexdigest()
    tools = select_tools(request.tool_choice, request.conversation)
    text, entity_ends, calls = _write_calls(tools, request, seed, digest)
    if not tools:
        text, entity_ends = _write(request, seed)
    text, entity_ends = _apply(fault, text, entity_ends)
    length, finish_reason = _end(text, request, fault, has_calls=bool(tools))
    if fault in REPLACING_FAULTS:
        calls = tuple(replace(call, end=len(text)) for call in calls[:1] if text)
    return Completion(
        digest=digest,
        text=text[:length],
        entity_ends=tuple(end for end in entity_ends if end <= length),
        refusal=REFUSAL if fault == "refusal" else "",
        finish_reason=finish_reason if calls or finish_reason != "tool_calls" else "stop",
        input_tokens=request.input_tokens,
        tool_calls=tuple(
            replace(call, end=min(call.end, length)) for call in calls if call.start < length
        ),
    )


def _end(text: str, request: CompletionRequest, fault: str, *, has_calls: bool) -> tuple[int, str]:
    """Returns the length at which the text ends, and the finish reason."""
    # A named tool is no decision of the model: OpenAI reports "stop" for it.
    is_decision = has_calls and request.tool_choice.mode != "named"
    length, finish_reason = len(text), "tool_calls" if is_decision else "stop"
    if not has_calls:
        ends = [text.find(stop) for stop in request.stops if stop in text]
        length = min([length, *ends])
    if fault in SHORTENING_FAULTS:
        length, finish_reason = len(text) // 2, fault
    if request.max_tokens and length > request.max_tokens * CHARACTERS_PER_TOKEN:
        return request.max_tokens * CHARACTERS_PER_TOKEN, "length"
    return length, finish_reason


def _seed(request: CompletionRequest) -> bytes:
    """Returns what decides the text: the body, and the call id unless the body has a seed."""
    return request.body if request.has_seed else request.body + request.call_id.encode()


def _write(request: CompletionRequest, seed: bytes) -> tuple[str, tuple[int, ...]]:
    text_format, conversation = request.text_format, request.conversation
    schema = text_format.schema
    if schema is None:
        schema = schema_in(request.prompt)
    if schema is not None:
        return _dumps_with_entity_ends(_value(request, seed, schema, text_format.name))
    writer = LoreWriter(seed, request.prompt)
    prose = writer.prose(conversation.question, conversation.tool_results)
    return (_dumps({"lore": prose}) if text_format.wants_json else prose), ()


def _write_calls(
    tools: Sequence[FunctionTool], request: CompletionRequest, seed: bytes, digest: str
) -> tuple[str, tuple[int, ...], tuple[FunctionCall, ...]]:
    """Returns the arguments of all calls, the ends of their entities, and the calls."""
    text, entity_ends, calls = "", [], []
    for number, tool in enumerate(tools):
        schema = tool.parameters or {"type": "object"}
        value = _value(request, seed + bytes(number), schema, tool.name)
        arguments, ends = _dumps_with_entity_ends(value)
        start, end = len(text), len(text) + len(arguments)
        text += arguments
        entity_ends += [*(start + one for one in ends), end]
        calls.append(FunctionCall(f"call_{digest[:20]}{number:04x}", tool.name, start, end))
    return text, tuple(entity_ends), tuple(calls)


def _value(request: CompletionRequest, seed: bytes, schema: dict[str, Any], name: str) -> Any:
    try:
        return LoreWriter(seed, request.prompt).json_value(schema, name)
    except ValueError as error:
        raise BadRequest(str(error)) from None


def _dumps_with_entity_ends(value: Any) -> tuple[str, tuple[int, ...]]:
    """Returns the JSON text, and the offsets at which the entities of its lists end."""
    if not isinstance(value, dict):
        return _dumps(value), ()
    text, entity_ends = "{", []
    for name, field in value.items():
        text += f"{', ' if len(text) > 1 else ''}{_dumps(name)}: "
        if not (isinstance(field, list) and field and isinstance(field[0], dict)):
            text += _dumps(field)
            continue
        text += "["
        for number, entity in enumerate(field):
            text += f"{', ' if number else ''}{_dumps(entity)}"
            entity_ends.append(len(text))
        text += "]"
    return text + "}", tuple(entity_ends)


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _apply(fault: str, text: str, entity_ends: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    match fault:
        case "badjson":
            return f"Here is your lore:\n{text[: len(text) // 2]}", ()
        case "badschema":
            return '{"unexpected": true}', ()
        case "empty" | "refusal":
            return "", ()
        case _:
            return text, entity_ends


def _split(text: str, count: int) -> Iterator[str]:
    """Splits a text evenly, after a space if possible."""
    start = 0
    for number in range(1, count):
        position = text.find(" ", max(start, len(text) * number // count)) + 1
        if start < position < len(text):
            yield text[start:position]
            start = position
    yield text[start:]
