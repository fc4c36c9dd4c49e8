"""What a client may send: one rule a test, for every job type. Every refusal names the field."""

from typing import Any

import pytest
from pydantic import ValidationError

from loresmith.jobs.types.base import JobType
from loresmith.jobs.types.registry import JOB_TYPES
from tests.unit.jobs.types.answers import texts_of

SORTS = ("characters", "factions", "settings", "events", "relics")
LORE = [name for name, kind in JOB_TYPES.items() if "theme" in kind.payload.model_fields]
COUNTS = [
    *((name, "count") for name, kind in JOB_TYPES.items() if "count" in kind.payload.model_fields),
    *(("create_world", sort) for sort in SORTS),
]
TEXTS = [(name, field) for name, kind in JOB_TYPES.items() for field in texts_of(kind.payload)]


def refused(kind: JobType[Any], **changes: Any) -> list[str]:
    """The fields that the refusal of a changed example names."""
    with pytest.raises(ValidationError) as caught:
        kind.payload.model_validate({**(kind.example or {}), **changes})
    return [str(error["loc"][0]) for error in caught.value.errors()]


def test_each_kind_counts_and_tells() -> None:
    """Given the lists these tests go through / I expect that they are not empty by accident."""
    assert {(f"generate_{sort}", "count") for sort in SORTS} <= set(COUNTS)
    assert ("generate_settings", "climate") in TEXTS
    assert ("create_world", "user_id") in TEXTS


@pytest.mark.parametrize("name", LORE)
def test_a_theme_is_all_a_generation_needs_and_three_is_what_it_makes(name: str) -> None:
    payload = JOB_TYPES[name].payload(theme="fantasy", **owner(name))

    assert {getattr(payload, field) for kind, field in COUNTS if kind == name} == {3}
    assert payload.theme == "fantasy"


def owner(name: str) -> dict[str, str]:
    return {"user_id": "mira"} if name == "create_world" else {}


@pytest.mark.parametrize("user_id", [{"user_id": ""}, {"user_id": "  "}, {"user_id": 7}])
def test_a_bad_owner_of_a_world_is_refused_by_the_name_of_the_field(user_id: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        JOB_TYPES["create_world"].payload.model_validate({"theme": "fantasy", **user_id})

    assert [error["loc"] for error in caught.value.errors()] == [("user_id",)]


@pytest.mark.parametrize("name", JOB_TYPES)
def test_an_unknown_field_is_refused(name: str) -> None:
    assert refused(JOB_TYPES[name], colour="blue") == ["colour"]


@pytest.mark.parametrize("bad", [0, 11, -1, True, "3", 2.5, 3.0, None, [3], 10**30], ids=repr)
@pytest.mark.parametrize(("name", "field"), COUNTS)
def test_a_count_is_a_whole_number_that_makes_sense(name: str, field: str, bad: Any) -> None:
    assert refused(JOB_TYPES[name], **{field: bad}) == [field]


@pytest.mark.parametrize(("name", "field"), COUNTS)
def test_as_many_as_the_type_allows_are_allowed(name: str, field: str) -> None:
    most = 5 if name == "create_world" else 10
    kind = JOB_TYPES[name]

    assert getattr(kind.payload(**{**(kind.example or {}), field: most}), field) == most
    assert refused(kind, **{field: most + 1}) == [field]


@pytest.mark.parametrize("bad", ["\0", "\x07", "\x1b[2J", "\x7f", "\x9b2J", "\ud800"], ids=repr)
@pytest.mark.parametrize(("name", "field"), TEXTS)
def test_what_no_terminal_or_store_can_hold_is_refused(name: str, field: str, bad: str) -> None:
    assert refused(JOB_TYPES[name], **{field: f"fan{bad}tasy"}) == [field]


@pytest.mark.parametrize(("name", "field"), TEXTS)
def test_lines_accents_and_other_scripts_are_welcome(name: str, field: str) -> None:
    text = "Île d'Ys\n\tтуман, 霧 🐉"
    kind = JOB_TYPES[name]

    assert getattr(kind.payload(**{**(kind.example or {}), field: text}), field) == text


@pytest.mark.parametrize(("name", "field"), [text for text in TEXTS if text[0] in LORE])
def test_a_text_has_an_end(name: str, field: str) -> None:
    assert refused(JOB_TYPES[name], **{field: "a" * 20_001}) == [field]


@pytest.mark.parametrize("bad", ["", " \n", 7, None, ["fantasy"]], ids=repr)
@pytest.mark.parametrize("name", LORE)
def test_a_theme_says_something(name: str, bad: Any) -> None:
    assert refused(JOB_TYPES[name], theme=bad) == ["theme"]
