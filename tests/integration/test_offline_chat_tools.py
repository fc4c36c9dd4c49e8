"""Free text, tools, images and rejected fields of chat completions, through the official SDK."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import BadRequestError
from pydantic import BaseModel, Field

from tests.integration.offline_process import OfflineModel, offline_model

pytestmark = [pytest.mark.integration, pytest.mark.anyio]


@pytest.fixture(scope="module")
def model() -> Iterator[OfflineModel]:
    with offline_model("--seconds", "0") as running:
        yield running


class GetWeather(BaseModel):
    """Returns the forecast for a city."""

    city: str
    days: int = Field(ge=1, le=9)


class RollDice(BaseModel):
    """Throws dice."""

    sides: int


TOOLS: list[Any] = [
    openai.pydantic_function_tool(GetWeather, name="get_weather"),
    openai.pydantic_function_tool(RollDice, name="roll_dice"),
]
BOTH: list[Any] = [{"role": "user", "content": "Use get_weather and roll_dice"}]


async def chunks_of(client: openai.AsyncOpenAI, **body: Any) -> list[Any]:
    stream = await client.chat.completions.create(model="m", stream=True, **body)
    return [chunk.choices[0] async for chunk in stream if chunk.choices]


async def test_free_text(model: OfflineModel) -> None:
    """Given a question / I expect the same text whole and streamed, which names the topic."""
    body: dict[str, Any] = {"messages": [{"role": "user", "content": "A story about owls"}]}
    async with model.client() as client:
        completion = await client.chat.completions.create(model="m", **body)
        chunks = await chunks_of(client, **body)

    text = "".join(chunk.delta.content or "" for chunk in chunks)
    assert "owls" in (completion.choices[0].message.content or "").split(".")[0]
    assert "owls" in text.split(".")[0]
    assert len([chunk for chunk in chunks if chunk.delta.content]) >= 4


async def test_all_sampling_options(model: OfflineModel) -> None:
    async with model.client() as client:
        completion = await client.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": "Hi"}],
            temperature=0.3,
            top_p=0.9,
            presence_penalty=1,
            frequency_penalty=-1,
            logit_bias={"50256": -100},
            logprobs=True,
            top_logprobs=2,
            n=1,
            seed=7,
            stop=["never"],
        )
    choice = completion.choices[0]

    assert choice.logprobs is not None
    assert choice.logprobs.content is not None
    assert "".join(one.token for one in choice.logprobs.content) == choice.message.content


async def test_parsed_tool_calls_and_their_results(model: OfflineModel) -> None:
    """Given two tools / I expect both called, then a text that uses what they returned."""
    async with model.client() as client:
        first = await client.chat.completions.parse(model="m", messages=BOTH, tools=TOOLS)
        message = first.choices[0].message
        calls = message.tool_calls or []
        results: list[Any] = [
            {"role": "tool", "tool_call_id": call.id, "content": f"result {number}"}
            for number, call in enumerate(calls)
        ]
        second = await client.chat.completions.create(
            model="m",
            messages=[*BOTH, message.model_dump(exclude_none=True), *results],
            tools=TOOLS,
        )

    assert first.choices[0].finish_reason == "tool_calls"
    assert message.content is None
    assert [type(call.function.parsed_arguments) for call in calls] == [GetWeather, RollDice]
    text = second.choices[0].message.content or ""
    assert "get_weather returned result 0." in text
    assert "roll_dice returned result 1." in text


async def test_streamed_tool_calls(model: OfflineModel) -> None:
    """Given a stream / I expect id and name of each call first, then pieces of its arguments."""
    async with model.client() as client:
        chunks = await chunks_of(client, messages=BOTH, tools=TOOLS)

    deltas = [chunk.delta.tool_calls[0] for chunk in chunks if chunk.delta.tool_calls]
    heads = [delta for delta in deltas if delta.id]
    assert [(head.index, head.type, head.function.name) for head in heads] == [
        (0, "function", "get_weather"),
        (1, "function", "roll_dice"),
    ]
    assert all(head.function.arguments == "" for head in heads)
    assert [delta.index for delta in deltas] == sorted(delta.index for delta in deltas)
    for index, parameters in enumerate((GetWeather, RollDice)):
        pieces = [one.function.arguments for one in deltas if one.index == index and not one.id]
        assert parameters.model_validate_json("".join(pieces))
    assert chunks[-1].finish_reason == "tool_calls"


async def test_the_stream_helper_of_the_sdk(model: OfflineModel) -> None:
    async with (
        model.client() as client,
        client.chat.completions.stream(model="m", messages=BOTH, tools=TOOLS) as stream,
    ):
        events = [event.type async for event in stream]
        final = await stream.get_final_completion()

    assert events.count("tool_calls.function.arguments.done") == 2
    calls = final.choices[0].message.tool_calls or []
    assert [type(call.function.parsed_arguments) for call in calls] == [GetWeather, RollDice]


async def test_an_image(model: OfflineModel) -> None:
    url = "https://pictures.example/owl.png"
    content: Any = [
        {"type": "text", "text": "Describe this picture"},
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
    ]
    async with model.client() as client:
        completion = await client.chat.completions.create(
            model="m", messages=[{"role": "user", "content": content}]
        )

    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 85 + 6


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"temperature": 3}, "temperature", "decimal_above_max_value"),
        ({"n": 2}, "n", "unsupported_value"),
        ({"extra_body": {"wings": 2}}, None, None),
        ({"messages": []}, "messages", "empty_array"),
    ],
)
async def test_errors_name_the_parameter(
    model: OfflineModel, fields: dict[str, Any], param: str | None, code: str | None
) -> None:
    async with model.client() as client:
        with pytest.raises(BadRequestError) as raised:
            await client.chat.completions.create(**{"model": "m", "messages": BOTH, **fields})

    body = json.loads(raised.value.response.text)["error"]
    assert (body["type"], body["param"], body["code"]) == ("invalid_request_error", param, code)
