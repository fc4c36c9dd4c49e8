"""The model call `chat`: which answers are results, what is repaired, and what is sent."""

import json
from typing import Any

import pytest

from loresmith.jobs.core.settings.providers import ProviderConfig
from loresmith.jobs.types.chat import ChatAnswer, ChatRequest
from loresmith.lore_service.calls.call_request import is_repairable
from loresmith.lore_service.providers.errors import CallError, ProviderProblem, classify
from loresmith.lore_service.providers.reading.completion import CompletionReader
from loresmith.lore_service.providers.request_form import chat_body, forms_of, response_body
from loresmith.lore_service.providers.response import ProviderResponse
from tests.unit.lore_service.harness import CALL_ID, call_request

SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "name": "look", "arguments": '{"at": "[EMAIL_1]"}'}


def request(messages: Any = ({"role": "user", "content": "Hi"},), **fields: Any) -> Any:
    input = ChatRequest(messages=messages, max_output_tokens=50, **fields)
    return call_request(model_call="chat", input_json=input.model_dump_json())


def response(text: str = "", reason: str = "stop", **fields: Any) -> ProviderResponse:
    return ProviderResponse(CALL_ID, "m", [text], finish_reason=reason, **fields)


def answer_of(call: Any, received: ProviderResponse) -> ChatAnswer:
    output = call.parse_output(received)
    assert isinstance(output, ChatAnswer)
    return output


@pytest.mark.parametrize("reason", ["stop", "length"])
def test_any_text_is_a_result(reason: str) -> None:
    assert answer_of(request(), response("Hello", reason)) == ChatAnswer(
        text="Hello", finish_reason=reason
    )


@pytest.mark.parametrize(
    ("received", "code", "repairable"),
    [
        (response(""), "output_schema", True),
        (response("", "length"), "output_schema", False),
        (response("Hel", "error"), "llm_error", False),
        (response("", "content_filter"), "llm_refused", False),
        (response("", refusal="I cannot."), "llm_refused", False),
    ],
    ids=str,
)
def test_no_text_or_a_refusal_is_no_result(
    received: ProviderResponse, code: str, repairable: bool
) -> None:
    with pytest.raises(CallError) as caught:
        request().parse_output(received)

    assert caught.value.failure.code == code
    assert is_repairable(caught.value.failure, received) is repairable


@pytest.mark.parametrize(
    "received",
    [
        response(""),
        response("Hel", "length"),
        response("", "content_filter"),
        response("", refusal="I cannot."),
        response("no JSON"),
    ],
    ids=str,
)
def test_a_caller_who_takes_it_as_it_is_gets_it_as_it_is(received: ProviderResponse) -> None:
    answer = answer_of(request(as_is=True, output_schema=SCHEMA), received)

    assert (answer.text, answer.refusal) == (received.text, received.refusal)
    assert answer.finish_reason == received.finish_reason


def test_a_text_that_was_cut_off_is_no_whole_answer() -> None:
    """Given a connection that breaks within free text / I expect that no half text is taken."""
    assert not request().fits(response("Once upon a", ""))
    assert not request(as_is=True).fits(response("Once upon a", ""))
    assert request(output_schema=SCHEMA).fits(response('{"n": 1}', ""))


def test_json_is_checked_and_read_with_tolerance() -> None:
    call = request(output_schema=SCHEMA)

    assert answer_of(call, response('{"n": 1}')).json_value() == {"n": 1}
    assert answer_of(call, response('```json\n{"n": 2,}\n```')).json_value() == {"n": 2}
    with pytest.raises(CallError, match="n: this value is not of type"):
        call.parse_output(response('{"n": "one"}'))


def test_tool_calls_are_a_result_without_text() -> None:
    call = request(parameters={"tools": [TOOL]}, output_schema=SCHEMA)
    answer = answer_of(call, response("", tool_calls=[CALL]))

    assert answer.finish_reason == "tool_calls"
    assert [each.model_dump() for each in answer.tool_calls] == [CALL]


def test_tool_calls_survive_the_ledger() -> None:
    row = response("a", tool_calls=[CALL]).as_row()

    assert ProviderResponse.of_row(CALL_ID, row).tool_calls == [CALL]


def test_withheld_values_come_back_in_text_and_in_arguments() -> None:
    input = ChatRequest(
        messages=(
            {"role": "user", "content": [{"type": "text", "text": 'Mail "a@b.example"'}]},
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "function",
                     "function": {"name": "look", "arguments": '{"at": "a@b.example"}'}}
                ],
            },
        ),
        max_output_tokens=50,
        parameters={"tools": [TOOL]},
    )  # fmt: skip
    call = call_request(
        model_call="chat", input_json=input.model_dump_json(), redact=["email"], fingerprint=""
    )
    sent = call.provider_request()

    assert "a@b.example" not in json.dumps(sent.messages)
    received = response("To [EMAIL_1].", tool_calls=[CALL], placeholders=sent.placeholders)
    answer = answer_of(call, received)
    assert answer.text == "To a@b.example."
    assert answer.tool_calls[0].arguments == '{"at": "a@b.example"}'


