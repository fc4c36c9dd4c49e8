"""Schemas of outputs that the job types do not have yet: said strictly, or refused at start-up."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field, create_model

from loresmith.jobs.types.fields import Output
from loresmith.jobs.types.model_call import ModelCallSpec, Prompt
from loresmith.jobs.types.strict_schema import strict_schema


class Reward(Output):
    """What one gets."""

    title: str
    gold: int | None


def made_of(field: Any) -> type[BaseModel]:
    return create_model("Quest", __base__=Output, field=field)


def field_of(field: Any) -> Any:
    return strict_schema(made_of(field))["properties"]["field"]


def test_a_reference_with_a_description_is_written_out() -> None:
    """A strict schema may have nothing beside a reference."""
    reply = field_of((Reward, Field(description="For the brave")))

    assert "$ref" not in reply
    assert reply["description"] == "For the brave"
    assert reply["required"] == ["title", "gold"]


def test_a_plain_reference_stays_one() -> None:
    assert field_of((list[Reward], ...))["items"] == {"$ref": "#/$defs/Reward"}


def test_an_optional_field_is_required_and_may_be_null() -> None:
    gold = strict_schema(Reward)["properties"]["gold"]

    assert gold == {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    assert strict_schema(Reward)["required"] == ["title", "gold"]


def test_a_default_is_not_told_and_its_field_is_required() -> None:
    schema = strict_schema(made_of((int, 3)))

    assert schema["properties"]["field"] == {"type": "integer"}
    assert schema["required"] == ["field"]


def test_a_field_may_be_called_as_a_keyword_is() -> None:
    names = {"title": (str, ...), "default": (str, ...), "properties": (str, ...)}
    schema = strict_schema(create_model("Odd", __base__=Output, **names))  # type: ignore[call-overload]

    assert list(schema["properties"]) == list(names)


def test_bounds_stay_but_lengths_of_text_do_not() -> None:
    """Providers refuse minLength with a 400; it holds when the answer is parsed."""
    short = Annotated[str, Field(min_length=1, max_length=9)]

    assert field_of((short, ...)) == {"type": "string"}
    assert field_of((int, Field(ge=1, le=9))) == {"type": "integer", "minimum": 1, "maximum": 9}
    assert field_of((list[short], Field(max_length=2))) == {
        "type": "array",
        "items": {"type": "string"},
        "maxItems": 2,
    }


def test_choices_stay() -> None:
    assert field_of((Literal["easy", "hard"], ...)) == {"type": "string", "enum": ["easy", "hard"]}


@pytest.mark.parametrize(
    ("field", "why"),
    [
        (dict[str, str], "dicts"),
        (dict[str, Any], "dicts"),
        (list[dict[str, int]], "dicts"),
        (tuple[str, int], "prefixItems"),
        (Any, "a type of its own"),
        (list[Any], "a type of its own"),
    ],
    ids=repr,
)
def test_an_output_that_no_strict_schema_can_say_stops_the_start(field: Any, why: str) -> None:
    with pytest.raises(TypeError, match=why):
        ModelCallSpec(
            "generate_quests",
            Reward,
            made_of((field, ...)),
            lambda _: Prompt("", ""),
            max_output_tokens=lambda _: 1,
        )
