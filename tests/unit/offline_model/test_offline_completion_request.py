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
    json_schema = {"name": "people", "schema": SCHEMA}
    first = chat(response_format={"type": "json_schema", "json_schema": json_schema})
    second = responses(text={"format": {"type": "json_schema", **json_schema}})

    assert first.text_format == second.text_format
    assert (first.text_format.schema, first.text_format.name) == (SCHEMA, "people")


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
        (b"{}", "Missing required parameter: 'messages'"),
        (b'{"messages": [7]}', r"'messages\[0\]': expected an object, but got an integer"),
        (b'{"messages": [{"role": "user", "content": "\\ud83d"}]}', "not JSON"),
    ],
)
def test_invalid_bodies(body: bytes, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        CompletionRequest.from_chat(body, {})


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({"max_tokens": 0}, "max_tokens", "below minimum value. Expected a value >= 1"),
        ({"max_tokens": "9"}, "max_tokens", "expected an integer, but got a string"),
        ({"max_tokens": True}, "max_tokens", "but got a boolean"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens", "at the same time"),
        ({"temperature": 2.1}, "temperature", "Expected a value <= 2, but got 2.1 instead"),
        ({"temperature": -1}, "temperature", "decimal below minimum"),
        ({"temperature": "hot"}, "temperature", "expected a decimal"),
        ({"top_p": 1.5}, "top_p", "above maximum"),
        ({"presence_penalty": 3}, "presence_penalty", "above maximum"),
        ({"frequency_penalty": -2.5}, "frequency_penalty", "below minimum"),
        ({"logit_bias": {"7": 101}}, "logit_bias.7", "above maximum"),
        ({"logit_bias": {"word": 1}}, "logit_bias", "non-negative integers"),
        ({"top_logprobs": 2}, "top_logprobs", "only allowed when 'logprobs'"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs", "above maximum"),
        ({"n": 2}, "n", "does not support 2 with this model"),
        ({"n": 0}, "n", "below minimum"),
        ({"stop": list("abcde")}, "stop", "maximum length 4"),
        ({"stop": [7]}, "stop", "expected a string"),
        ({"seed": 1.5}, "seed", "expected an integer"),
        ({"stream": "yes"}, "stream", "expected a boolean"),
        ({"stream_options": {}}, "stream_options", "only allowed when 'stream'"),
        ({"metadata": []}, "metadata", "expected an object"),
        ({"metadata": {"offline_seconds": "soon"}}, None, "seconds"),
        ({"metadata": {"offline_seconds": -1}}, None, "seconds"),
        ({"response_format": "json"}, "response_format", "expected an object"),
        ({"modalities": ["audio"]}, "modalities", "does not support"),
        ({"functions": []}, "functions", "does not support"),
        ({"wings": 2}, None, "Unrecognized request argument supplied: wings"),
    ],
)
def test_invalid_fields(fields: dict[str, Any], param: str | None, message: str) -> None:
    with pytest.raises(BadRequest) as raised:
        chat(**fields)

    assert message in str(raised.value)
    assert raised.value.param == param


def test_fields_that_change_nothing() -> None:
    """Given every option at a limit of its range, or null / I expect it accepted."""
    fields = {
        **{"temperature": 2, "top_p": 0, "presence_penalty": -2, "frequency_penalty": 2.0},
        **{"logit_bias": {"50256": -100}, "logprobs": True, "top_logprobs": 20, "n": 1},
        **{"stop": ["a", "b"], "seed": -1, "user": "u", "store": False, "tools": None},
        **{"reasoning_effort": "low", "service_tier": "auto", "max_tokens": None},
    }

    assert chat(**fields).stops == ("a", "b")


def test_invalid_fields_of_a_response() -> None:
    with pytest.raises(BadRequest, match="Unknown parameter: 'seed'"):
        responses(seed=1)
    with pytest.raises(BadRequest, match="'store' to be true"):
        responses(background=True, store=False)


def test_an_unknown_fault() -> None:
    with pytest.raises(BadRequest, match="one of rate, quota"):
        chat({"x-offline-fault": "earthquake"})
