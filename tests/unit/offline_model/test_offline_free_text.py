"""Free text names its topic, and is as long as requested."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.offline_model.server.completion import generate
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.writer.requested_length import RequestedLength, requested_length
from loresmith.offline_model.writer.writer import LoreWriter
from tests.conftest import examples


def prose(question: str, seed: bytes = b"s") -> str:
    return LoreWriter(seed, f"Be brief.\n{question}").prose(question)


def chat(question: str, **fields: Any) -> Any:
    body = {"messages": [{"role": "user", "content": question}], **fields}
    return generate(CompletionRequest.from_chat(json.dumps(body).encode(), {}), "")


@pytest.mark.parametrize(
    ("question", "length"),
    [
        ("Write 200 words about salt", RequestedLength(200, "word")),
        ("a 1,000-word essay", RequestedLength(1000, "word")),
        ("in one short sentence, please", RequestedLength(1, "sentence")),
        ("describe it in a paragraph", RequestedLength(1, "paragraph")),
        ("two lines", RequestedLength(2, "line")),
        ("List five good names", RequestedLength(5, "item", "name")),
        ("give me 3 dragon facts", RequestedLength(3, "item", "fact")),
        ("999999 words", RequestedLength(20_000, "word")),
        ("a few words about salt", None),
        ("0 words", RequestedLength(1, "word")),
        ("What is salt?", None),
    ],
)
def test_requested_length(question: str, length: RequestedLength | None) -> None:
    assert requested_length(question) == length


@pytest.mark.parametrize("count", [1, 10, 40, 100, 500, 5_000])
def test_words(count: int) -> None:
    words = len(prose(f"{count} words about salt").split())

    assert words == count if count < 40 else abs(words - count) < 20


@pytest.mark.parametrize("count", [1, 3, 12])
@pytest.mark.parametrize("seed", [b"1", b"2", b"3"])
def test_sentences(count: int, seed: bytes) -> None:
    text = prose(f"{count} sentences about salt", seed)

    assert len(re.findall(r"[.!?]”?(?:\s|$)", text)) == count


def test_lines_paragraphs_and_items() -> None:
    assert len(prose("four lines about salt").split("\n")) == 4
    assert len(prose("three paragraphs about salt").split("\n\n")) == 3
    names = prose("List six names for a tavern").split("\n")[2:]
    assert [name[:3] for name in names] == [f"{number}. " for number in range(1, 7)]
    assert len(set(names)) == 6


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Tell me a story about salt mines", "salt mines"),
        ("What is the capital of France?", "“What is the capital of France”"),
        ('Say "hello" to fault:cut everyone', "“Say 'hello' to everyone”"),
        ("hi", "“hi”"),
    ],
)
def test_the_first_sentence_names_the_topic(question: str, topic: str) -> None:
    text = prose(question)

    assert topic in re.split(r"(?<=[.!?])\s", text)[0]
    assert text.count("“") == topic.count("“")


def test_the_same_request_has_the_same_text() -> None:
    """Given a conversation / I expect its text to depend on all messages and the seed."""
    assert chat("Hi", seed=1) == chat("Hi", seed=1)
    assert chat("Hi", seed=1).text != chat("Hi", seed=2).text
    assert chat("Hi", seed=1).text != chat("Ho", seed=1).text


def test_max_tokens_end_the_text() -> None:
    completion = chat("Write 500 words about salt", max_tokens=20)

    assert (completion.finish_reason, completion.output_tokens) == ("length", 20)


def test_stop_sequences() -> None:
    whole = chat("Write 50 words about salt", seed=1, stop=[]).text
    cut = chat("Write 50 words about salt", seed=1, stop=["salt", "is "])

    assert cut.finish_reason == "stop"
    assert "salt" not in cut.text
    assert "salt" in whole


@settings(max_examples=examples(100))
@given(st.text(max_size=200))
def test_any_question(question: str) -> None:
    text = prose(question)

    assert text.strip()
    assert "{" not in text or "{" in question
