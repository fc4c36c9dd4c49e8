"""Strict schemas are held to the rules of OpenAI, others to none."""

import json
from typing import Any

import pytest

from loresmith.jobs.types.registry import MODEL_CALLS
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import BadRequest
from loresmith.offline_model.server.request.strict_rules import check_object_schema, check_strict

LORE = {name: spec for name, spec in MODEL_CALLS.items() if "theme" in spec.input.model_fields}
TEXT = {"type": "string"}


def closed(**fields: Any) -> dict[str, Any]:
    return {
        **{"type": "object", "properties": fields, "required": list(fields)},
        "additionalProperties": False,
    }


def chat(schema: Any, *, strict: bool | None = True, name: str = "people") -> CompletionRequest:
    json_schema = {"name": name, "schema": schema, "strict": strict}
    body = {
        "messages": [{"role": "user", "content": "Hi"}],
        "response_format": {"type": "json_schema", "json_schema": json_schema},
    }
    return CompletionRequest.from_chat(json.dumps(body).encode(), {})


def nested(levels: int) -> dict[str, Any]:
    return closed(inner=nested(levels - 1)) if levels else closed(text=TEXT)


INVALID = [
    (TEXT, """schema must be a JSON Schema of 'type: "object"', got 'type: "string"'"""),
    ({"anyOf": [closed(a=TEXT)]}, """got 'type: "None"'"""),
    (
        {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
        "In context=(), 'additionalProperties' is required to be supplied and to be false",
    ),
    ({**closed(a=TEXT), "required": []}, "including every key in properties. Missing 'a'"),
    ({**closed(a=TEXT), "required": ["a", "b"]}, "Extra required key 'b' supplied"),
    (
        closed(a={"type": "array", "items": {"type": "object", "properties": {}}}),
        "In context=('properties', 'a', 'items'), 'additionalProperties' is required",
    ),
    (closed(a={"type": "array"}), "In context=('properties', 'a'), array schema missing items"),
    (closed(a={"oneOf": [TEXT]}), "In context=('properties', 'a'), 'oneOf' is not permitted"),
    (closed(a={**TEXT, "minLength": 3}), "'minLength' is not permitted"),
    (closed(a={}), "schema must have a 'type' key"),
    (closed(a={"anyOf": [TEXT, {}]}), "context=('properties', 'a', 'anyOf', '1')"),
    ({**closed(), "$defs": {"x": {"allOf": []}}}, "context=('$defs', 'x'), 'allOf'"),
    (closed(a={"$ref": "#/$defs/x", "title": "X"}), "$ref cannot have keywords {'title'}"),
    (nested(10), "at most 10 levels"),
]


@pytest.mark.parametrize(("schema", "message"), INVALID)
def test_invalid_strict_schemas(schema: Any, message: str) -> None:
    """Given a schema against the rules / I expect a 400 if it is strict, else none."""
    with pytest.raises(BadRequest) as raised:
        chat(schema)

    assert str(raised.value).startswith("Invalid schema for response_format 'people': ")
    assert message in str(raised.value)
    assert (raised.value.param, raised.value.code) == ("response_format", None)
    assert chat(schema, strict=False).text_format.schema == schema
    assert chat(schema, strict=None).text_format.schema == schema


def test_valid_strict_schemas() -> None:
    tree = closed(word={**TEXT, "pattern": "^a"}, next={"anyOf": [{"$ref": "#"}, {"type": "null"}]})

    chat({**tree, "$defs": {"unused": closed(size={"type": "integer", "minimum": 1})}})
    chat(nested(9))


@pytest.mark.parametrize("spec", sorted(LORE))
def test_our_own_job_types_keep_the_rules(spec: str) -> None:
    call = LORE[spec]
    payload = {"theme": "x", "user_id": "u", "tone": None, "world": ""}
    fields = {name: payload[name] for name in call.input.model_fields if name in payload}
    schema = call.schema(call.input.model_validate(fields))

    check_object_schema(schema, spec, "response_format", None)
    check_strict(schema, spec, "response_format", None)


def test_the_errors_of_a_response() -> None:
    text_format = {"type": "json_schema", "name": "people", "schema": TEXT, "strict": True}
    body = json.dumps({"input": "Hi", "text": {"format": text_format}}).encode()
    with pytest.raises(BadRequest, match="schema must be a JSON Schema") as raised:
        CompletionRequest.from_responses(body, {})

    assert (raised.value.param, raised.value.code) == ("text.format.schema", "invalid_json_schema")


@pytest.mark.parametrize(
    ("response_format", "param", "message"),
    [
        ({"type": "xml"}, "response_format.type", "'json_object', 'json_schema', and 'text'"),
        ({}, None, ""),
        ({"type": "json_object"}, "messages", "must contain the word 'json'"),
        ({"type": "json_schema"}, "response_format.json_schema", "Missing required"),
        (
            {"type": "json_schema", "json_schema": {"schema": {}}},
            "response_format.json_schema.name",
            "Missing required",
        ),
        (
            {"type": "json_schema", "json_schema": {"name": "a b"}},
            "response_format.json_schema.name",
            "does not match pattern",
        ),
    ],
)
def test_other_formats(response_format: Any, param: str | None, message: str) -> None:
    body = {"messages": [{"role": "user", "content": "Hi"}], "response_format": response_format}
    problem = problem_of(json.dumps(body).encode())

    assert (problem.param if problem else None) == param
    assert message in str(problem)


def problem_of(body: bytes) -> BadRequest | None:
    try:
        CompletionRequest.from_chat(body, {})
    except BadRequest as error:
        return error
    return None
