"""Answers: the same for the same question, in pieces that are paced well, spoilt on demand."""

import json
from typing import Any

import pytest

from lore_service.offline.answer import Answer, compose, piece_count, tokens
from lore_service.offline.asgi import BadRequest
from lore_service.offline.question import Question

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


def question(schema: dict[str, Any] | None = PEOPLE, **more: Any) -> Question:
    body = {"messages": [{"role": "user", "content": "theme: salt"}], **more}
    if schema is not None:
        shape = {"name": "people", "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": shape}
    return Question.of_chat(json.dumps(body).encode(), {})


def test_the_same_question_has_the_same_answer() -> None:
    assert compose(question(), "") == compose(question(), "")
    assert compose(question(), "").text != compose(question(model="b"), "").text


def test_the_text_fits_the_schema() -> None:
    assert len(json.loads(compose(question(), "").text)["characters"]) == 4


@pytest.mark.parametrize("count", [1, 2, 8, 60, 10_000])
def test_pieces_make_the_text(count: int) -> None:
    answer = compose(question(), "")

    assert "".join(answer.pieces(count)) == answer.text


def test_entities_are_finished_evenly() -> None:
    """Given 4 entities in 40 pieces / I expect each to be finished within 10, give or take one."""
    answer = compose(question(), "")
    told, finished = "", []
    for number, piece in enumerate(answer.pieces(40), start=1):
        told += piece
        finished += [number for end in answer.ends if len(told) - len(piece) < end <= len(told)]

    assert [abs(at - 10 * number) <= 1 for number, at in enumerate(finished, 1)] == [True] * 4


def test_uneven_entities_are_finished_evenly_all_the_same() -> None:
    answer = Answer("", "x" * 10 + "y" * 990, (10, 1000), "", "stop", 1)

    assert answer.pieces(4)[:2] == ["x" * 10, "y" * 990]


def test_pieces_end_with_words() -> None:
    answer = compose(question(None), "")

    assert all(piece.endswith(" ") for piece in answer.pieces(10)[:-1])


def test_how_many_pieces() -> None:
    assert [piece_count(seconds, None) for seconds in (0, 0.5, 30, 500)] == [4, 8, 60, 120]
    assert piece_count(30, 3) == 3


def test_tokens_are_four_characters() -> None:
    assert [tokens(text) for text in ("", "a", "abcd", "abcde")] == [0, 1, 1, 2]


def test_a_cap_cuts_the_text() -> None:
    answer = compose(question(max_tokens=10), "")

    assert (len(answer.text), answer.output_tokens, answer.finish_reason) == (40, 10, "length")


def test_a_wide_cap_does_not() -> None:
    assert compose(question(max_completion_tokens=5_000), "").finish_reason == "stop"


@pytest.mark.parametrize("fault", ["length", "content_filter"])
def test_faults_that_end_half_way(fault: str) -> None:
    whole, answer = compose(question(), ""), compose(question(), fault)

    assert answer.finish_reason == fault
    assert answer.text == whole.text[: len(whole.text) // 2]


def test_faults_of_the_text() -> None:
    assert compose(question(), "empty").text == ""
    assert json.loads(compose(question(), "badschema").text) == {"unexpected": True}
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(compose(question(), "badjson").text)
    refused = compose(question(), "refusal")
    assert (refused.text, refused.pieces(4), bool(refused.refusal)) == ("", [], True)


def test_some_json_when_any_will_do() -> None:
    asked = question(None, response_format={"type": "json_object"})

    assert json.loads(compose(asked, "").text)["lore"]


def test_a_schema_that_cannot_be_followed() -> None:
    with pytest.raises(BadRequest, match="cannot be followed"):
        compose(question({"$ref": "#/nowhere"}), "")
