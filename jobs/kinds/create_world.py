"""create_world: an outline, five kinds of lore that fit it, and the story they make; then saved.

Seven model calls, each a step of its own: a world whose worker dies, or that could not be saved,
goes on where it was, and buys nothing twice.
"""

import json
from typing import Annotated, Any

from pydantic import BaseModel, Field

from jobs.context import Context
from jobs.kind import Kind, Output, Payload, Prompt, Recipe, Step, Text
from jobs.kinds import (
    generate_characters,
    generate_events,
    generate_factions,
    generate_relics,
    generate_settings,
)
from jobs.kinds._lore import Line, request

Few = Annotated[int, Field(ge=1, le=5, strict=True)]


class WorldPayload(Payload):
    """What a client sends."""

    user_id: Annotated[Text, Field(min_length=1, max_length=200)] = Field(
        description="Whose world it is; it is found again by this"
    )
    theme: Annotated[Text, Field(min_length=1, max_length=500)] = Field(
        description="What it is about, in a few words", examples=["fantasy"]
    )
    tone: Line | None = Field(default=None, description="How it should feel", examples=["wistful"])
    premise: Annotated[Text, Field(max_length=5_000)] | None = Field(
        default=None, description="What is fixed already, if anything"
    )
    characters: Few = Field(default=3, description="How many characters")
    factions: Few = Field(default=3, description="How many factions")
    settings: Few = Field(default=3, description="How many places")
    events: Few = Field(default=3, description="How many events")
    relics: Few = Field(default=3, description="How many relics")


class Outline(Output):
    """The bones of a world."""

    title: str = Field(description="The name of the world")
    premise: str = Field(description="What it is about, two to four sentences")
    geography: str = Field(description="How it lies, two to four sentences")
    history: str = Field(description="How it came to be so, three to six sentences")
    magic: str = Field(description="What is possible in it, and what that costs")
    conflict: str = Field(description="What tears at it now, two to three sentences")
    themes: list[str] = Field(min_length=2, max_length=5, description="In a few words each")


class Chapter(Output):
    """A part of the story."""

    title: str
    text: str = Field(description="Three to six paragraphs")


class Story(Output):
    """The story that the world's people, places and things make."""

    title: str
    chapters: list[Chapter] = Field(min_length=3, max_length=6)
    ending: str = Field(description="Where it leaves the world, one paragraph")


class StoryInput(BaseModel):
    """What the story is written from."""

    theme: str
    tone: str | None
    world: str
    """The world so far as a JSON text."""


class World(Output):
    """A whole world: the result of the job."""

    world_id: str = Field(description="Where it is saved: GET /worlds/{world_id}")
    title: str
    theme: str
    outline: Outline
    characters: list[generate_characters.Character]
    factions: list[generate_factions.Faction]
    settings: list[generate_settings.Setting]
    events: list[generate_events.Event]
    relics: list[generate_relics.Relic]
    story: Story


def outline_prompt(payload: WorldPayload) -> Prompt:
    """How the outline is asked for."""
    return request(
        "Write the outline of a new world: what makes it unlike any other, what happened to it, "
        "and the one conflict that nobody in it can stay out of.",
        payload,
        only={"theme", "tone", "premise"},
    )


def story_prompt(given: StoryInput) -> Prompt:
    """How the story is asked for."""
    return request(
        "Write the story of this world. Use its characters, factions, places, events and relics by "
        "name, and let their wants decide what happens.",
        given,
    )


OUTLINE = Recipe(
    "create_world.outline", WorldPayload, Outline, outline_prompt, tokens=lambda _: 2_000
)
STORY = Recipe("create_world.story", StoryInput, Story, story_prompt, tokens=lambda _: 8_000)

PARTS = {
    "settings": generate_settings,
    "factions": generate_factions,
    "characters": generate_characters,
    "relics": generate_relics,
    "events": generate_events,
}
"""The five kinds of lore in the order in which they are written; each knows those before it."""


def run(payload: WorldPayload, context: Context) -> dict[str, Any]:
    """Makes the world step by step, and saves it."""
    outline = context.call("outline", OUTLINE, payload)
    world: dict[str, Any] = {"outline": outline.model_dump(mode="json")}
    for part, kind in PARTS.items():
        wanted = kind.Payload(
            theme=payload.theme,
            tone=payload.tone,
            count=getattr(payload, part),
            world=_told(world),
        )
        made = context.call(part, kind.KIND.recipes[0], wanted)
        world |= made.model_dump(mode="json")
    story = context.call(
        "story", STORY, StoryInput(theme=payload.theme, tone=payload.tone, world=_told(world))
    )
    world |= {
        "title": outline.title,
        "theme": payload.theme,
        "story": story.model_dump(mode="json"),
    }
    world_id = context.save_world(
        user_id=payload.user_id, title=outline.title, theme=payload.theme, world=world
    )
    return {"world_id": world_id, **world}


def _told(world: dict[str, Any]) -> str:
    """The world so far as text for the next prompt: whole where it fits, else by name."""
    text = json.dumps(world, ensure_ascii=False)
    if len(text) <= MOST_WORLD:
        return text
    brief = {
        part: [{key: one[key] for key in ("name", "type", "role") if key in one} for one in made]
        for part, made in world.items()
        if isinstance(made, list)
    }
    return json.dumps({"outline": world["outline"], **brief}, ensure_ascii=False)[:MOST_WORLD]


MOST_WORLD = 20_000
"""Characters of the world so far that a prompt may carry; what the kinds accept as `world`."""


KIND = Kind(
    name="create_world",
    title="Create a world",
    description="An outline, five kinds of lore that fit it, and their story; saved for good.",
    payload=WorldPayload,
    result=World,
    steps=(
        Step("outline", "Outlining the world...", 12.0),
        Step("settings", "Generating settings...", 15.0),
        Step("factions", "Generating factions...", 15.0),
        Step("characters", "Generating characters...", 18.0),
        Step("relics", "Generating relics...", 15.0),
        Step("events", "Generating events...", 15.0),
        Step("story", "Writing the story...", 30.0),
    ),
    finalizing="Saving the world...",
    recipes=(OUTLINE, STORY),
    run=run,
    timeout_s=300.0,
    example={"theme": "fantasy", "user_id": "demo"},
)
