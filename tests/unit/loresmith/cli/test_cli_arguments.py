"""Conversion of command-line words to a payload, typed by a JSON Schema."""

import json
from pathlib import Path
from typing import Any

import pytest

from loresmith.cli.arguments import ArgumentError, parse_payload
from loresmith.jobs.types.registry import JOB_TYPES

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "theme": {"type": "string"},
        "count": {"type": "integer"},
        "score": {"type": "integer", "minimum": 1, "maximum": 10},
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


def parsed(*words: str) -> dict[str, Any]:
    """Returns the payload of the words, without its theme."""
    payload = parse_payload(["theme=x", *words], SCHEMA)
    payload.pop("theme")
    return payload


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
def test_a_value_has_the_type_of_its_field(word: str, value: Any) -> None:
    (actual,) = parsed(word).values()

    assert actual == value
    assert type(actual) is type(value)


def test_a_value_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "world.txt").write_text("Salt.\nAnd wind.")
    (tmp_path / "names.json").write_text('["a"]')

    payload = parsed(f"tone=@{tmp_path}/world.txt", f"names:=@{tmp_path}/names.json")

    assert payload == {"tone": "Salt.\nAnd wind.", "names": ["a"]}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("count=many", "count: must be a whole number, not 'many'"),
        ("count=2.5", "count: must be a whole number"),
        ("weight=inf", "weight: must be a number"),
        ("dark=perhaps", "dark: must be true or false"),
        ("names=a", "names: must be a list, not 'a'; write names:='...' in JSON"),
        ("mood=gay", "mood: must be one of calm, grim"),
        ("count:=five", "count: invalid JSON"),
        (
            "cuont=5",
            "cuont: unknown field. Did you mean count?\nFields (* required): theme*, count",
        ),
        ("count", "'count' is not a field; write name=value"),
        ("--count=5", "is not a field"),
        ("score=11", "score: must be at most 10"),
        ("score=0", "score: must be at least 1"),
        ("theme=y", "theme: given twice"),
        ("tone=@/nowhere", "tone: cannot read /nowhere"),
    ],
)
def test_an_invalid_word_names_the_field_and_the_remedy(word: str, message: str) -> None:
    with pytest.raises(ArgumentError) as raised:
        parsed(word)

    assert message in str(raised.value)


def test_every_problem_is_named() -> None:
    with pytest.raises(ArgumentError) as raised:
        parse_payload(["count=x", "zzz=1"], SCHEMA)

    assert str(raised.value).splitlines()[:3] == [
        "count: must be a whole number, not 'x'",
        "zzz: unknown field",
        "theme: required",
    ]


@pytest.mark.parametrize("name", JOB_TYPES)
def test_every_example_of_a_job_type_can_be_written_in_words(name: str) -> None:
    """Given the schemas that the server really sends / I expect their examples to pass."""
    kind = JOB_TYPES[name]
    words = [
        f"{field}={value}" if isinstance(value, str) else f"{field}:={json.dumps(value)}"
        for field, value in (kind.example or {}).items()
    ]

    payload = parse_payload(words, kind.payload.model_json_schema())

    assert payload == kind.example
    kind.payload.model_validate(payload)
