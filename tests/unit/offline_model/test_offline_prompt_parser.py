"""Prompts are parsed from their JSON block, or else from their text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loresmith.offline_model.writer.prompt_parser import ParsedPrompt


def parse(**payload: Any) -> ParsedPrompt:
    return ParsedPrompt.parse(f"Write lore.\n```json\n{json.dumps(payload)}\n```")


def test_a_json_block() -> None:
    prompt = parse(
        theme="clockwork desert", count=3, tone="wistful", role="a smuggler.", user_id=None
    )

    assert prompt.theme.phrase == "the clockwork desert"
    assert prompt.count == 3
    assert prompt.attributes == {"tone": "wistful", "role": "a smuggler"}


def test_plain_text() -> None:
    prompt = ParsedPrompt.parse("Please invent three brave characters about a sunken library.")

    assert (prompt.theme.phrase, prompt.count, prompt.entity_type) == (
        "the sunken library",
        3,
        "characters",
    )


def test_places_are_settings() -> None:
    assert ParsedPrompt.parse("12 places, theme: winter").entity_type == "settings"


@pytest.mark.parametrize("world", [{"characters": [{"name": "Ann"}]}, {"characters": ["Ann"]}])
@pytest.mark.parametrize("encode", [json.dumps, dict])
def test_existing_characters(world: dict[str, Any], encode: Any) -> None:
    assert parse(theme="x", world=encode(world)).known["characters"] == ["Ann"]


def test_the_title_of_the_world() -> None:
    assert (
        parse(theme="x", world=json.dumps({"outline": {"title": "The Reach"}})).world_title
        == "The Reach"
    )


def test_names_in_a_truncated_world() -> None:
    whole = json.dumps(
        {
            "settings": [{"name": "Lowford", "type": "port"}, {"name": "Old Quay"}],
            "relics": [{"name": "The Bell"}, {"name": "never read"}],
        }
    )

    prompt = parse(theme="x", world=whole[: whole.index("never")])

    assert prompt.known == {"settings": ["Lowford", "Old Quay"], "relics": ["The Bell"]}


def test_names_in_prose() -> None:
    prompt = parse(theme="x", world="The coast is ruled from Veyrmoor by Queen Ilse. She is old.")

    assert prompt.known["names"] == ["Veyrmoor", "Queen Ilse"]


def test_pronouns_of_existing_characters() -> None:
    """Given no pronoun in the text / I expect they."""
    people = [
        {"name": "Ann", "backstory": "She lost her ship."},
        {"name": "Bo", "backstory": "He found it."},
        {"name": "Cy", "backstory": "A pilot."},
    ]

    pronouns = parse(theme="x", world=json.dumps({"characters": people})).pronouns

    assert [pronouns[name]["they"] for name in ("Ann", "Bo", "Cy")] == ["she", "he", "they"]


def test_a_long_attribute_is_cut_after_a_word() -> None:
    premise = parse(theme="x", premise="word " * 100).attributes["premise"]

    assert len(premise) <= 121
    assert premise.endswith("word…")


@given(st.text(max_size=300), st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_any_prompt_is_parsed(text: str, value: Any) -> None:
    ParsedPrompt.parse(text)
    ParsedPrompt.parse(f"```json\n{text}\n```")
    parse(theme=value, count=value, world=value, characters=value, relics=[value, {"name": value}])
