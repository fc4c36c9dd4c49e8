"""OpenAI's requests as payloads: each field is forwarded, translated or refused by its name."""

import inspect
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsNonStreaming
from pydantic import ValidationError

from loresmith.jobs.types.builtin import chat_completion, response
from loresmith.jobs.types.builtin._openai import UNSUPPORTED, OpenAIPayload
from loresmith.jobs.types.builtin.chat_completion import ChatCompletionPayload
from loresmith.jobs.types.builtin.response import ResponsePayload

BY_API = {"model", "stream", "stream_options", "store", "metadata"}
"""Fields that say how a job is made and answered."""
CHAT: dict[str, Any] = {"messages": [{"role": "user", "content": "Hello"}]}
RESPONSE: dict[str, Any] = {"input": "Hello"}


def errors_of(model: type[OpenAIPayload], body: dict[str, Any]) -> list[tuple[str, Any]]:
    """The type and the location of each error."""
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    return [(error["type"], error["loc"]) for error in caught.value.errors()]


@pytest.mark.parametrize(
    ("params", "model"),
    [
        (CompletionCreateParamsNonStreaming, ChatCompletionPayload),
        (ResponseCreateParamsNonStreaming, ResponsePayload),
    ],
)
def test_each_field_of_the_sdk_is_decided(params: Any, model: type[OpenAIPayload]) -> None:
    """Given the fields that the SDK knows / I expect each to be taken or refused, not unknown."""
    known = set(get_type_hints(params, localns=vars(inspect.getmodule(params)))) - BY_API

    assert known - model.model_fields.keys() == model.refused.keys() & known
    assert not model.refused.keys() & model.model_fields.keys()


@pytest.mark.parametrize("name", chat_completion.REFUSED)
def test_what_a_chat_cannot_have_is_refused(name: str) -> None:
    assert errors_of(ChatCompletionPayload, CHAT | {name: {"x": 1}}) == [(UNSUPPORTED, (name,))]
    assert ChatCompletionPayload.model_validate(CHAT | {name: None})


@pytest.mark.parametrize("name", response.REFUSED)
def test_what_a_response_cannot_have_is_refused(name: str) -> None:
    assert errors_of(ResponsePayload, RESPONSE | {name: "x"}) == [(UNSUPPORTED, (name,))]
    assert ResponsePayload.model_validate(RESPONSE | {name: None})


@pytest.mark.parametrize(
    ("field", "value", "location"),
    [
        ("n", 2, ("n",)),
        ("n", True, ("n",)),
        ("logprobs", True, ("logprobs",)),
        ("modalities", ["text", "audio"], ("modalities",)),
        ("service_tier", "flex", ("service_tier",)),
        ("tools", [{"type": "custom", "custom": {"name": "f"}}], ("tools", 0, "type")),
        ("messages", [{"role": "function", "content": "x"}], ("messages", 0)),
        ("messages", [{"role": "user", "content": [{"type": "input_audio"}]}],
         ("messages", 0, "content", 0)),
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_honoured_is_refused(
    field: str, value: Any, location: tuple[Any, ...]
) -> None:
    assert errors_of(ChatCompletionPayload, CHAT | {field: value}) == [(UNSUPPORTED, location)]


@pytest.mark.parametrize(
    ("field", "value", "location"),
    [
        ("include", ["reasoning.encrypted_content"], ("include",)),
        ("truncation", "auto", ("truncation",)),
        ("reasoning", {"summary": "auto"}, ("reasoning", "summary")),
        ("tool_choice", {"type": "web_search", "name": "x"}, ("tool_choice", "type")),
        ("tools", [{"type": "web_search"}], ("tools", 0, "type")),
        ("input", [{"type": "item_reference", "id": "x"}], ("input", 0)),
        ("input", [{"role": "user", "content": [{"type": "input_file"}]}],
         ("input", 0, "content", 0)),
    ],
)  # fmt: skip
def test_the_same_of_a_response(field: str, value: Any, location: tuple[Any, ...]) -> None:
    assert errors_of(ResponsePayload, RESPONSE | {field: value}) == [(UNSUPPORTED, location)]


@pytest.mark.parametrize(
    ("body", "location"),
    [
        ({"messages": []}, ("messages",)),
        ({"messages": ["Hello"]}, ("messages", 0)),
        ({"messages": [{"role": "tool", "content": "x"}]}, ("messages", 0, "tool_call_id")),
        ({"messages": [{"role": "user", "content": 7}]}, ("messages", 0, "content")),
        (CHAT | {"temperature": 3}, ("temperature",)),
        (CHAT | {"max_tokens": 0}, ("max_tokens",)),
        (CHAT | {"max_tokens": 5, "max_completion_tokens": 6}, ()),
    ],
)
def test_what_is_wrong_is_named(body: Any, location: tuple[Any, ...]) -> None:
    assert [where for _, where in errors_of(ChatCompletionPayload, body)] == [location]


def test_a_chat_is_forwarded_as_it_is() -> None:
    """Given fields of every kind, with nulls and fields that only one provider knows
    / I expect the same body for the provider, without nulls and without our own fields.
    """
    messages = [
        {"role": "system", "content": " Be brief. ", "name": None},
        {"role": "user", "content": [
            {"type": "text", "text": "What is it?", "cache_control": {"type": "ephemeral"}},
            {"type": "image_url", "image_url": {"url": "https://x/y.png", "detail": "low"}},
        ]},
        {"role": "assistant", "content": None, "refusal": None, "reasoning_content": "hm",
         "tool_calls": [
             {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "c", "content": "5"},
    ]  # fmt: skip
    parameters = {
        "temperature": 0.5, "top_p": 0.9, "seed": 7, "stop": ["\n\n"], "user": "u",
        "tools": [{"type": "function", "function": {
            "name": "f", "parameters": {"enum": [None, 1], "default": None}}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}},
        "logit_bias": {"50256": -100.0}, "reasoning_effort": "low",
    }  # fmt: skip
    body = {"messages": messages, "n": 1, "max_tokens": 9, "service_tier": "auto", **parameters}
    stored = ChatCompletionPayload.model_validate(body).model_dump_json()

    request = ChatCompletionPayload.model_validate_json(stored).chat_request()

    expected = [
        {name: value for name, value in message.items() if value is not None}
        for message in messages
    ]
    assert list(request.messages) == expected
    assert request.parameters == parameters
    assert (request.max_output_tokens, request.as_is) == (9, True)


def test_a_response_is_translated() -> None:
    """Given instructions, items of an earlier turn and a form / I expect the messages of a chat:
    reasoning left out, a call in the message of its answer, its output as a tool's.
    """
    body = {
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "What is it?"},
                                         {"type": "input_image", "image_url": "data:x"}]},
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
             "content": [{"type": "output_text", "text": "Let me see.", "annotations": []}]},
            {"type": "function_call", "id": "fc_1", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call", "call_id": "d", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "5"},
        ],
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"},
                            "strict": True}, "verbosity": "low"},
        "tools": [{"type": "function", "name": "f", "parameters": {"type": "object"}}],
        "tool_choice": {"type": "function", "name": "f"},
        "reasoning": {"effort": "low"},
        "top_p": 0.5,
    }  # fmt: skip
    stored = ResponsePayload.model_validate(body).model_dump_json()

    request = ResponsePayload.model_validate_json(stored).chat_request()

    def call(id: str) -> Any:
        return {"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}}

    assert list(request.messages) == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [
            {"type": "text", "text": "What is it?"},
            {"type": "image_url", "image_url": {"url": "data:x"}}]},
        {"role": "assistant", "content": [{"type": "text", "text": "Let me see."}],
         "tool_calls": [call("c"), call("d")]},
        {"role": "tool", "tool_call_id": "c", "content": "5"},
    ]  # fmt: skip
    assert request.parameters == {
        "top_p": 0.5,
        "response_format": {"type": "json_schema", "json_schema": {
            "name": "n", "schema": {"type": "object"}, "strict": True}},
        "verbosity": "low",
        "reasoning_effort": "low",
        "tools": [{"type": "function", "function": {
            "name": "f", "parameters": {"type": "object"}}}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
    }  # fmt: skip
    assert request.max_output_tokens == 16_384


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20)
PARTS = st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}), max_size=3)
MESSAGES = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "developer", "user", "assistant"]),
         "content": st.one_of(TEXT, PARTS)},
        optional={"name": TEXT},
    ),
    st.fixed_dictionaries({"role": st.just("tool"), "tool_call_id": TEXT, "content": TEXT}),
)  # fmt: skip


