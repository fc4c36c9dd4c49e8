"""Function calls, conversations and stored fields of responses, through the official SDK."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import openai
import pytest
from openai import BadRequestError, NotFoundError
from pydantic import BaseModel

from tests.integration.offline_process import OfflineModel, headers, offline_model

pytestmark = [pytest.mark.integration, pytest.mark.anyio]


@pytest.fixture(scope="module")
def model() -> Iterator[OfflineModel]:
    with offline_model("--seconds", "0") as running:
        yield running


class Forecast(BaseModel):
    """Returns the forecast for a city."""

    city: str
    days: int


TOOLS: list[Any] = [
    {**openai.pydantic_function_tool(Forecast)["function"], "type": "function", "name": name}
    for name in ("get_weather", "get_tides")
]
BOTH = "Use get_weather and get_tides"


async def events_of(client: openai.AsyncOpenAI, **body: Any) -> list[Any]:
    return [event async for event in await client.responses.create(model="m", stream=True, **body)]


async def test_free_text_has_all_events(model: OfflineModel) -> None:
    async with model.client() as client:
        events = await events_of(client, input="A story about owls")

    assert [name for name, _ in groupby(event.type for event in events)] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert "owls" in events[-1].response.output_text.split(".")[0]


async def test_streamed_function_calls(model: OfflineModel) -> None:
    """Given two calls / I expect all events of the first, then all of the second."""
    async with model.client() as client:
        events = await events_of(client, input=BOTH, tools=TOOLS)

    names = [name for name, _ in groupby(event.type for event in events)]
    of_one_call = [
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
    ]
    assert names[2:] == [*of_one_call, *of_one_call, "response.completed"]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    calls = events[-1].response.output
    for index, call in enumerate(calls):
        own = [event for event in events if getattr(event, "output_index", None) == index]
        deltas = [event.delta for event in own if event.type.endswith("arguments.delta")]
        done = [event.item for event in own if event.type == "response.output_item.done"]
        assert "".join(deltas) == call.arguments
        assert done == [call]
        assert Forecast.model_validate_json(call.arguments)
    assert [(call.name, call.status) for call in calls] == [
        ("get_weather", "completed"),
        ("get_tides", "completed"),
    ]


@pytest.mark.parametrize("is_stored", [True, False])
async def test_the_outputs_of_calls_are_used(model: OfflineModel, is_stored: bool) -> None:
    """Given outputs / I expect them in the text, by previous response and by whole input."""
    async with model.client() as client:
        first = await client.responses.create(model="m", input=BOTH, tools=TOOLS, store=is_stored)
        outputs: list[Any] = [
            {"type": "function_call_output", "call_id": item.call_id, "output": f"dry {number}"}
            for number, item in enumerate(first.output)
            if item.type == "function_call"
        ]
        earlier: list[Any] = [item.model_dump(exclude_none=True) for item in first.output]
        whole = [{"role": "user", "content": BOTH}, *earlier, *outputs]
        second = await client.responses.create(
            model="m",
            tools=TOOLS,
            input=outputs if is_stored else whole,
            previous_response_id=first.id if is_stored else None,
        )

    assert len(outputs) == 2
    assert "get_weather returned dry 0. get_tides returned dry 1." in second.output_text
    assert second.previous_response_id == (first.id if is_stored else None)


async def test_parsed_responses(model: OfflineModel) -> None:
    async with model.client() as client:
        text = await client.responses.parse(model="m", input="Rain", text_format=Forecast)
        call = await client.responses.parse(
            model="m",
            input="Rain",
            tools=[openai.pydantic_function_tool(Forecast)["function"] | {"type": "function"}],
            tool_choice="required",
        )

    assert isinstance(text.output_parsed, Forecast)
    assert call.output[0].type == "function_call"


async def test_a_background_stream_of_calls_is_resumed(model: OfflineModel) -> None:
    async with model.client() as client:
        body: dict[str, Any] = {"input": BOTH, "tools": TOOLS, "background": True}
        events = await events_of(client, **body, extra_headers=headers(seconds=0.4))
        for after in range(len(events)):
            rest = await client.responses.retrieve(
                events[0].response.id, stream=True, starting_after=after
            )
            assert [event.sequence_number async for event in rest] == list(
                range(after + 1, len(events))
            )


async def test_the_token_limit(model: OfflineModel) -> None:
    async with model.client() as client:
        events = await events_of(client, input="A story", max_output_tokens=20)
        cut = await client.responses.create(model="m", input=BOTH, tools=TOOLS, max_output_tokens=3)

    assert events[-1].type == "response.incomplete"
    assert events[-1].response.incomplete_details.reason == "max_output_tokens"
    assert events[-1].response.usage.output_tokens == 20
    assert [item.status for item in cut.output if item.type == "function_call"] == ["incomplete"]


async def test_a_response_repeats_its_request(model: OfflineModel) -> None:
    fields: dict[str, Any] = {"instructions": "Be brief", "temperature": 0.5, "tools": TOOLS}
    async with model.client() as client:
        created = await client.responses.create(model="m", input="Hi", **fields)
        retrieved = await client.responses.retrieve(created.id)

    assert retrieved == created
    assert (created.instructions, created.temperature) == ("Be brief", 0.5)
    assert [tool.name for tool in created.tools if tool.type == "function"] == [
        "get_weather",
        "get_tides",
    ]


async def test_unknown_and_unstored_responses(model: OfflineModel) -> None:
    async with model.client() as client:
        unstored = await client.responses.create(model="m", input="Hi", store=False)
        with pytest.raises(NotFoundError):
            await client.responses.retrieve(unstored.id)
        for previous_id in (unstored.id, "resp_none"):
            with pytest.raises(BadRequestError, match="not found") as raised:
                await client.responses.create(
                    model="m", input="Hi", previous_response_id=previous_id
                )
            assert raised.value.param == "previous_response_id"
            assert raised.value.code == "previous_response_not_found"
