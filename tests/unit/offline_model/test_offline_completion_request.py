"""Both interfaces are parsed to the same request; errors name the reason."""

import json
from typing import Any

import pytest

from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest

SCHEMA = {"type": "object"}


def chat(headers: dict[str, str] | None = None, /, **fields: Any) -> CompletionRequest:
    body = {"messages": [{"role": "user", "content": "Hi"}], **fields}
    return CompletionRequest.from_chat(json.dumps(body).encode(), headers or {})


def responses(**fields: Any) -> CompletionRequest:
    return CompletionRequest.from_responses(json.dumps({"input": "Hi", **fields}).encode(), {})


def test_the_prompt_of_a_chat() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    messages = [{"role": "system", "content": "Be brief"}, {"role": "user", "content": parts}]

    assert chat(messages=messages).prompt == "Be brief\na\nb"


def test_the_prompt_of_a_response() -> None:
    parts = [{"type": "input_text", "text": "a"}]
    messages = [{"role": "user", "content": parts}, {"role": "user", "content": "b"}]

    assert responses(input=messages, instructions="Be brief").prompt == "Be brief\na\nb"


def test_both_interfaces_accept_a_schema() -> None:
    json_schema = {"name": "people", "schema": SCHEMA, "strict": True}
    first = chat(response_format={"type": "json_schema", "json_schema": json_schema})
    second = responses(text={"format": {"type": "json_schema", **json_schema}})

    assert (first.schema, first.schema_name) == (second.schema, second.schema_name)
    assert (first.schema, first.schema_name) == (SCHEMA, "people")


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_both_names_of_the_token_limit(name: str) -> None:
    assert chat(**{name: 7}).max_tokens == 7


def test_the_call_id_of_the_header_overrides_that_of_the_body() -> None:
    metadata = {"call_id": "body"}

    assert chat(metadata=metadata).call_id == "body"
    assert chat({"x-call-id": "header"}, metadata=metadata).call_id == "header"


def test_the_duration() -> None:
    assert chat().duration_s is None
    assert chat(metadata={"offline_seconds": "2.5"}).duration_s == 2.5
    assert chat({"x-offline-seconds": "0"}, metadata={"offline_seconds": 9}).duration_s == 0


@pytest.mark.parametrize(
    ("body", "message"),
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
def test_invalid_bodies(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        CompletionRequest.from_chat(body, {})


def test_an_unknown_fault() -> None:
    with pytest.raises(BadRequest, match="one of rate, quota"):
        chat({"x-offline-fault": "earthquake"})