@given(messages=st.lists(MESSAGES, min_size=1, max_size=5))
def test_messages_survive_the_store(messages: list[dict[str, Any]]) -> None:
    """Given any messages / when they are stored and read / I expect the same ones."""
    stored = ChatCompletionPayload(messages=messages).model_dump_json()

    assert list(ChatCompletionPayload.model_validate_json(stored).chat_request().messages) == (
        messages
    )


ITEMS = st.one_of(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant", "system"]), "content": TEXT}
    ),
    st.fixed_dictionaries(
        {"type": st.just("function_call"), "call_id": TEXT, "name": TEXT, "arguments": TEXT}
    ),
    st.fixed_dictionaries(
        {"type": st.just("function_call_output"), "call_id": TEXT, "output": TEXT}
    ),
    st.just({"type": "reasoning", "id": "r"}),
)


@given(items=st.lists(ITEMS, min_size=1, max_size=6))
def test_no_text_of_an_item_is_lost(items: list[dict[str, Any]]) -> None:
    """Given any items / when they are translated / I expect their texts and calls in order."""
    messages = (
        ResponsePayload(input=items).chat_request().messages
        if any(item.get("type") != "reasoning" for item in items)
        else ()
    )

    texts = [message["content"] for message in messages if "content" in message]
    called = [call["id"] for message in messages for call in message.get("tool_calls", ())]
    assert texts == [item.get("content", item.get("output")) for item in items
                    if "content" in item or "output" in item]  # fmt: skip
    assert called == [item["call_id"] for item in items if item.get("type") == "function_call"]


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": "x", "tool_calls": "x"},
        {"role": "user", "content": [{"type": "text", "text": "x", "image_url": "x"}]},
        {"role": "user", "content": [{"type": "refusal", "refusal": "x", "text": 5}]},
        {"role": "tool", "tool_call_id": "c", "content": "x", "tool_calls": [1]},
    ],
)
def test_a_field_of_another_form_is_refused(message: dict[str, Any]) -> None:
    """Given a field that its part does not have, and that others read / I expect an error."""
    [(type, location)] = errors_of(ChatCompletionPayload, {"messages": [message]})

    assert (type, location[:2]) == (UNSUPPORTED, ("messages", 0))


def test_an_input_without_a_message_is_refused() -> None:
    """Given reasoning alone, which no model gets / I expect an error, not a job that fails."""
    body = {"input": [{"type": "reasoning", "id": "r"}]}

    assert errors_of(ResponsePayload, body) == [("value_error", ())]
