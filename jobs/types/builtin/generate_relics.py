"""generate_relics: objects with a past and a price."""

from typing import Annotated

from pydantic import Field

from loresmith.jobs.types.base import list_generation
from loresmith.jobs.types.builtin._lore import Line, LorePayload, request
from loresmith.jobs.types.fields import Output
from loresmith.jobs.types.model_call import Prompt


class RelicsPayload(LorePayload):
    """What a client sends."""

    origin: Line | None = Field(
        default=None, description="Who made them", examples=["the salt monks"]
    )


class Relic(Output):
    """One object of power."""

    name: str
    type: str = Field(description="Blade, bell, book, bone ... in a few words")
    description: str = Field(description="What it looks like, two to three sentences")
    origin: str = Field(description="Who made it, for what, two to three sentences")
    powers: list[str] = Field(min_length=1, max_length=4, description="What it can do")
    price: str = Field(description="What it costs whoever uses it")
    whereabouts: str = Field(description="Where it is now, and who keeps it")
    legend: str = Field(description="What people tell of it, one or two sentences")


class RelicsResult(Output):
    """What the model writes."""

    relics: Annotated[list[Relic], Field(min_length=1, max_length=10)]


def prompt(payload: RelicsPayload) -> Prompt:
    """Builds the prompt."""
    return request(
        f"Write exactly {payload.count} relics of this world. Each was made by somebody for a "
        "reason, does one thing no other can, and asks a price that fits it.",
        payload,
    )


JOB_TYPE = list_generation(
    name="generate_relics",
    noun="relics",
    description="Objects with a past and a price.",
    payload=RelicsPayload,
    output=RelicsResult,
    items="relics",
    prompt=prompt,
    example={"theme": "fantasy", "count": 3},
)
