"""generate_characters: people with a past, a want and a secret."""

from typing import Annotated

from pydantic import Field

from loresmith.jobs.types.base import list_generation
from loresmith.jobs.types.builtin._lore import Line, LorePayload, request
from loresmith.jobs.types.fields import Output
from loresmith.jobs.types.model_call import Prompt


class CharactersPayload(LorePayload):
    """What a client sends."""

    role: Line | None = Field(
        default=None, description="A role they should have", examples=["smuggler"]
    )


class Character(Output):
    """One person of the world."""

    name: str = Field(description="Full name, fitting the culture")
    role: str = Field(description="What they are to the world, in a few words")
    species: str
    age: int = Field(ge=0, le=10_000, description="In years")
    description: str = Field(description="Who they are, two to four sentences")
    appearance: str = Field(description="What one sees first, one or two sentences")
    personality: list[str] = Field(min_length=2, max_length=5, description="Single traits")
    backstory: str = Field(description="How they became so, three to five sentences")
    motivation: str = Field(description="What they want, and why now")
    secret: str = Field(description="What nobody may know")


class CharactersResult(Output):
    """What the model writes."""

    characters: Annotated[list[Character], Field(min_length=1, max_length=10)]


def prompt(payload: CharactersPayload) -> Prompt:
    """Builds the prompt."""
    return request(
        f"Write exactly {payload.count} characters for this world. Give each a place in it, "
        "and let at least two of them want things that cannot both happen.",
        payload,
    )


JOB_TYPE = list_generation(
    name="generate_characters",
    noun="characters",
    description="People with a past, a want and a secret.",
    payload=CharactersPayload,
    output=CharactersResult,
    items="characters",
    prompt=prompt,
    example={"theme": "fantasy", "count": 3},
)