def test_the_body_has_the_parameters_and_no_schema() -> None:
    call = request(parameters={"temperature": 0.5, "model": "other", "stream": False})
    provider = ProviderConfig()
    (form, *_) = forms_of(provider, has_schema=False)

    body = chat_body(call.provider_request(), form)

    assert body == {
        "temperature": 0.5,
        "model": "default-model",
        "messages": [{"role": "user", "content": "Hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens": 50,
    }


def test_a_schema_that_the_provider_cannot_hold_is_not_sent_as_strict() -> None:
    loose = {"type": "object", "properties": {"n": {"type": "integer"}}}
    (form, *_) = forms_of(ProviderConfig())

    strict = chat_body(request(output_schema=SCHEMA).provider_request(), form)
    body = chat_body(request(output_schema=loose).provider_request(), form)

    assert strict["response_format"]["json_schema"]["strict"] is True
    assert body["response_format"]["json_schema"] == {
        "name": "chat", "strict": False, "schema": loose,
    }  # fmt: skip


def test_a_conversation_becomes_input_items() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://h/i.png", "detail": "low"}}
    call = request(
        messages=(
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "See"}, image]},
            {
                "role": "assistant",
                "tool_calls": [
                    {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
                ],
            },
            {"role": "tool", "tool_call_id": "c", "content": "7"},
            {"role": "assistant", "content": "Seven."},
        ),
        parameters={
            "tools": [TOOL],
            "tool_choice": {"type": "function", "function": {"name": "look"}},
            "reasoning_effort": "low",
            "temperature": 1,
            "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
        },
    )
    (form, *_) = forms_of(ProviderConfig(api="responses"), has_schema=False)

    body = response_body(call.provider_request(), form)

    assert body["input"] == [
        {"role": "system", "content": "Be brief."},
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "See"},
                {"type": "input_image", "image_url": "https://h/i.png", "detail": "low"},
            ],
        },
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "7"},
        {"role": "assistant", "content": "Seven."},
    ]
    assert body["tools"] == [{"type": "function", "name": "look", "parameters": {"type": "object"}}]
    assert body["tool_choice"] == {"type": "function", "name": "look"}
    assert body["reasoning"] == {"effort": "low"}
    assert body["text"] == {"format": {"type": "json_schema", "name": "n", "schema": {}}}


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"seed": 1}, "no parameter seed"),
        ({"tools": [1]}, "object as tool"),
        ({"tools": "x"}, "list as tools"),
        ({"tools": [{"type": "function"}]}, "object as tools.function"),
        ({"tool_choice": {"function": "x"}}, "object as tool_choice.function"),
        ({"tool_choice": {"type": "allowed_tools"}}, "object as tool_choice.function"),
        ({"response_format": {"type": "json_schema"}}, "object as response_format.json_schema"),
        ({"response_format": "x"}, "object as response_format"),
    ],
)
def test_parameters_that_responses_have_not_are_refused_unsent(
    parameters: dict[str, Any], words: str
) -> None:
    """Given what has no form there / I expect a failure of the request, for which no job waits, and
    no call whose outcome is unknown.
    """
    (form, *_) = forms_of(ProviderConfig(api="responses"), has_schema=False)

    with pytest.raises(ProviderProblem, match=words) as caught:
        response_body(request(parameters=parameters).provider_request(), form)

    verdict = classify(caught.value)
    assert (verdict.state, verdict.failure.code) == ("released", "llm_error")
    assert not verdict.failure.retryable


def test_the_key_of_the_prompt_cache_goes_to_responses() -> None:
    (form, *_) = forms_of(ProviderConfig(api="responses"), has_schema=False)
    parameters = {"prompt_cache_key": "k", "prompt_cache_retention": "24h"}

    body = response_body(request(parameters=parameters).provider_request(), form)

    assert body.items() >= parameters.items()


@pytest.mark.parametrize("numbers", [(1, 2), (0, 0), (3, 7), (None, None)])
def test_tool_calls_are_told_apart_however_they_are_numbered(
    numbers: tuple[int | None, int | None],
) -> None:
    """Given servers that number calls from 1, alike or not at all / I expect each call whole."""
    received = ProviderResponse(CALL_ID, "m", takes_tool_calls=True)
    reader = CompletionReader(received, lambda _: None)
    for number, name in zip(numbers, ("look", "see"), strict=True):
        for part in ({"id": name, "function": {"name": name, "arguments": "{"}},
                     {"function": {"arguments": "}"}}):  # fmt: skip
            piece = part if number is None else part | {"index": number}
            reader.read({"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]})
    reader.finish()

    assert received.tool_calls == [
        {"id": "look", "name": "look", "arguments": "{}"},
        {"id": "see", "name": "see", "arguments": "{}"},
    ]


def test_pieces_of_tool_calls_are_put_together() -> None:
    received = ProviderResponse(CALL_ID, "m", takes_tool_calls=True)
    texts: list[str] = []
    reader = CompletionReader(received, texts.append)
    pieces: list[dict[str, Any]] = [
        {"index": 0, "id": "c1", "function": {"name": "look", "arguments": ""}},
        {"index": 0, "function": {"arguments": '{"at":'}},
        {"index": 1, "id": "c2", "function": {"name": "see", "arguments": {"x": 1}}},
        {"index": 0, "function": {"arguments": " 1}"}},
        {"index": 999, "function": {"arguments": "lost"}},
    ]
    for piece in pieces:
        reader.read({"choices": [{"index": 0, "delta": {"tool_calls": [piece]}}]})
    reader.read({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]})
    reader.finish()

    assert received.tool_calls == [
        {"id": "c1", "name": "look", "arguments": '{"at": 1}'},
        {"id": "c2", "name": "see", "arguments": '{"x": 1}'},
    ]
    assert (received.text, texts, received.finish_reason) == ("", [], "stop")
