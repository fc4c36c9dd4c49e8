"""The lore that our own recipes get: schema-true, readable, about the theme, all of one piece."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.kinds import RECIPES
from lore_service.offline.facts import Facts
from lore_service.offline.writer import Writer

LISTS = ["characters", "factions", "settings", "events", "relics"]
LEFTOVERS = re.compile(r"[{}#¶]|  |\ba [aeiou](?!ni|ne|se|u)|s's |\.\.|^\s|\s$")
"""What a line whose slots were not filled well would show."""
SENTENCES = re.compile(r"[.!?]\s+“?[a-z]")


def answer(recipe: str, seed: bytes = b"", **payload: Any) -> Any:
    """What the recipe gets for a payload, as parsed by itself."""
    made = RECIPES[recipe]
    given = made.input.model_validate({"theme": "clockwork desert", **payload})
    facts = Facts.of(made.prompt(given).user)
    value = Writer(seed, facts).write(made.schema(given), recipe.replace(".", "_"))
    return made.parse(given, json.dumps(value)).model_dump()


def entities(part: str, **payload: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer(f"generate_{part}", **payload)[part]
    return found


def texts(value: Any) -> list[str]:
    """All texts in a value."""
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for part in parts for text in texts(part)]


def a_world(seed: bytes = b"") -> dict[str, Any]:
    """A world as create_world makes it, up to the story."""
    world: dict[str, Any] = {"outline": answer("create_world.outline", seed, user_id="u")}
    for part in ("settings", "factions", "characters", "relics", "events"):
        world |= answer(f"generate_{part}", seed, world=json.dumps(world))
    return world


@pytest.mark.parametrize("count", [1, 2, 10])
@pytest.mark.parametrize("part", LISTS)
def test_as_many_as_were_asked_for(part: str, count: int) -> None:
    made = entities(part, count=count)

    assert len({one["name"] for one in made}) == count


@pytest.mark.parametrize("part", LISTS)
def test_the_theme_can_be_seen(part: str) -> None:
    """Given a theme / I expect it in most of the entities, and a word of it in a name or two."""
    made = entities(part, count=10)

    assert sum("the clockwork desert" in " ".join(texts(one)) for one in made) >= 8
    if part != "characters":
        assert re.search("Clockwork|Desert", " ".join(one["name"] for one in made))


@pytest.mark.parametrize("seed", [b"1", b"2", b"3", b"4"])
@pytest.mark.parametrize("part", LISTS)
def test_it_reads_well(part: str, seed: bytes) -> None:
    for text in texts(entities(part, count=10, seed=seed, world="Ruled from Veyrmoor.")):
        assert not LEFTOVERS.search(text), text
        assert not SENTENCES.search(text), text


@pytest.mark.parametrize("part", LISTS)
def test_descriptions_have_two_to_four_sentences_and_none_twice(part: str) -> None:
    described = [one["description"] for one in entities(part, count=10)]

    assert all(2 <= len(re.findall(r"[.!?](?:\s|$)", text)) <= 4 for text in described)
    assert len(set(described)) == 10


def test_the_same_request_gets_the_same_answer() -> None:
    assert entities("relics", seed=b"a") == entities("relics", seed=b"a")
    assert entities("relics", seed=b"a") != entities("relics", seed=b"b")


@pytest.mark.parametrize(
    ("part", "wish", "field"),
    [
        ("characters", {"role": "smuggler"}, "role"),
        ("settings", {"climate": "drowned coast"}, "description"),
        ("events", {"era": "the last dry century"}, "date"),
        ("relics", {"origin": "the salt monks"}, "origin"),
        ("factions", {"scale": "one harbour city"}, "goal"),
    ],
)
def test_a_wish_is_heard(part: str, wish: dict[str, str], field: str) -> None:
    (asked,) = wish.values()

    for one in entities(part, count=5, **wish):
        assert asked.lower() in one[field].lower()


def test_the_tone_is_heard() -> None:
    made = entities("settings", count=3, tone="wistful")

    assert any("wistful" in one["atmosphere"] for one in made)


def test_entities_know_each_other() -> None:
    """Given five factions / I expect each to have another of them for a rival."""
    made = entities("factions", count=5)
    names = {one["name"].removeprefix("The ") for one in made}

    for one in made:
        rivals = {rival.removeprefix("the ") for rival in one["rivals"]}
        assert rivals & (names - {one["name"].removeprefix("The ")})


def test_events_stand_in_the_order_of_their_years() -> None:
    years = [int(re.findall(r"year (\d+)", one["date"])[0]) for one in entities("events", count=10)]

    assert years == sorted(set(years))


def test_a_world_is_of_one_piece() -> None:
    """Given what exists already / I expect it to be lived in, fought over and told about."""
    world = a_world()
    people = [one["name"] for one in world["characters"]]
    places = [one["name"].removeprefix("The ") for one in world["settings"]]

    assert all(any(place in " ".join(texts(one)) for place in places) for one in world["factions"])
    assert any(name in " ".join(texts(world["events"])) for name in people)


@pytest.mark.parametrize("seed", [b"1", b"2", b"3", b"4"])
def test_the_story_is_about_the_world(seed: bytes) -> None:
    world = a_world(seed)
    story = answer("create_world.story", seed, tone=None, world=json.dumps(world))
    told = " ".join(texts(story))

    assert 3 <= len(story["chapters"]) <= 6
    assert all(len(chapter["text"].split("\n\n")) >= 3 for chapter in story["chapters"])
    assert len({chapter["text"] for chapter in story["chapters"]}) == len(story["chapters"])
    for part in ("characters", "factions", "settings", "relics", "events"):
        assert any(one["name"].removeprefix("The ") in told for one in world[part]), part
    assert not LEFTOVERS.search(told.replace("\n\n", " "))


def test_a_story_without_a_world_makes_its_own() -> None:
    assert answer("create_world.story", tone=None, world="")["ending"]


def test_prose_when_there_is_no_schema() -> None:
    three = Writer(b"1", Facts.of("Three characters about the tide, please")).prose()
    tale = Writer(b"1", Facts.of("Tell me something about the tide")).prose()

    assert len(three.split("\n\n")) == 3
    assert "the tide" in three
    assert "the tide" in tale
    assert not LEFTOVERS.search(tale.replace("\n\n", " "))


typed = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LISTS), typed.filter(str.strip), st.none() | typed)
def test_any_theme_and_any_world(part: str, theme: str, world: str | None) -> None:
    assert len(entities(part, theme=theme, world=world, count=2)) == 2
