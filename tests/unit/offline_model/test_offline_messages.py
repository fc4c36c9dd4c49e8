"""Messages are checked by the rules of OpenAI; images count as tokens and are not fetched."""

import json
from typing import Any

import pytest

from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest

PNG = "data:image/png;base64,iVBORw0KGgo="
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLS = {"role": "assistant", "tool_calls": [CALL, {**CALL, "id": "c2"}]}
USER = {"role": "user", "content": "Hi"}


def parse(*messages: Any) -> CompletionRequest:
    return CompletionRequest.from_chat(json.dumps({"messages": messages}).encode(), {})


def image(url: str, **fields: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **fields}}


def result(call_id: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "7"}


def parts(*content: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": content}


def test_images_count_as_tokens() -> None:
    text = {"type": "text", "text": "What is this?"}
    plain = parse(parts(text)).input_tokens

    for url in (PNG, "https://pictures.example/cat.jpg"):
        assert parse(parts(text, image(url, detail="low"))).input_tokens == plain + 85
        assert parse(parts(text, image(url))).input_tokens == plain + 765


def test_earlier_calls_count_as_tokens() -> None:
    messages = (CALLS, result("c1"), result("c2"))

    assert parse(USER, *messages).input_tokens > parse(USER, result_text()).input_tokens


def result_text() -> dict[str, Any]:
    return {"role": "assistant", "content": "7\n7"}


def test_valid_conversations() -> None:
    parse({"role": "developer", "content": "Be brief"}, USER, CALLS, result("c2"), result("c1"))
    parse(USER, {"role": "assistant", "content": None, "refusal": "No."}, USER)
    parse(USER, parts({"type": "refusal", "refusal": "No."}, role="assistant"))
    assert parse(CALLS, result("c1"), result("c2")).conversation.question == ""


@pytest.mark.parametrize(
    ("messages", "param", "message"),
    [
        ([{"content": "x"}], "messages[0].role", "Missing required"),
        ([{"role": "poet", "content": "x"}], "messages[0].role", "Supported values are: 'system'"),
        ([{"role": "user"}], "messages[0].content", "expected a string, got null"),
        ([{"role": "assistant"}], "messages[0].content", "expected a string, got null"),
        ([{"role": "user", "content": 7}], "messages[0].content", "expected an array"),
        ([parts()], "messages[0].content", "empty array"),
        ([parts({"text": "x"})], "messages[0].content[0].type", "Missing required"),
        ([parts({"type": "text"})], "messages[0].content[0].text", "Missing required"),
        ([parts({"type": "video"})], "messages[0].content[0].type", "Supported values"),
        ([parts({"type": "file"})], "messages[0].content[0].type", "text and images only"),
        ([parts({"type": "input_audio"})], "messages[0].content[0].type", "text and images only"),
        ([parts(image("ftp://x/y"))], "messages[0].content[0].image_url.url", "valid URL"),
        ([parts(image("http://[x/y"))], "messages[0].content[0].image_url.url", "valid URL"),
        ([parts(image(PNG[:-1]))], "messages[0].content[0].image_url.url", "base64"),
        ([parts(image("data:text/plain,x"))], "messages[0].content[0].image_url.url", "png"),
        ([parts(image(PNG, detail="8k"))], "messages[0].content[0].detail", "Supported"),
        ([parts(image(PNG), role="system")], "messages[0].content[0]", "only allowed"),
        ([USER, result("c1")], "messages.[1].role", "must be a response to a preceeding"),
        (
            [CALLS, result("c1"), result("c2"), USER, result("c1")],
            "messages.[4].role",
            "must be a response to a preceeding",
        ),
        ([CALLS, result("c9")], "messages.[1].tool_call_id", "'c9' not found"),
        ([CALLS, result("c1"), USER], "messages.[2].role", "did not have response messages: c2"),
        ([CALLS, result("c1")], "messages.[1].role", "did not have response messages: c2"),
        (
            [{"role": "assistant", "tool_calls": [{**CALL, "type": "x"}]}],
            "messages[0].tool_calls[0].type",
            "Supported values are: 'function'.",
        ),
    ],
)
def test_invalid_messages(messages: list[Any], param: str, message: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse(*messages)

    assert message in str(raised.value)
    assert raised.value.param == param
