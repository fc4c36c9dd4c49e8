"""The lore for our own job types is valid, readable, about the theme and consistent."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loresmith.jobs.types.registry import MODEL_CALLS
from loresmith.offline_model.writer.writer import LoreWriter
from tests.conftest import examples

LISTS = ["characters", "factions", "settings", "events", "relics"]
LEFTOVERS = re.compile(r"[{}#¶]|  |\ba [aeiou](?!ni|ne|se|u)|s's |\.\.|^\s|\s$")
"""Traces of slots that were filled badly."""
LOWERCASE_SENTENCE = re.compile(r"[.!?]\s+“?[a-z]")


def answer(spec: str, seed: bytes = b"", **payload: Any) -> Any:
    """Returns the parsed answer to a spec."""
    job_type = MODEL_CALLS[spec]
    request = job_type.input.model_validate({"theme": "clockwork desert", **payload})
    writer = LoreWriter(seed, job_type.prompt(request).user)
    value = writer.json_value(job_type.schema(request), spec.replace(".", "_"))
    return job_type.parse(request, json.dumps(value)).model_dump()


def entities(part: str, **payload: Any) -> list[dict[str, Any]]:
    created: list[dict[str, Any]] = answer(f"generate_{part}", **payload)[part]
    return created


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in texts(part)]


def create_world(seed: bytes = b"") -> dict[str, Any]:
    """Returns a world as create_world makes it, without the story."""
    world: dict[str, Any] = {"outline": answer("create_world.outline", seed, user_id="u")}
    for part in ("settings", "factions", "characters", "relics", "events"):
        world |= answer(f"generate_{part}", seed, world=json.dumps(world))
    return world


@pytest.mark.parametrize("count", [1, 2, 10])
@pytest.mark.parametrize("part", LISTS)
def test_the_requested_count(part: str, count: int) -> None:
    created = entities(part, count=count)

    assert len({one["name"] for one in created}) == count


@pytest.mark.parametrize("part", LISTS)
def test_the_theme_is_mentioned(part: str) -> None:
    """Given a theme / I expect it in most entities, and a word of it in a name."""
    created = entities(part, count=10)

    assert sum("the clockwork desert" in " ".join(texts(one)) for one in created) >= 8
    if part != "characters":
        assert re.search("Clockwork|Desert", " ".join(one["name"] for one in created))


@pytest.mark.parametrize("seed", [b"1", b"2", b"3", b"4"])
@pytest.mark.parametrize("part", LISTS)
def test_no_leftovers_of_the_grammar(part: str, seed: bytes) -> None:
    for text in texts(entities(part, count=10, seed=seed, world="Ruled from Veyrmoor.")):
        assert not LEFTOVERS.search(text), text
        assert not LOWERCASE_SENTENCE.search(text), text


@pytest.mark.parametrize("part", LISTS)
def test_descriptions_have_two_to_four_sentences_and_none_twice(part: str) -> None:
    described = [one["description"] for one in entities(part, count=10)]

    assert all(2 <= len(re.findall(r"[.!?](?:\s|$)", text)) <= 4 for text in described)
    assert len(set(described)) == 10


def test_the_same_request_gets_the_same_answer() -> None:
    assert entities("relics", seed=b"a") == entities("relics", seed=b"a")
    assert entities("relics", seed=b"a") != entities("relics", seed=b"b")


@pytest.mark.parametrize(
    ("part", "attribute", "field"),
    [
        ("characters", {"role": "smuggler"}, "role"),
        ("settings", {"climate": "drowned coast"}, "description"),
        ("events", {"era": "the last dry century"}, "date"),
        ("relics", {"origin": "the salt monks"}, "origin"),
        ("factions", {"scale": "one harbour city"}, "goal"),
    ],
)
def test_attributes_are_used(part: str, attribute: dict[str, str], field: str) -> None:
    (value,) = attribute.values()

    for one in entities(part, count=5, **attribute):
        assert value.lower() in one[field].lower()


def test_the_tone_is_used() -> None:
    created = entities("settings", count=3, tone="wistful")

    assert any("wistful" in one["atmosphere"] for one in created)


def test_entities_know_each_other() -> None:
    """Given five factions / I expect each to have another one as a rival."""
    created = entities("factions", count=5)
    names = {one["name"].removeprefix("The ") for one in created}

    for one in created:
        rivals = {rival.removeprefix("the ") for rival in one["rivals"]}
        assert rivals & (names - {one["name"].removeprefix("The ")})


def test_events_are_in_chronological_order() -> None:
    years = [int(re.findall(r"year (\d+)", one["date"])[0]) for one in entities("events", count=10)]

    assert years == sorted(set(years))


def test_entities_mention_existing_entities() -> None:
    world = create_world()
    people = [one["name"] for one in world["characters"]]
    places = [one["name"].removeprefix("The ") for one in world["settings"]]

    assert all(any(place in " ".join(texts(one)) for place in places) for one in world["factions"])
    assert any(name in " ".join(texts(world["events"])) for name in people)


@pytest.mark.parametrize("seed", [b"1", b"2", b"3", b"4"])
def test_the_story_is_about_the_world(seed: bytes) -> None:
    world = create_world(seed)
    story = answer("create_world.story", seed, tone=None, world=json.dumps(world))
    text = " ".join(texts(story))

    assert 3 <= len(story["chapters"]) <= 6
    assert all(len(chapter["text"].split("\n\n")) >= 3 for chapter in story["chapters"])
    assert len({chapter["text"] for chapter in story["chapters"]}) == len(story["chapters"])
    for part in ("characters", "factions", "settings", "relics", "events"):
        assert any(one["name"].removeprefix("The ") in text for one in world[part]), part
    assert not LEFTOVERS.search(text.replace("\n\n", " "))


def test_a_story_without_a_world() -> None:
    assert answer("create_world.story", tone=None, world="")["ending"]


def test_prose_without_a_schema() -> None:
    three = LoreWriter(b"1", "Three characters about the tide, please").prose()
    tale = LoreWriter(b"1", "Tell me something about the tide").prose()

    assert len(three.split("\n\n")) == 3
    assert "the tide" in three
    assert "the tide" in tale
    assert not LEFTOVERS.search(tale.replace("\n\n", " "))


free_text = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60)


@settings(max_examples=examples(60))
@given(st.sampled_from(LISTS), free_text.filter(str.strip), st.none() | free_text)
def test_any_theme_and_any_world(part: str, theme: str, world: str | None) -> None:
    assert len(entities(part, theme=theme, world=world, count=2)) == 2
