"""generate_factions: powers that want different things."""

from typing import Annotated

from pydantic import Field

from loresmith.jobs.types.base import list_generation
from loresmith.jobs.types.builtin._lore import Line, LorePayload, request
from loresmith.jobs.types.fields import Output
from loresmith.jobs.types.model_call import Prompt


class FactionsPayload(LorePayload):
    """What a client sends."""

    scale: Line | None = Field(
        default=None, description="How far their power reaches", examples=["one harbour city"]
    )


class Faction(Output):
    """One power of the world."""

    name: str
    type: str = Field(description="Guild, order, house, cult, company ... in a few words")
    description: str = Field(description="What they are and do, two to four sentences")
    ideology: str = Field(description="What they believe, one or two sentences")
    goal: str = Field(description="What they work for now")
    methods: str = Field(description="How they go about it, one or two sentences")
    leader: str = Field(description="Name and style of who leads them")
    resources: list[str] = Field(min_length=2, max_length=5, description="What they can draw on")
    rivals: list[str] = Field(min_length=1, max_length=4, description="Whom they stand against")
    secret: str = Field(description="What would undo them if it were known")


class FactionsResult(Output):
    """What the model writes."""

    factions: Annotated[list[Faction], Field(min_length=1, max_length=10)]


def prompt(payload: FactionsPayload) -> Prompt:
    """Builds the prompt."""
    return request(
        f"Write exactly {payload.count} factions for this world. Their goals must cross each "
        "other; none is simply evil, and each could win.",
        payload,
    )


JOB_TYPE = list_generation(
    name="generate_factions",
    noun="factions",
    description="Powers that want different things.",
    payload=FactionsPayload,
    output=FactionsResult,
    items="factions",
    prompt=prompt,
    example={"theme": "fantasy", "count": 3},
)
