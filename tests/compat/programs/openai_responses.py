"""The `openai` SDK of Python: responses."""

import json
import time

import openai
from features import MODEL, QUESTION, WEATHER_PARAMETERS, WEATHER_QUESTION, error_of, run
from pydantic import BaseModel

client = openai.OpenAI()
ASK = {"model": MODEL, "input": QUESTION}
WEATHER = {"name": "get_weather", "parameters": WEATHER_PARAMETERS, "strict": True}
TOOLS = [{"type": "function", **WEATHER}]


class Rivers(BaseModel):
    names: list[str]


def _require_order(events: list) -> None:
    numbers = [event.sequence_number for event in events]
    assert numbers == sorted(set(numbers)), numbers


def create() -> None:
    answer = client.responses.create(**ASK, instructions="Answer in French.")
    assert answer.status == "completed"
    assert answer.output_text
    assert answer.usage.output_tokens > 5


def stream() -> None:
    events = list(client.responses.create(**ASK, stream=True))
    _require_order(events)
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert events[0].type == "response.created"
    assert events[-1].type == "response.completed"
    assert text == events[-1].response.output_text


def parse() -> None:
    assert client.responses.parse(**ASK, text_format=Rivers).output_parsed.names


def tools() -> None:
    first = client.responses.create(model=MODEL, input=WEATHER_QUESTION, tools=TOOLS)
    call = next(item for item in first.output if item.type == "function_call")
    assert json.loads(call.arguments)["city"]
    output = {"type": "function_call_output", "call_id": call.call_id, "output": "18 degrees, rain"}
    items = [{"role": "user", "content": WEATHER_QUESTION}, *first.output, output]
    assert client.responses.create(model=MODEL, input=items, tools=TOOLS).output_text
    follows = {"previous_response_id": first.id, "input": [output]}
    assert client.responses.create(model=MODEL, tools=TOOLS, **follows).output_text


def background() -> None:
    response = client.responses.create(**ASK, background=True)
    assert response.status in ("queued", "in_progress")
    deadline = time.monotonic() + 30
    while response.status in ("queued", "in_progress"):
        assert time.monotonic() < deadline, "the response does not end"
        time.sleep(0.1)
        response = client.responses.retrieve(response.id)
    assert response.status == "completed"
    assert response.output_text


def resume() -> None:
    events = client.responses.create(**ASK, background=True, stream=True)
    seen = [next(iter(events)) for _ in range(4)]
    events.close()
    rest = client.responses.retrieve(
        seen[0].response.id, stream=True, starting_after=seen[-1].sequence_number
    )
    events = [*seen, *rest]
    _require_order(events)
    text = "".join(e.delta for e in events if e.type == "response.output_text.delta")
    assert text == events[-1].response.output_text


def cancel() -> None:
    response = client.responses.create(**ASK, background=True)
    assert client.responses.cancel(response.id).status == "cancelled"


def errors() -> None:
    unknown = "resp_" + 32 * "0"
    assert error_of(openai.NotFoundError, lambda: client.responses.retrieve(unknown)).code
    with_tool = {**ASK, "tools": [{"type": "web_search"}], "background": True}
    error = error_of(openai.BadRequestError, lambda: client.responses.create(**with_tool))
    assert error.param


run(create, stream, parse, tools, background, resume, cancel, errors)
