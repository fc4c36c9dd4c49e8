"""The input of a response is checked by the rules of OpenAI."""

import json
from typing import Any

import pytest

from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest

FUNCTION = {"type": "function", "name": "get_weather", "parameters": {"type": "object"}}
CALL = {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "c1", "output": "rain"}
USER = {"role": "user", "content": "Hi"}


def parse(value: Any = "Hi", **fields: Any) -> CompletionRequest:
    body = json.dumps({"input": value, **fields}).encode()
    return CompletionRequest.from_responses(body, {})


def test_items() -> None:
    parts = [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": "https://pictures.example/owl.png", "detail": "low"},
    ]
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": []}
    request = parse(
        [{"type": "message", "role": "user", "content": parts}, reasoning, CALL, OUTPUT]
    )

    assert request.conversation.question == "What is this?"
    assert request.conversation.tool_results == [("get_weather", "rain")]
    assert request.input_tokens > 85


def test_the_instructions_belong_to_the_prompt_only() -> None:
    request = parse(instructions="Be brief")

    assert request.prompt == "Be brief\nHi"
    assert len(request.conversation.messages) == 1


def test_tools() -> None:
    named = {"type": "function", "name": "get_weather"}

    assert parse(tools=[]).tool_choice.tools == ()
    assert parse(tools=[FUNCTION], tool_choice=named).tool_choice.mode == "named"
    assert parse(tool_choice="auto").tool_choice.mode == "none"


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({"value": None}, "input", "Missing required"),
        ({"value": ""}, "input", "must not be empty"),
        ({"value": []}, "input", "must not be empty"),
        ({"value": 7}, "input", "expected an array"),
        ({"value": ["x"]}, "input[0]", "expected an object"),
        ({"value": [{"type": "dream"}]}, "input[0].type", "Supported values"),
        ({"value": [{"role": "tool", "content": "x"}]}, "input[0].role", "Supported values"),
        ({"value": [{"role": "user"}]}, "input[0].content", "Missing required"),
        (
            {"value": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
            "input[0].content[0].type",
            "'input_text'",
        ),
        (
            {"value": [{"role": "user", "content": [{"type": "input_file"}]}]},
            "input[0].content[0].type",
            "text and images only",
        ),
        ({"value": [USER, CALL]}, "input", "No tool output found for function call c1"),
        ({"value": [USER, OUTPUT]}, "input", "No tool call found for function call output"),
        ({"value": [CALL, {**OUTPUT, "output": None}]}, "input[1].output", "Missing required"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type", "'web_search' are not supported"),
        ({"tool_choice": "required"}, "tool_choice", "when 'tools' are specified"),
        ({"text": {"format": {"type": "json_object"}}}, "input", "must contain the word 'json'"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type", "Supported values"),
        ({"max_output_tokens": 0}, "max_output_tokens", "below minimum"),
        ({"conversation": "conv_1"}, "conversation", "does not support"),
        ({"truncation": "some"}, "truncation", "Supported values"),
    ],
)
def test_invalid_input(fields: dict[str, Any], param: str, message: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse(**fields)

    assert message in str(raised.value)
    assert raised.value.param == param
