"""What programs of OpenAI's SDK ask in these tests, and the jobs that come of it."""

from typing import Any

from pydantic import BaseModel

from tests.stack import Stack

MODEL = "gpt-5-mini"
QUESTION: Any = [{"role": "user", "content": "Name three rivers of a drowned valley."}]
WEATHER: Any = [{"role": "user", "content": "What is the weather in Paris?"}]
SCHEMA: Any = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FUNCTION: Any = {"name": "get_weather", "description": "The weather of a city", "strict": True}
CHAT_TOOLS: Any = [{"type": "function", "function": FUNCTION | {"parameters": SCHEMA}}]
TOOLS: Any = [{"type": "function", "parameters": SCHEMA, **FUNCTION}]


class River(BaseModel):
    name: str
    length_km: int


def job_of(running: Stack, object_id: str) -> dict[str, Any]:
    """The job of an object, as the page shows it."""
    digits = object_id[-32:]
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return running.job("-".join(parts))
