"""What a prompt says is found: in its block of JSON, or else in its words."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lore_service.offline.facts import Facts


def told(**payload: Any) -> Facts:
    return Facts.of(f"Write lore.\n```json\n{json.dumps(payload)}\n```")


def test_a_block_of_json() -> None:
    facts = told(
        theme="clockwork desert", count=3, tone="wistful", role="a smuggler.", user_id=None
    )

    assert facts.theme.phrase == "the clockwork desert"
    assert facts.count == 3
    assert facts.asked == {"tone": "wistful", "role": "a smuggler"}


def test_plain_words() -> None:
    facts = Facts.of("Please invent three brave characters about a sunken library.")

    assert (facts.theme.phrase, facts.count, facts.part) == ("the sunken library", 3, "characters")


def test_places_are_settings() -> None:
    assert Facts.of("12 places, theme: winter").part == "settings"


@pytest.mark.parametrize("world", [{"characters": [{"name": "Ann"}]}, {"characters": ["Ann"]}])
@pytest.mark.parametrize("encode", [json.dumps, dict])
def test_who_exists_already(world: dict[str, Any], encode: Any) -> None:
    assert told(theme="x", world=encode(world)).known["characters"] == ["Ann"]


def test_the_name_of_the_world() -> None:
    assert (
        told(theme="x", world=json.dumps({"outline": {"title": "The Reach"}})).title == "The Reach"
    )


def test_a_world_that_was_cut_off_still_has_names() -> None:
    whole = json.dumps(
        {
            "settings": [{"name": "Lowford", "type": "port"}, {"name": "Old Quay"}],
            "relics": [{"name": "The Bell"}, {"name": "never read"}],
        }
    )

    facts = told(theme="x", world=whole[: whole.index("never")])

    assert facts.known == {"settings": ["Lowford", "Old Quay"], "relics": ["The Bell"]}


def test_names_in_a_world_that_is_prose() -> None:
    facts = told(theme="x", world="The coast is ruled from Veyrmoor by Queen Ilse. She is old.")

    assert facts.known["names"] == ["Veyrmoor", "Queen Ilse"]


def test_how_people_are_spoken_of() -> None:
    """Given people who exist already / I expect she, he, or they when the text does not say."""
    people = [
        {"name": "Ann", "backstory": "She lost her ship."},
        {"name": "Bo", "backstory": "He found it."},
        {"name": "Cy", "backstory": "A pilot."},
    ]

    spoken = told(theme="x", world=json.dumps({"characters": people})).pronouns

    assert [spoken[name]["they"] for name in ("Ann", "Bo", "Cy")] == ["she", "he", "they"]


def test_a_long_wish_is_cut_at_a_word() -> None:
    wish = told(theme="x", premise="word " * 100).asked["premise"]

    assert len(wish) <= 121
    assert wish.endswith("word…")


@given(st.text(max_size=300), st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_no_prompt_is_too_odd(text: str, odd: Any) -> None:
    Facts.of(text)
    Facts.of(f"```json\n{text}\n```")
    told(theme=odd, count=odd, world=odd, characters=odd, relics=[odd, {"name": odd}])
