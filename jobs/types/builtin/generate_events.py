"""generate_events: what happened, and what it left behind."""

from typing import Annotated

from pydantic import Field

from loresmith.jobs.types.base import list_generation
from loresmith.jobs.types.builtin._lore import Line, LorePayload, request
from loresmith.jobs.types.fields import Output
from loresmith.jobs.types.model_call import Prompt


class EventsPayload(LorePayload):
    """What a client sends."""

    era: Line | None = Field(
        default=None, description="When they happen", examples=["the last dry century"]
    )


class Event(Output):
    """One happening of the world's history."""

    name: str
    date: str = Field(description="In the reckoning of this world")
    type: str = Field(description="War, discovery, betrayal, festival ... in a few words")
    description: str = Field(description="What happened, two to four sentences")
    causes: str = Field(description="Why it came to it, one to three sentences")
    participants: list[str] = Field(min_length=1, max_length=6, description="Who took part")
    consequences: str = Field(description="What is different since, two to four sentences")
    remembered_as: str = Field(description="How it is told today, and what that gets wrong")


class EventsResult(Output):
    """What the model writes."""

    events: Annotated[list[Event], Field(min_length=1, max_length=10)]


def prompt(payload: EventsPayload) -> Prompt:
    """Builds the prompt."""
    return request(
        f"Write exactly {payload.count} events of this world's history, oldest first. Each follows "
        "from one before it or from how people live, and still hurts or feeds somebody today.",
        payload,
    )


JOB_TYPE = list_generation(
    name="generate_events",
    noun="events",
    description="What happened, and what it left behind.",
    payload=EventsPayload,
    output=EventsResult,
    items="events",
    prompt=prompt,
    example={"theme": "fantasy", "count": 3},
)
