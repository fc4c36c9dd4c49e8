"""Generates the completion of a request: the same request and call id, the same text."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest
from loresmith.offline_model.writer.writer import LoreWriter

LABEL = "offline model, not an LLM"
REFUSAL = "I cannot write that."
SHORTENING_FAULTS = ("length", "content_filter")
"""Faults that end the text half way and report it as the finish reason."""
CHARACTERS_PER_TOKEN = 4
CHUNKS_PER_SECOND, MIN_CHUNKS, MAX_CHUNKS, CHUNKS_WITHOUT_DELAY = 2, 8, 120, 4


@dataclass(frozen=True)
class Completion:
    """The complete answer to a request."""

    digest: str
    """Hash of the request and its seed, for ids."""
    text: str
    entity_ends: tuple[int, ...]
    """Offsets at which an entity of a list ends."""
    refusal: str
    finish_reason: str
    """stop, length or content_filter."""
    input_tokens: int

    @property
    def output_tokens(self) -> int:
        return count_tokens(self.text or self.refusal)

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


def count_tokens(text: str) -> int:
    """Estimates the tokens of a text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


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
    text, entity_ends = _apply(fault, *_write(request, seed))
    finish_reason = fault if fault in SHORTENING_FAULTS else "stop"
    length = len(text) // 2 if fault in SHORTENING_FAULTS else len(text)
    if request.max_tokens and length > request.max_tokens * CHARACTERS_PER_TOKEN:
        length, finish_reason = request.max_tokens * CHARACTERS_PER_TOKEN, "length"
    return Completion(
        digest=hashlib.sha256(seed).hexdigest(),
        text=text[:length],
        entity_ends=tuple(end for end in entity_ends if end <= length),
        refusal=REFUSAL if fault == "refusal" else "",
        finish_reason=finish_reason,
        input_tokens=count_tokens(request.prompt),
    )


def _seed(request: CompletionRequest) -> bytes:
    """Returns what decides the text: the body, and the call id unless the body has a seed."""
    return request.body if request.has_seed else request.body + request.call_id.encode()


def _write(request: CompletionRequest, seed: bytes) -> tuple[str, tuple[int, ...]]:
    writer = LoreWriter(seed, request.prompt)
    if request.schema is None:
        prose = writer.prose()
        return (_dumps({"lore": prose}) if request.wants_json else prose), ()
    try:
        value = writer.json_value(request.schema, request.schema_name)
    except ValueError as error:
        raise BadRequest(str(error)) from None
    return _dumps_with_entity_ends(value)


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
