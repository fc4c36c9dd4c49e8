"""Schemas of strangers: what is taken, what is refused by its reason, and what an answer lacks."""

from typing import Any

import pytest

from loresmith.jobs.types import json_schema
from loresmith.jobs.types.json_schema import as_sent, check_schema, mismatches

NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "text"}, "is no JSON Schema"),
        ({"properties": 5}, "is no JSON Schema"),
        ({"$ref": "#/$defs/missing"}, "is no JSON Schema"),
        ({"$ref": "http://127.0.0.1:1/schema"}, "is no JSON Schema"),
        ({"$ref": "file:///etc/passwd"}, "is no JSON Schema"),
        ({"type": "string", "pattern": "("}, "is no JSON Schema"),
        ({"type": "string", "pattern": r"(a)\1"}, "is no JSON Schema"),
        ({"type": "string", "pattern": "a" * 501}, "pattern of more than"),
        (nested(40), "nested deeper"),
        ({"type": "object", "properties": {str(n): {} for n in range(1_001)}}, "properties"),
        ({"description": "x" * 64_001}, "bytes of JSON"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_schema_that_cannot_be_used_is_refused_with_its_reason(
    schema: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        check_schema(schema)


def test_a_reference_outside_opens_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    def note(uri: str) -> None:
        called.append(uri)
        raise ValueError("no")

    monkeypatch.setattr(json_schema, "_refuse", note)
    with pytest.raises(ValueError, match="no JSON Schema"):
        check_schema({"$ref": "http://127.0.0.1:9/outside.json"})

    assert called == ["http://127.0.0.1:9/outside.json"], "our function is called, and nothing else"


def test_a_pattern_takes_linear_time() -> None:
    """Given a pattern that takes Python's own engine for ever / I expect an answer."""
    schema = {"type": "string", "pattern": "^(a+)+$"}

    assert "does not match" in mismatches(schema, '"' + "a" * 5_000 + '!"')


def test_what_does_not_fit_is_named_by_its_place() -> None:
    assert mismatches(NAME, '{"name": "Ada"}') == ""
    assert mismatches(NAME, '{"name": 7}').startswith("name: this value is not of type")
    assert mismatches(NAME, "[]").startswith("the text: ")


def test_text_that_is_not_json_raises() -> None:
    with pytest.raises(ValueError, match=r"JSON|expected"):
        mismatches(NAME, "Sure!")


def test_a_schema_without_optional_fields_is_closed_and_held_by_the_provider() -> None:
    sent, is_strict = as_sent(NAME)

    assert is_strict
    assert sent == NAME | {"additionalProperties": False}
    assert "additionalProperties" not in NAME


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {"type": "string"}}},
        {"type": "array", "items": {"type": "string"}},
        {"type": "object", "properties": {}, "additionalProperties": True},
        {"type": "object", "properties": {"a": {"oneOf": [{"type": "string"}]}}, "required": ["a"]},
        {"type": "object", "properties": {"a": {"minLength": 1}}, "required": ["a"]},
    ],
    ids=str,
)
def test_a_schema_that_strict_mode_does_not_know_is_sent_as_it_is(schema: dict[str, Any]) -> None:
    assert as_sent(schema) == (schema, False)


def test_properties_named_like_keywords_are_properties() -> None:
    schema = {
        "type": "object",
        "properties": {"properties": {"type": "string"}, "items": {"type": "string"}},
        "required": ["properties", "items"],
    }

    assert as_sent(schema) == (schema | {"additionalProperties": False}, True)
