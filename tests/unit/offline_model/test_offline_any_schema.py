"""Each answer to a schema is valid, whatever keywords it combines, or is refused with a reason."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from loresmith.offline_model.writer.schema.json_schema import SchemaResolver
from loresmith.offline_model.writer.schema.validator import SchemaValidator, equal
from loresmith.offline_model.writer.writer import LoreWriter
from tests.conftest import examples

Schema = Any
NAMES = st.sampled_from(["name", "age", "tags", "année", "a/b", "characters"])
SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS | st.sampled_from([0.5, 1.0]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=4,
)
PATTERNS = ["^[A-Z]{3}-\\d{2}$", "^\\+?\\d+$", "a|b", "^(?=.*\\d).{3,}$", "^.{2}$", "[^a]+$"]


def write(schema: Schema, seed: bytes = b"s") -> Any:
    return LoreWriter(seed, "theme: salt").json_value(schema)


def some_of(**keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keywords)


def typed(name: str, **keywords: st.SearchStrategy[Any]) -> st.SearchStrategy[Schema]:
    types = st.sampled_from([{"type": name}, {"type": ["null", name]}, {"type": [name, "null"]}])
    return st.builds(lambda declared, rest: {**declared, **rest}, types, some_of(**keywords))


NUMBERS = st.integers(-9, 9) | st.sampled_from([0.5, -0.25, 2.5])
LIMITS = {
    **{"minimum": NUMBERS, "exclusiveMinimum": NUMBERS},
    "maximum": st.integers(10, 99) | st.just(10.5),
    "exclusiveMaximum": st.integers(11, 99) | st.just(12.5),
}
LEAVES = st.one_of(
    typed("string", minLength=st.integers(0, 60), maxLength=st.integers(60, 99)),
    typed("string", pattern=st.sampled_from(PATTERNS), minLength=st.integers(0, 12)),
    typed("string", format=st.sampled_from(["date", "uuid", "email", "unknown"])),
    typed("integer", multipleOf=st.sampled_from([1, 2, 7, 0.5, 1.5]), **LIMITS),
    typed("number", multipleOf=st.sampled_from([1, 0.01, 0.5, 3]), **LIMITS),
    typed("boolean"),
    typed("null"),
    st.builds(lambda values: {"enum": values}, st.lists(VALUES, min_size=1, max_size=4)),
    st.builds(lambda value: {"const": value}, VALUES),
    st.builds(lambda types: {"type": types}, st.lists(
        st.sampled_from(["string", "integer", "number", "boolean", "null", "object", "array"]),
        min_size=1, unique=True)),
    st.sampled_from([True, {}, {"minLength": 3}, {"minimum": 3}, {"required": ["x"]}]),
    st.sampled_from([{"$ref": "#/$defs/tree"}, {"$ref": "#/$defs/word"}]),
)  # fmt: skip


def nested(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    fields = st.dictionaries(NAMES, inner, max_size=4)
    return st.one_of(
        typed(
            "object",
            properties=fields,
            required=st.lists(NAMES, max_size=2, unique=True),
            additionalProperties=st.just(True) | inner,
            minProperties=st.integers(0, 3),
            maxProperties=st.integers(3, 6),
            propertyNames=st.sampled_from([{"pattern": "^[a-zé/]+$"}, {"maxLength": 12}]),
            patternProperties=st.dictionaries(st.just("^x-\\d+$"), inner, max_size=1),
        ),
        st.builds(
            lambda fields: {
                **{"type": "object", "properties": fields, "required": list(fields)},
                "additionalProperties": False,
            },
            fields,
        ),
        typed(
            "array",
            items=inner,
            minItems=st.integers(0, 3),
            maxItems=st.integers(3, 5),
            prefixItems=st.lists(inner, max_size=2),
        ),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(
            lambda keyword, choices: {keyword: choices},
            st.sampled_from(["anyOf", "oneOf"]),
            st.lists(inner, min_size=1, max_size=3),
        ),
        st.builds(lambda part, field: {"allOf": [part, field]}, inner, inner),
        st.builds(lambda one: {"anyOf": [one, {"type": "null"}], "description": "d"}, inner),
        st.builds(
            lambda test, then, otherwise: {"if": test, "then": then, "else": otherwise},
            *(inner, inner, inner),
        ),
        st.builds(lambda part: {"not": part}, st.sampled_from([{"type": "string"}, {"const": 1}])),
    )


DEFINITIONS = {
    "word": {"type": "string", "minLength": 1, "maxLength": 9},
    "tree": {
        "type": "object",
        "properties": {
            "word": {"$ref": "#/$defs/word"},
            "left": {"oneOf": [{"$ref": "#/$defs/tree"}, {"$ref": "#/$defs/word"}]},
            "right": {"anyOf": [{"$ref": "#/$defs/tree"}, {"type": "null"}]},
            "rest": {"type": "array", "items": {"$ref": "#/$defs/tree"}, "maxItems": 2},
        },
        "required": ["word", "left", "right", "rest"],
        "additionalProperties": False,
    },
}
SCHEMAS = st.recursive(LEAVES, nested, max_leaves=6)


@settings(max_examples=examples(150), deadline=None)
@given(SCHEMAS, st.binary(max_size=2))
def test_every_answer_is_valid(schema: Schema, seed: bytes) -> None:
    """Given any schema / I expect a valid value, or a refusal with a reason."""
    root = {"$defs": DEFINITIONS, **(schema if isinstance(schema, dict) else {"allOf": [schema]})}
    value, problem = value_or_problem(root, seed)

    if problem is None:
        json.dumps(value, allow_nan=False)
        Draft202012Validator(root).validate(value)
    else:
        assert isinstance(problem, ValueError)


def value_or_problem(root: Schema, seed: bytes) -> tuple[Any, Exception | None]:
    try:
        return write(root, seed), None
    except Exception as error:
        return None, error


@settings(max_examples=examples(150), deadline=None)
@given(SCHEMAS, VALUES)
def test_the_validator_agrees_with_jsonschema(schema: Schema, value: Any) -> None:
    root = {"$defs": DEFINITIONS, **(schema if isinstance(schema, dict) else {"allOf": [schema]})}

    fits = SchemaValidator(SchemaResolver(root)).fits(root, value)

    assert fits == Draft202012Validator(root).is_valid(value)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 5, "maxLength": 5},
        {"type": "string", "pattern": "^[a-z]+$", "minLength": 30, "maxLength": 40},
        {"type": "integer", "minimum": 2.5, "maximum": 3.5},
        {"type": "integer", "exclusiveMinimum": 2.5, "exclusiveMaximum": 4},
        {"type": "integer", "minimum": -7, "maximum": -5, "multipleOf": 3},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1e-9},
        {"type": "number", "minimum": 0.1, "maximum": 0.3, "multipleOf": 0.1},
        {"enum": [1, "two", None], "type": "string"},
        {"not": {"type": "string"}},
        {"type": ["null", "array"], "minItems": 3, "items": {"enum": [1, 2, 3]},
         "uniqueItems": True},
        {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
        {"type": "array", "contains": {"const": 7}, "items": {"type": "integer"}, "minContains": 2},
        {"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": False},
        {"type": "array", "minItems": 2},
        {"type": "object", "required": ["a"]},
        {"type": "object", "minProperties": 5},
        {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": 1},
        {"type": "object", "patternProperties": {"^k\\d$": {"const": 1}}, "minProperties": 2,
         "additionalProperties": False},
        {"type": "object", "properties": {"a": {"const": 1}}, "dependentRequired": {"a": ["b"]}},
        {"type": "object", "properties": {"a": False, "b": {"const": 1}}, "required": ["b"]},
        {"properties": {"a": {"const": 1}}, "anyOf": [{"properties": {"b": {"const": 2}},
         "required": ["a", "b"]}]},
        {"anyOf": [{"type": "string", "enum": []}, {"type": "null"}]},
        {"oneOf": [{"type": "integer"}, {"type": "integer", "multipleOf": 2}]},
        {"if": {"type": "string"}, "then": {"maxLength": 3}, "else": {"type": "null"}},
        {"allOf": [{"minimum": 5}, {"type": "integer"}, {"maximum": 6}]},
        {"$ref": "#/$defs/a/anyOf/1", "$defs": {"a": {"anyOf": [{"const": 0}, {"const": 1}]}}},
    ],
)  # fmt: skip
def test_satisfiable_schemas_are_not_refused(schema: Schema) -> None:
    for seed in (b"1", b"2", b"3"):
        Draft202012Validator(schema).validate(write(schema, seed))


def test_a_recursive_schema_ends() -> None:
    schema = {"$defs": DEFINITIONS, "$ref": "#/$defs/tree"}

    Draft202012Validator(schema).validate(write(schema))


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "pattern": "("},
        {"type": "number", "multipleOf": 0},
        {"type": "integer", "minimum": float("inf")},
        {"type": "dragon"},
        {"not": {}},
        {"enum": []},
        {"type": "object", "required": 7},
    ],
)
def test_unusable_schemas_are_refused(schema: Schema) -> None:
    with pytest.raises(ValueError, match="schema"):
        write(schema)


@pytest.mark.parametrize(
    ("first", "second", "is_equal"),
    [(1, 1.0, True), (1, True, False), ([1], [1.0], True), ({"a": 0}, {"a": False}, False),
     ({"a": 1}, {"a": 1, "b": 2}, False), ([1], [1, 2], False), ("1", 1, False)],
)  # fmt: skip
def test_json_equality(first: Any, second: Any, is_equal: bool) -> None:
    assert equal(first, second) is is_equal
    assert SchemaValidator(SchemaResolver({})).fits({"const": first}, second) is is_equal
