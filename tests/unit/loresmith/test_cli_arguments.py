"""Words of the command line as a payload, typed by a JSON Schema."""

from pathlib import Path
from typing import Any

import pytest

from jobs.kinds import KINDS
from loresmith.cli.arguments import ArgumentError, payload

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "theme": {"type": "string"},
        "count": {"type": "integer"},
        "tone": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "weight": {"type": "number"},
        "dark": {"type": "boolean"},
        "names": {"type": "array", "items": {"type": "string"}},
        "mood": {"$ref": "#/$defs/Mood"},
        "anything": {},
        "code": {"type": ["integer", "string"]},
    },
    "required": ["theme"],
    "$defs": {"Mood": {"type": "string", "enum": ["calm", "grim"]}},
}


def given(*words: str) -> dict[str, Any]:
    """What the words say beside the theme."""
    made = payload(["theme=x", *words], SCHEMA)
    made.pop("theme")
    return made


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("count=5", 5),
        ("count=-5", -5),
        ("tone=7", "7"),
        ("tone=a=b:=c", "a=b:=c"),
        ("tone=", ""),
        ("tone:=null", None),
        ("weight=2", 2.0),
        ("weight=1.5e1", 15.0),
        ("dark=yes", True),
        ("dark=False", False),
        ('names:=["a", "b"]', ["a", "b"]),
        ("mood=grim", "grim"),
        ("anything=5", "5"),
        ("anything:=5", 5),
        ("code=5", 5),
        ("code=x5", "x5"),
    ],
)
def test_a_value_has_the_type_that_its_field_wants(word: str, value: Any) -> None:
    (found,) = given(word).values()

    assert found == value
    assert type(found) is type(value)


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "world.txt").write_text("Salt.\nAnd wind.")
    (tmp_path / "names.json").write_text('["a"]')

    made = given(f"tone=@{tmp_path}/world.txt", f"names:=@{tmp_path}/names.json")

    assert made == {"tone": "Salt.\nAnd wind.", "names": ["a"]}


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("count=many", "count: must be a whole number, not 'many'"),
        ("count=2.5", "count: must be a whole number"),
        ("weight=inf", "weight: must be a number"),
        ("dark=perhaps", "dark: must be true or false"),
        ("names=a", "names: must be a list, not 'a'; write names:='...' in JSON"),
        ("mood=gay", "mood: must be one of calm, grim"),
        ("count:=five", "count: is not JSON"),
        ("cuont=5", "cuont: there is no such field; did you mean count? The fields are theme*"),
        ("count", "'count' is no field; write name=value"),
        ("--count=5", "is no field"),
        ("theme=y", "theme: is given twice"),
        ("tone=@/nowhere", "tone: /nowhere cannot be read"),
    ],
)
def test_what_does_not_fit_names_the_field_and_the_cure(word: str, told: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        given(word)

    assert told in str(raised.value)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ArgumentError, match=r"theme: is required; The fields are theme\*, count"):
        payload(["count=5"], SCHEMA)


@pytest.mark.parametrize("name", KINDS)
def test_every_job_types_example_can_be_written_in_words(name: str) -> None:
    """Given the schemas that the server really sends / I expect their examples to pass."""
    kind = KINDS[name]
    words = [f"{field}={value}" for field, value in (kind.example or {}).items()]

    made = payload(words, kind.payload.model_json_schema())

    assert made == kind.example
    kind.payload.model_validate(made)
