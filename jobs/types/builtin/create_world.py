"""create_world: an outline, five kinds of lore that fit it, and the story they make; then saved.

Seven model calls, each a step of its own: a world whose worker dies, or that could not be saved,
goes on where it was, and buys nothing twice.
"""

import json
from typing import Annotated, Any

from pydantic import Field

from loresmith.jobs.types.base import JobType, Step
from loresmith.jobs.types.builtin import (
    generate_characters,
    generate_events,
    generate_factions,
    generate_relics,
    generate_settings,
)
from loresmith.jobs.types.builtin._lore import MAX_WORLD_LENGTH, ThemedPayload, request
from loresmith.jobs.types.context import Context
from loresmith.jobs.types.fields import Output, Payload, Text
from loresmith.jobs.types.model_call import ModelCallSpec, Prompt

Few = Annotated[int, Field(ge=1, le=5, strict=True)]


class WorldPayload(ThemedPayload):
    """What a client sends."""

    user_id: Annotated[Text, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="The owner of the world: the user of the credential if absent"
    )
    premise: Annotated[Text, Field(max_length=5_000)] | None = Field(
        default=None, description="What already exists, or the core idea"
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
    text: str = Field(description="Three to five paragraphs")


class Story(Output):
    """The story that the world's people, places and things make."""

    title: str
    chapters: list[Chapter] = Field(min_length=3, max_length=5)
    ending: str = Field(description="Where it leaves the world, one paragraph")


class StoryInput(Payload):
    """What the story is written from: the whole world as a JSON text, however long it is."""

    theme: str
    tone: str | None
    world: str


class World(Output):
    """A whole world: the result of the job."""

    world_id: str = Field(description="Where it is saved: GET /worlds/{world_id}")
    title: str
    theme: str
    premise: str
    outline: Outline
    settings: list[generate_settings.Setting]
    factions: list[generate_factions.Faction]
    characters: list[generate_characters.Character]
    relics: list[generate_relics.Relic]
    events: list[generate_events.Event]
    story: Story


def outline_prompt(payload: WorldPayload) -> Prompt:
    """Builds the prompt of the outline."""
    return request(
        "Write the outline of a new world: what makes it unlike any other, what happened to it, "
        "and the one conflict that nobody in it can stay out of.",
        payload,
        only={"theme", "tone", "premise"},
    )


def story_prompt(value: StoryInput) -> Prompt:
    """Builds the prompt of the story."""
    return request(
        "Write the story of this world. Use its characters, factions, places, events and relics by "
        "name, and let their wants decide what happens.",
        value,
    )


OUTLINE = ModelCallSpec(
    "create_world.outline",
    WorldPayload,
    Outline,
    outline_prompt,
    max_output_tokens=lambda _: 3_000,
    example=WorldPayload(theme="fantasy", user_id="demo"),
)
STORY = ModelCallSpec(
    "create_world.story",
    StoryInput,
    Story,
    story_prompt,
    max_output_tokens=lambda _: 12_000,
    example=StoryInput(theme="fantasy", tone=None, world='{"outline": {}}'),
)

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
    fixed = {"premise": payload.premise} if payload.premise else {}
    lore: dict[str, Any] = {"outline": outline.model_dump(mode="json")}
    for part, module in PARTS.items():
        input = module.JOB_TYPE.payload(
            theme=payload.theme,
            tone=payload.tone,
            count=getattr(payload, part),
            world=_world_text(fixed | lore),
        )
        output = context.call(part, module.JOB_TYPE.specs[0], input)
        lore |= output.model_dump(mode="json")
    whole = StoryInput(theme=payload.theme, tone=payload.tone, world=_json(fixed | lore))
    lore["story"] = context.call("story", STORY, whole).model_dump(mode="json")
    head = {"title": outline.title, "theme": payload.theme, "premise": outline.premise}
    return _saved(head | lore, context)


def _saved(world: dict[str, Any], context: Context) -> dict[str, Any]:
    """Adds the id of the saved world."""
    world_id = context.save_world(title=world["title"], theme=world["theme"], world=world)
    return {"world_id": world_id, **world}


def _world_text(world: dict[str, Any]) -> str:
    """Returns the world so far for the next prompt: whole if it fits, else its lore in brief."""
    for fields in (None, ("name", "type", "role", "description"), ("name",)):
        text = _json({part: _brief(created, fields) for part, created in world.items()})
        if len(text) <= MAX_WORLD_LENGTH:
            break
    return text[:MAX_WORLD_LENGTH]


def _brief(created: Any, fields: tuple[str, ...] | None) -> Any:
    """Reduces a list of entities to `fields`; returns anything else, or without fields, as is."""
    if fields is None or not isinstance(created, list):
        return created
    return [{name: entity[name] for name in fields if name in entity} for entity in created]


def _json(world: dict[str, Any]) -> str:
    return json.dumps(world, ensure_ascii=False)


JOB_TYPE = JobType(
    name="create_world",
    title="Create a world",
    description="An outline, five kinds of lore and a story. Saved permanently.",
    payload=WorldPayload,
    result=World,
    steps=(
        Step("outline", "Outlining the world...", 30.0),
        *(
            Step(part, module.JOB_TYPE.message, module.JOB_TYPE.expected_s)
            for part, module in PARTS.items()
        ),
        Step("story", "Writing the story...", 30.0),
    ),
    finalizing="Saving the world...",
    specs=(OUTLINE, STORY),
    run=run,
    timeout_s=300.0,
    example={"theme": "fantasy", "user_id": "demo"},
)
