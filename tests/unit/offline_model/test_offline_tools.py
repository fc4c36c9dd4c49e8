"""Tools are called by a fixed rule, with valid arguments."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from loresmith.offline_model.server.completion import Completion, generate
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest

PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


def tool(name: str, description: str = "", **function: Any) -> dict[str, Any]:
    fields = {"name": name, "description": description, "parameters": PARAMETERS, **function}
    return {"type": "function", "function": fields}


TOOLS = [
    tool("get_weather", "Returns the forecast for a city"),
    tool("rollDice", "Throws dice"),
    tool("send_mail", "Sends a message to a person"),
]


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def call(*names: str) -> dict[str, Any]:
    function_calls = [
        {"id": f"id_{name}", "type": "function", "function": {"name": name, "arguments": "{}"}}
        for name in names
    ]
    return {"role": "assistant", "content": None, "tool_calls": function_calls}


def result(name: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": f"id_{name}", "content": text}


def answer(*messages: dict[str, Any], fault: str = "", **fields: Any) -> Completion:
    body = {"messages": messages, "tools": TOOLS, **fields}
    return generate(CompletionRequest.from_chat(json.dumps(body).encode(), {}), fault)


def called(*messages: dict[str, Any], **fields: Any) -> list[str]:
    return [each.name for each in answer(*messages, **fields).tool_calls]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Use get_weather now", ["get_weather"]),
        ("Get weather, then roll dice!", ["get_weather", "rollDice"]),
        ("What is the forecast for Paris?", ["get_weather"]),
        ("Send a message to Orla", ["send_mail"]),
        ("Sing a song", []),
        ("budget_weathering", []),
    ],
)
def test_auto_calls_what_is_named_or_fits(question: str, names: list[str]) -> None:
    assert called(user(question)) == names


def test_the_arguments_are_valid() -> None:
    completion = answer(user("get_weather and roll dice"))

    assert completion.finish_reason == "tool_calls"
    for each in completion.tool_calls:
        Draft202012Validator(PARAMETERS).validate(json.loads(completion.arguments(each)))
    assert len({each.id for each in completion.tool_calls}) == 2


@pytest.mark.parametrize("count", [1, 2, 7, 100])
def test_no_chunk_belongs_to_two_calls(count: int) -> None:
    completion = answer(user("get_weather and roll dice"))
    chunks = completion.chunks(count)
    ends = {sum(map(len, chunks[:number])) for number in range(len(chunks) + 1)}

    assert "".join(chunks) == completion.text
    assert {each.end for each in completion.tool_calls} <= ends


def test_one_call_at_a_time() -> None:
    """Given two named tools and no parallel calls / I expect the second after the first."""
    question = user("get_weather, then roll dice")
    first = called(question, parallel_tool_calls=False)
    second = called(
        question, call("get_weather"), result("get_weather", "rain"), parallel_tool_calls=False
    )

    assert (first, second) == (["get_weather"], ["rollDice"])


def test_the_answer_uses_the_results() -> None:
    completion = answer(
        user("What is the forecast for Paris?"),
        call("get_weather"),
        result("get_weather", '{"sky": "grey",\n "days": 2}'),
    )

    assert (completion.tool_calls, completion.finish_reason) == ((), "stop")
    assert 'get_weather returned {"sky": "grey", "days": 2}.' in completion.text
    assert "What is the forecast for Paris" in completion.text


def test_a_new_question_calls_again() -> None:
    earlier = [user("Forecast for Paris?"), call("get_weather"), result("get_weather", "rain")]

    assert called(*earlier, user("And the forecast for Rome?")) == ["get_weather"]


def test_tool_choice() -> None:
    named = {"type": "function", "function": {"name": "send_mail"}}
    allowed = {"mode": "required", "tools": [TOOLS[1]]}

    assert called(user("get_weather"), tool_choice="none") == []
    assert called(user("Sing"), tool_choice="required") == ["get_weather"]
    assert called(user("get_weather"), tool_choice=named) == ["send_mail"]
    assert answer(user("x"), tool_choice=named).finish_reason == "stop"
    assert called(
        user("Sing"), tool_choice={"type": "allowed_tools", "allowed_tools": allowed}
    ) == ["rollDice"]


def test_a_tool_without_parameters() -> None:
    function = {"type": "function", "function": {"name": "ping"}}
    completion = answer(user("ping"), tools=[function])

    assert completion.arguments(completion.tool_calls[0]) == "{}"


def test_tools_count_as_input() -> None:
    assert answer(user("Sing")).input_tokens > 100 > answer(user("Sing"), tools=None).input_tokens


def test_the_token_limit_cuts_the_arguments() -> None:
    completion = answer(user("get_weather and roll dice"), max_tokens=3)

    assert completion.finish_reason == "length"
    assert [completion.arguments(each) for each in completion.tool_calls] == [completion.text]
    assert len(completion.text) == 12


def test_faults_of_the_arguments() -> None:
    question = user("get_weather and roll dice")
    schema_fault, empty = (answer(question, fault=fault) for fault in ("badschema", "empty"))

    assert [schema_fault.arguments(each) for each in schema_fault.tool_calls] == [
        '{"unexpected": true}'
    ]
    assert (empty.tool_calls, empty.finish_reason) == ((), "stop")


LOOSE = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("fields", "param", "message"),
    [
        ({"tools": []}, "tools", "empty array"),
        ({"tools": [tool("x")] * 129}, "tools", "maximum length 128"),
        ({"tools": [7]}, "tools[0]", "expected an object"),
        ({"tools": [{"type": "custom"}]}, "tools[0].type", "only 'function'"),
        ({"tools": [{"type": "function"}]}, "tools[0].function", "Missing required"),
        ({"tools": [tool("a b")]}, "tools[0].function.name", "does not match pattern"),
        ({"tools": [tool("a" * 65)]}, "tools[0].function.name", "too long"),
        (
            {"tools": [tool("x", parameters={"type": "array"})]},
            "tools[0].function.parameters",
            """of 'type: "object"', got 'type: "array"'""",
        ),
        (
            {"tools": [tool("x", parameters=LOOSE, strict=True)]},
            "tools[0].function.parameters",
            "Invalid schema for function 'x': In context=(), 'additionalProperties' is required",
        ),
        ({"tool_choice": "maybe"}, "tool_choice", "'none', 'auto', and 'required'"),
        (
            {"tool_choice": {"type": "function", "function": {"name": "fly"}}},
            "tool_choice",
            "no function named 'fly'",
        ),
        ({"tools": None, "tool_choice": "auto"}, "tool_choice", "when 'tools' are specified"),
        ({"tools": None, "parallel_tool_calls": True}, "parallel_tool_calls", "when 'tools'"),
    ],
)
def test_invalid_tools(fields: dict[str, Any], param: str, message: str) -> None:
    with pytest.raises(BadRequest) as raised:
        answer(user("x"), **fields)

    assert message in str(raised.value)
    assert raised.value.param == param
