"""Completions are deterministic, split into even chunks, and damaged by faults."""

import json
from typing import Any

import pytest

from loresmith.offline_model.server.completion import Completion, chunk_count, generate
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest
from loresmith.offline_model.server.request.conversation import count_tokens

PEOPLE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "characters": {
            "type": "array",
            "minItems": 4,
            "maxItems": 4,
            "items": {
                "type": "object",
                "properties": {field: {"type": "string"} for field in ("name", "backstory")},
            },
        },
    },
}


def request(
    schema: dict[str, Any] | None = PEOPLE, call_id: str = "", **fields: Any
) -> CompletionRequest:
    body = {"messages": [{"role": "user", "content": "theme: salt, JSON"}], **fields}
    if schema is not None:
        json_schema = {"name": "people", "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": json_schema}
    return CompletionRequest.from_chat(json.dumps(body).encode(), {"x-call-id": call_id})


def test_the_same_request_has_the_same_text() -> None:
    assert generate(request(), "") == generate(request(), "")
    assert generate(request(), "").text != generate(request(model="b"), "").text


def test_another_call_has_another_text() -> None:
    """Given the same body / I expect another text for another call id, unless it has a seed."""
    first, again, other = (generate(request(call_id=each), "").text for each in ("a", "a", "b"))

    assert first == again != other
    assert generate(request(call_id="a", seed=7), "") == generate(request(call_id="b", seed=7), "")


def test_text_matches_the_schema() -> None:
    assert len(json.loads(generate(request(), "").text)["characters"]) == 4


@pytest.mark.parametrize("count", [1, 2, 8, 60, 10_000])
def test_chunks_join_to_the_text(count: int) -> None:
    completion = generate(request(), "")

    assert "".join(completion.chunks(count)) == completion.text


def test_entities_end_at_even_intervals() -> None:
    """Given 4 entities in 40 chunks / I expect each to end after 10 chunks, give or take one."""
    completion = generate(request(), "")
    text, ends = "", []
    for number, chunk in enumerate(completion.chunks(40), start=1):
        begin, text = len(text), text + chunk
        ends += [number for end in completion.entity_ends if begin < end <= len(text)]

    assert ends == [pytest.approx(10 * number, abs=1) for number in (1, 2, 3, 4)]


def test_entities_of_different_lengths_have_as_many_chunks() -> None:
    completion = Completion("", "x" * 10 + "y" * 990, (10, 1000), "", "stop", 1)

    assert completion.chunks(4)[:2] == ["x" * 10, "y" * 990]


def test_chunks_end_after_words() -> None:
    completion = generate(request(None), "")

    assert all(chunk.endswith(" ") for chunk in completion.chunks(10)[:-1])


def test_chunk_count() -> None:
    assert [chunk_count(seconds, None) for seconds in (0, 0.5, 30, 500)] == [4, 8, 60, 120]
    assert chunk_count(30, 3) == 3


def test_a_token_is_four_characters() -> None:
    assert [count_tokens(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]


def test_max_tokens_cuts_the_text() -> None:
    completion = generate(request(max_tokens=10), "")

    assert (len(completion.text), completion.output_tokens, completion.finish_reason) == (
        40,
        10,
        "length",
    )


def test_a_large_max_tokens_does_not_cut() -> None:
    assert generate(request(max_completion_tokens=5_000), "").finish_reason == "stop"


@pytest.mark.parametrize("fault", ["length", "content_filter"])
def test_faults_that_cut_the_text(fault: str) -> None:
    whole, completion = generate(request(), ""), generate(request(), fault)

    assert completion.finish_reason == fault
    assert completion.text == whole.text[: len(whole.text) // 2]


def test_faults_of_the_text() -> None:
    assert generate(request(), "empty").text == ""
    assert json.loads(generate(request(), "badschema").text) == {"unexpected": True}
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(generate(request(), "badjson").text)
    refusal = generate(request(), "refusal")
    assert (refusal.text, refusal.chunks(4), bool(refusal.refusal)) == ("", [], True)


def test_json_without_a_schema() -> None:
    json_request = request(None, response_format={"type": "json_object"})

    assert json.loads(generate(json_request, "").text)["lore"]


def test_a_schema_in_the_prompt() -> None:
    """Given a schema in the messages only / I expect an answer that fits it, as a model's would."""
    text = f"Answer with JSON that fits this JSON Schema:\n{json.dumps(PEOPLE)}\nTheme: salt"
    messages = [{"role": "user", "content": text}]
    other = [{"role": "user", "content": "What is a JSON Schema? {broken, or {} or [1]"}]

    assert len(json.loads(generate(request(None, messages=messages), "").text)["characters"]) == 4
    assert "What is a JSON Schema" in generate(request(None, messages=other), "").text


def test_an_unusable_schema() -> None:
    with pytest.raises(BadRequest, match="cannot be followed"):
        generate(request({"$ref": "#/nowhere"}), "")
