"""The `openai` SDK of Python: chat completions."""

import asyncio
import json

import openai
from features import MODEL, QUESTION, WEATHER_PARAMETERS, WEATHER_QUESTION, error_of, run
from pydantic import BaseModel

client = openai.OpenAI()
ASK = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}]}
WEATHER = {"name": "get_weather", "parameters": WEATHER_PARAMETERS, "strict": True}
TOOLS = [{"type": "function", "function": WEATHER}]


class River(BaseModel):
    name: str
    length_km: int


class Rivers(BaseModel):
    rivers: list[River]


def create() -> None:
    answer = client.chat.completions.create(**ASK, temperature=0.5, seed=7)
    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 10


def stream() -> None:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    *chunks, last = client.chat.completions.create(**ASK, **options)
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices[0].delta.content]
    assert len(texts) > 2, texts
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert last.usage.completion_tokens > 5


def stream_helper() -> None:
    with client.chat.completions.stream(**ASK) as events:
        text = "".join(event.delta for event in events if event.type == "content.delta")
    assert text == events.get_final_completion().choices[0].message.content


def async_client() -> None:
    async def ask() -> list[str]:
        async with openai.AsyncOpenAI() as many:
            answers = [many.chat.completions.create(**ASK, user=f"user-{n}") for n in range(5)]
            return [answer.id for answer in await asyncio.gather(*answers)]

    assert len(asyncio.run(ask())) == 5


def parse() -> None:
    answer = client.chat.completions.parse(**ASK, response_format=Rivers)
    assert isinstance(answer.choices[0].message.parsed, Rivers)


def tools() -> None:
    messages = [{"role": "user", "content": WEATHER_QUESTION}]
    first = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    assert first.choices[0].finish_reason == "tool_calls"
    call = first.choices[0].message.tool_calls[0]
    assert json.loads(call.function.arguments)["city"]
    messages.append(first.choices[0].message)
    messages.append({"role": "tool", "tool_call_id": call.id, "content": "18 degrees, rain"})
    second = client.chat.completions.create(model=MODEL, messages=messages, tools=TOOLS)
    assert second.choices[0].message.content


def stream_tools() -> None:
    messages = [{"role": "user", "content": WEATHER_QUESTION}]
    with client.chat.completions.stream(model=MODEL, messages=messages, tools=TOOLS) as events:
        done = [event for event in events if event.type == "tool_calls.function.arguments.done"]
    assert done[0].name == "get_weather"
    assert json.loads(done[0].arguments)["city"]


def length() -> None:
    answer = client.chat.completions.create(**ASK, max_completion_tokens=3)
    assert answer.choices[0].finish_reason == "length"


def errors() -> None:
    no_messages = {"model": MODEL, "messages": []}
    create, embed = client.chat.completions.create, client.embeddings.create
    assert error_of(openai.BadRequestError, lambda: create(**no_messages)).param == "messages"
    assert error_of(openai.NotFoundError, lambda: embed(model=MODEL, input="x")).body["message"]


def models() -> None:
    assert client.models.list().data


run(create, stream, stream_helper, async_client, parse, tools, stream_tools, length, errors, models)
