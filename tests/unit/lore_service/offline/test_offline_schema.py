"""Whatever the schema, the value fits it."""

import json
import random
import re
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from lore_service.offline.facts import Facts
from lore_service.offline.pattern import matching
from lore_service.offline.schema import fitted
from lore_service.offline.writer import Writer
from tests.unit.lore_service.offline.checker import misfits

Schema = dict[str, Any]
small = st.integers(0, 30)


def written(schema: Schema, name: str = "", prompt: str = "theme: salt", seed: bytes = b"s") -> Any:
    return Writer(seed, Facts.of(prompt)).write(schema, name)


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
        return {"type": "object", "properties": fields, "required": list(fields)}

    arrays = st.builds(lambda array, items: {**array, "items": items},
                       bounded("Items", 6, type="array"), inner)  # fmt: skip
    return st.one_of(
        st.dictionaries(names, inner, max_size=4).map(as_object),
        arrays,
        inner.map(lambda one: {"anyOf": [{"type": "null"}, one]}),
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(leaves(), nested, max_leaves=8), st.binary(max_size=4))
def test_any_schema(schema: Schema, seed: bytes) -> None:
    assert misfits(written(schema, seed=seed), schema) == []


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
    children: "list[Tree]"
    parent: "Tree | None"
    prices: dict[str, int]


@pytest.mark.parametrize("seed", [b"1", b"2", b"3"])
def test_a_model_with_everything(seed: bytes) -> None:
    """Given references in a ring, bounds, patterns, choices and maps / I expect pydantic's yes."""
    made = Tree.model_validate(written(Tree.model_json_schema(), seed=seed))

    assert made.parent is not None
    assert made.leaves[0].note
    assert len(set(made.leaves[0].tags)) == 4
    assert made.prices


def test_parts_of_an_all_of_count_together() -> None:
    schema = {
        "allOf": [
            {"type": "object", "properties": {"a": {"const": 1}}},
            {"properties": {"b": {"const": 2}}},
        ]
    }

    assert written(schema) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/missing"},
        {"type": "array", "items": {"type": "string"}, "minItems": 10**9},
        {"type": "object", "properties": 7},
        {"$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    ],
)
def test_a_schema_that_cannot_be_followed(schema: Schema) -> None:
    with pytest.raises(ValueError, match=r"schema|minimum"):
        written(schema)


def test_the_count_of_the_request_where_the_schema_is_open() -> None:
    people = {
        "type": "array",
        "items": {"type": "object", "properties": {"name": {"type": "string"}}},
    }
    prompt = '```json\n{"theme": "x", "count": 7}\n```'

    made = written({"type": "object", "properties": {"characters": people}}, prompt=prompt)

    assert len({one["name"] for one in made["characters"]}) == 7


def test_names_never_run_out() -> None:
    """Given more places than the words have names for / I expect no name twice."""
    place = {"type": "object", "properties": {"name": {"type": "string"}}}
    schema = {"type": "array", "items": place, "minItems": 2_000}

    made = written({"type": "object", "properties": {"settings": schema}})

    assert len({one["name"] for one in made["settings"]}) == 2_000


def test_text_is_cut_where_a_sentence_ends() -> None:
    text = "It began with salt. It ended with a law that nobody read."

    assert fitted(lambda: text, 0, 30) == "It began with salt."
    assert fitted(lambda: text, 25, 30) == "It began with salt. It ended"
    assert fitted(lambda: text, 0, 5) == "It"
    assert fitted(lambda: "Salt", 0, 3) == "Sal"


def test_text_that_is_too_short_goes_on() -> None:
    assert fitted(lambda: "So.", 9, 20) == "So. So. So."
    assert len(fitted(lambda: "", 500, 500)) == 500


@pytest.mark.parametrize(
    "pattern",
    [r"^[a-f0-9]{8}$", r"^(red|green)-\w+\s?[^a-z]$", r"^(\w)\1{3}$", r"^[^0-9]+\.$", r"x*?y+z?"],
)
def test_text_for_a_pattern(pattern: str) -> None:
    for seed in range(20):
        text = matching(pattern, random.Random(seed))

        assert text is not None
        assert re.search(pattern, text)


def test_a_pattern_that_is_too_hard() -> None:
    assert matching(r"^(?=.*\d)(?=.*[a-z]).{8}$", random.Random(1)) is None
    assert matching(r"(", random.Random(1)) is None


def test_the_value_is_json() -> None:
    json.dumps(written(Tree.model_json_schema()), allow_nan=False)
