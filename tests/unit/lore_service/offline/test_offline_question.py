"""Both interfaces ask the same question; what cannot be understood says why."""

import json
from typing import Any

import pytest

from lore_service.offline.asgi import BadRequest
from lore_service.offline.question import Question

SCHEMA = {"type": "object"}


def chat(headers: dict[str, str] | None = None, /, **given: Any) -> Question:
    body = {"messages": [{"role": "user", "content": "Hi"}], **given}
    return Question.of_chat(json.dumps(body).encode(), headers or {})


def responses(**given: Any) -> Question:
    return Question.of_responses(json.dumps({"input": "Hi", **given}).encode(), {})


def test_what_was_said_in_a_chat() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    said = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": parts}]

    assert chat(messages=said).prompt == "Be brief\na\nb"


def test_what_was_said_in_a_response() -> None:
    parts = [{"type": "input_text", "text": "a"}]
    said = [{"role": "user", "content": parts}, {"role": "user", "content": "b"}]

    assert responses(input=said, instructions="Be brief").prompt == "Be brief\na\nb"


def test_both_name_a_schema() -> None:
    shape = {"name": "people", "schema": SCHEMA, "strict": True}
    asked = chat(response_format={"type": "json_schema", "json_schema": shape})
    again = responses(text={"format": {"type": "json_schema", **shape}})

    assert (asked.schema, asked.schema_name) == (again.schema, again.schema_name)
    assert (asked.schema, asked.schema_name) == (SCHEMA, "people")


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_both_names_of_the_cap(name: str) -> None:
    assert chat(**{name: 7}).cap == 7


def test_whose_call_it_is() -> None:
    """Given a header and a body that name the call / I expect the header to count."""
    metadata = {"call_id": "body"}

    assert chat(metadata=metadata).call_id == "body"
    assert chat({"x-call-id": "header"}, metadata=metadata).call_id == "header"


def test_how_long_it_is_to_take() -> None:
    assert chat().seconds is None
    assert chat(metadata={"offline_seconds": "2.5"}).seconds == 2.5
    assert chat({"x-offline-seconds": "0"}, metadata={"offline_seconds": 9}).seconds == 0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "must be an object"),
        (b"{}", "messages"),
        (b'{"messages": [7]}', "messages"),
        (b'{"messages": ["a"], "metadata": []}', "metadata must be"),
        (b'{"messages": ["a"], "max_tokens": 0}', "above 0"),
        (b'{"messages": ["a"], "max_tokens": "9"}', "above 0"),
        (b'{"messages": ["a"], "metadata": {"offline_seconds": "soon"}}', "seconds"),
        (b'{"messages": ["a"], "metadata": {"offline_seconds": -1}}', "seconds"),
        (b'{"messages": ["a"], "response_format": "json"}', "response_format"),
    ],
)
def test_what_cannot_be_understood(body: bytes, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        Question.of_chat(body, {})


def test_a_fault_that_there_is_not() -> None:
    with pytest.raises(BadRequest, match="one of rate, quota"):
        chat({"x-offline-fault": "earthquake"})
