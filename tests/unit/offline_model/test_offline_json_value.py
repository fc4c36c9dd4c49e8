"""Every value is valid for its schema."""

import json
import random
import re
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field

from loresmith.offline_model.writer.schema.pattern import text_matching
from loresmith.offline_model.writer.schema.scalars import fit_length
from loresmith.offline_model.writer.writer import LoreWriter
from tests.conftest import examples

Schema = dict[str, Any]


def write(schema: Schema, prompt: str = "theme: salt", seed: bytes = b"s") -> Any:
    return LoreWriter(seed, prompt).json_value(schema)


@st.composite
def bounded(draw: st.DrawFn, /, what: str, most: int, **rest: Any) -> Schema:
    low = draw(st.integers(0, most))
    high = draw(st.integers(low, most))
    sides = draw(st.sampled_from([{}, {f"min{what}": low}, {f"max{what}": high}, None]))
    both = {f"min{what}": low, f"max{what}": high}
    return {**rest, **(both if sides is None else sides)}


def leaves() -> st.SearchStrategy[Schema]:
    return st.one_of(
        bounded("Length", 400, type="string"),
        bounded("imum", 100, type="integer"),
        bounded("imum", 100, type="number"),
        st.just({"type": "boolean"}),
        st.just({"type": "string", "pattern": "^[A-Z]{3}-\\d{2}$"}),
        st.lists(st.integers() | st.text(), min_size=1).map(lambda some: {"enum": some}),
        st.text().map(lambda one: {"const": one}),
    )


def nested(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    names = st.sampled_from(["name", "age", "description", "characters", "tags", "année", "x y"])

    def as_object(fields: dict[str, Schema]) -> Schema:
        closed = {"required": list(fields), "additionalProperties": False}
        return {"type": "object", "properties": fields, **closed}

    arrays = st.builds(lambda array, items: {**array, "items": items},
                       bounded("Items", 6, type="array"), inner)  # fmt: skip
    return st.one_of(
        st.dictionaries(names, inner, max_size=4).map(as_object),
        arrays,
        inner.map(lambda one: {"anyOf": [{"type": "null"}, one]}),
    )


@settings(max_examples=examples(150))
@given(st.recursive(leaves(), nested, max_leaves=8), st.binary(max_size=4))
def test_any_schema(schema: Schema, seed: bytes) -> None:
    Draft202012Validator(schema).validate(write(schema, seed=seed))


class Leaf(BaseModel):
    sign: Literal["hare", "owl"]
    code: Annotated[str, Field(pattern=r"^[A-Z]{3}-\d{2}$")]
    weight: Annotated[float, Field(gt=0, lt=1)]
    pages: Annotated[int, Field(gt=3, le=40, multiple_of=5)]
    note: Annotated[str, Field(min_length=30, max_length=60)] | None
    tags: Annotated[list[str], Field(min_length=4, max_length=4)]


class Tree(BaseModel):
    name: str
    leaves: Annotated[list[Leaf], Field(min_length=2)]
    children: "Annotated[list[Tree], Field(max_length=2)]"
    parent: "Tree | None"
    prices: dict[str, int]


@pytest.mark.parametrize("seed", [b"1", b"2", b"3"])
def test_a_recursive_model(seed: bytes) -> None:
    """Given recursion, limits, patterns, choices and maps / I expect valid JSON."""
    value = write(Tree.model_json_schema(), seed=seed)
    tree = Tree.model_validate_json(json.dumps(value, allow_nan=False))

    assert tree.parent is not None
    assert tree.leaves[0].note
    assert len(set(tree.leaves[0].tags)) == 4
    assert tree.prices


def test_all_of_is_merged() -> None:
    schema = {
        "allOf": [
            {"type": "object", "properties": {"a": {"const": 1}}},
            {"properties": {"b": {"const": 2}}},
        ]
    }

    assert write(schema) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/missing"},
        {"type": "array", "items": {"type": "string"}, "minItems": 10**9},
        {"type": "object", "properties": 7},
        {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    ],
)
def test_unusable_schemas(schema: Schema) -> None:
    with pytest.raises(ValueError, match=r"schema|minimum"):
        write(schema)


def test_the_requested_count_without_limits_in_the_schema() -> None:
    people = {
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}}},
    }
    prompt = '```json\n{"theme": "x", "count": 7}\n```'

    value = write({"type": "object", "properties": {"characters": people}}, prompt=prompt)

    assert len({one["name"] for one in value["characters"]}) == 7


def test_names_are_unique() -> None:
    """Given more places than the word lists have names / I expect each name once."""
    place = {"type": "object", "properties": {"name": {"type": "string"}}}
    schema = {"type": "array", "items": place, "minItems": 2_000}

    value = write({"type": "object", "properties": {"settings": schema}})

    assert len({one["name"] for one in value["settings"]}) == 2_000


def test_long_text_is_cut_after_a_sentence() -> None:
    text = "It began with salt. It ended with a law that nobody read."

    assert fit_length(lambda: text, 0, 30) == "It began with salt."
    assert fit_length(lambda: text, 25, 30) == "It began with salt. It ended"
    assert fit_length(lambda: text, 0, 5) == "It"
    assert fit_length(lambda: "Salt", 0, 3) == "Sal"


def test_short_text_is_continued() -> None:
    assert fit_length(lambda: "So.", 9, 20) == "So. So. So."
    assert len(fit_length(lambda: "", 500, 500)) == 500


@pytest.mark.parametrize(
    "pattern",
    [r"^[a-f0-9]{8}$", r"^(red|green)-\w+\s?[^a-z]$", r"^(\w)\1{3}$", r"^[^0-9]+\.$", r"x*?y+z?"],
)
def test_text_matches_the_pattern(pattern: str) -> None:
    for seed in range(20):
        text = text_matching(pattern, random.Random(seed))

        assert text is not None
        assert re.search(pattern, text)


def test_look_ahead_is_tried() -> None:
    pattern = r"^(?=.*\d)(?=.*[a-z])(?!.*x).{8}$"
    text = text_matching(pattern, random.Random(1))

    assert text is not None
    assert re.search(pattern, text)


def test_unsupported_patterns() -> None:
    assert text_matching(r"^a(?=b)c$", random.Random(1)) is None
    assert text_matching(r"(", random.Random(1)) is None
