"""What is said to a question: the same question, the same answer; with the fault it was to have."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lore_service.offline.asgi import BadRequest
from lore_service.offline.facts import Facts
from lore_service.offline.question import Question
from lore_service.offline.writer import Writer

LABEL = "offline model, not an LLM"
REFUSAL = "I cannot write that."
SHORTENED = ("length", "content_filter")
"""Faults that end the text half way; the others only break off the telling of it."""
CHARACTERS_A_TOKEN = 4
PIECES_A_SECOND, FEWEST_PIECES, MOST_PIECES, PIECES_AT_ONCE = 2, 8, 120, 4


@dataclass(frozen=True)
class Answer:
    """All that will be said."""

    digest: str
    """Of the question, for ids."""
    text: str
    ends: tuple[int, ...]
    """Where in the text an entity ends."""
    refusal: str
    finish_reason: str
    """stop, length or content_filter."""
    input_tokens: int

    @property
    def output_tokens(self) -> int:
        return tokens(self.text or self.refusal)

    def pieces(self, count: int) -> list[str]:
        """The text in about `count` pieces, so that the entities in it are finished evenly."""
        ends = [0, *self.ends, len(self.text)]
        spans = [(begin, end) for begin, end in pairwise(ends) if end > begin]
        share = max(1, round(count / max(1, len(self.ends) or 1)))
        return [
            piece
            for begin, end in spans
            for piece in _cut(self.text[begin:end], share if end - begin > share else 1)
        ]


def tokens(text: str) -> int:
    """A deterministic estimate, cheap and in the right region: four characters a token."""
    return -(-len(text) // CHARACTERS_A_TOKEN)


def piece_count(seconds: float, wanted: int | None) -> int:
    """Pieces of an answer of this length: about two a second, so that text is seen to come."""
    if wanted:
        return wanted
    if not seconds:
        return PIECES_AT_ONCE
    return max(FEWEST_PIECES, min(MOST_PIECES, round(seconds * PIECES_A_SECOND)))


def compose(question: Question, fault: str) -> Answer:
    """The answer to a question. Raises BadRequest when its schema cannot be followed."""
    text, ends = _spoilt(*_written(question), fault)
    reason = fault if fault in SHORTENED else "stop"
    most = len(text) // 2 if fault in SHORTENED else len(text)
    if question.cap and most > question.cap * CHARACTERS_A_TOKEN:
        most, reason = question.cap * CHARACTERS_A_TOKEN, "length"
    return Answer(
        digest=hashlib.sha256(question.body).hexdigest(),
        text="" if fault == "refusal" else text[:most],
        ends=() if fault == "refusal" else tuple(end for end in ends if end <= most),
        refusal=REFUSAL if fault == "refusal" else "",
        finish_reason=reason,
        input_tokens=tokens(question.prompt),
    )


def _written(question: Question) -> tuple[str, tuple[int, ...]]:
    writer = Writer(question.body, Facts.of(question.prompt))
    if question.schema is None:
        prose = writer.prose()
        return (_json({"lore": prose}) if question.json_only else prose), ()
    try:
        value = writer.write(question.schema, question.schema_name)
    except ValueError as problem:
        raise BadRequest(str(problem)) from None
    return _json_with_ends(value)


def _json_with_ends(value: Any) -> tuple[str, tuple[int, ...]]:
    """JSON text, and where the entities of its lists end."""
    if not isinstance(value, dict):
        return _json(value), ()
    text, ends = "{", []
    for name, part in value.items():
        text += f"{', ' if len(text) > 1 else ''}{_json(name)}: "
        if not (isinstance(part, list) and part and isinstance(part[0], dict)):
            text += _json(part)
            continue
        text += "["
        for number, entity in enumerate(part):
            text += f"{', ' if number else ''}{_json(entity)}"
            ends.append(len(text))
        text += "]"
    return text + "}", tuple(ends)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _spoilt(text: str, ends: tuple[int, ...], fault: str) -> tuple[str, tuple[int, ...]]:
    match fault:
        case "badjson":
            return f"Here is your lore:\n{text[: len(text) // 2]}", ()
        case "badschema":
            return '{"unexpected": true}', ()
        case "empty":
            return "", ()
        case _:
            return text, ends


def _cut(text: str, count: int) -> Iterator[str]:
    """Even pieces that end with a word where there is a word near."""
    begin = 0
    for number in range(1, count):
        at = text.find(" ", max(begin, len(text) * number // count)) + 1
        if begin < at < len(text):
            yield text[begin:at]
            begin = at
    yield text[begin:]
