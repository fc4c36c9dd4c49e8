"""generate_settings: places one could walk through."""

from typing import Annotated

from pydantic import Field

from loresmith.jobs.types.base import list_generation
from loresmith.jobs.types.builtin._lore import Line, LorePayload, request
from loresmith.jobs.types.fields import Output
from loresmith.jobs.types.model_call import Prompt


class SettingsPayload(LorePayload):
    """What a client sends."""

    climate: Line | None = Field(
        default=None, description="Terrain and weather", examples=["drowned coast"]
    )


class Setting(Output):
    """One place of the world."""

    name: str
    type: str = Field(description="City, ruin, forest, road ... in a few words")
    description: str = Field(description="What it is, two to four sentences")
    atmosphere: str = Field(description="What one sees, hears and smells there")
    history: str = Field(description="How it came to be so, two to four sentences")
    inhabitants: str = Field(description="Who lives there, and how")
    landmarks: list[str] = Field(min_length=2, max_length=5, description="What one steers by")
    dangers: list[str] = Field(min_length=1, max_length=4, description="What can go wrong there")
    secret: str = Field(description="What is hidden there")


class SettingsResult(Output):
    """What the model writes."""

    settings: Annotated[list[Setting], Field(min_length=1, max_length=10)]


def prompt(payload: SettingsPayload) -> Prompt:
    """Builds the prompt."""
    return request(
        f"Write exactly {payload.count} settings, places of this world. Each has a use today, a "
        "past that shows, and a reason to come and a reason to leave.",
        payload,
    )


JOB_TYPE = list_generation(
    name="generate_settings",
    noun="settings",
    description="Places one could walk through.",
    payload=SettingsPayload,
    output=SettingsResult,
    items="settings",
    prompt=prompt,
    example={"theme": "fantasy", "count": 3},
)
