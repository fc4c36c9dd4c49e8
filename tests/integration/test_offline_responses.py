"""The Responses interface of the offline model: background, resumed and cancelled responses."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from openai import APIConnectionError, AsyncOpenAI, BadRequestError, NotFoundError
from openai.types.responses import Response
from pydantic import BaseModel

from tests.integration.offline_process import RESPONSE, OfflineModel, headers, offline_model
from tests.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.anyio]


@pytest.fixture(scope="module")
def model() -> Iterator[OfflineModel]:
    with offline_model("--seconds", "0") as running:
        yield running


class Character(BaseModel):
    name: str


class People(BaseModel):
    characters: list[Character]


async def create_in_background(client: AsyncOpenAI, **options: Any) -> Response:
    return await client.responses.create(
        **RESPONSE, background=True, extra_headers=headers(**options)
    )


async def wait_for_end(client: AsyncOpenAI, response_id: str) -> Any:
    """Polls a response until it has ended."""
    for _ in range(200):
        response = await client.responses.retrieve(response_id)
        if response.status not in ("queued", "in_progress"):
            return response
        await asyncio.sleep(0.05)
    raise AssertionError(f"{response_id} is still in progress")


async def test_a_response(model: OfflineModel) -> None:
    async with model.client() as client:
        response = await client.responses.create(**RESPONSE)

    assert len(People.model_validate_json(response.output_text).characters) == 3
    assert response.status == "completed"
    assert response.usage is not None
    assert response.usage.output_tokens == -(-len(response.output_text) // 4)


async def test_a_stream(model: OfflineModel) -> None:
    async with model.client() as client:
        events = [event async for event in await client.responses.create(**RESPONSE, stream=True)]

    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed"
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == events[-1].response.output_text


async def test_the_stream_helper_of_the_sdk(model: OfflineModel) -> None:
    async with (
        model.client() as client,
        client.responses.stream(model="m", input="theme: salt", text_format=People) as stream,
    ):
        final = await stream.get_final_response()

    assert final.output_parsed is not None


async def test_a_background_response(model: OfflineModel) -> None:
    """Given a client that disconnects / I expect a complete response, billed once."""
    async with model.client() as client:
        created = await create_in_background(client, seconds=0.6, call_id="background")
    async with model.client() as client:
        response = await wait_for_end(client, created.id)

    assert (created.status, created.output_text) == ("in_progress", "")
    assert response.status == "completed"
    assert People.model_validate_json(response.output_text)
    assert model.call("background")["outcome"] == "delivered"
    assert model.call("background")["billed"] == 1


async def test_repeated_requests_create_separate_responses(model: OfflineModel) -> None:
    async with model.client() as client:
        first, second = [await create_in_background(client) for _ in range(2)]

    assert first.id != second.id


async def test_a_broken_stream_is_resumed(model: OfflineModel) -> None:
    """Given a background stream that breaks off / I expect the remaining events."""
    before: list[Any] = []
    after: list[Any] = []
    body = {**RESPONSE, "extra_headers": headers(seconds=0.5, fault="cut")}
    async with model.client() as client:
        stream = await client.responses.create(**body, stream=True, background=True)
        with pytest.raises(APIConnectionError):
            await collect(stream, before)
        last, response_id = before[-1].sequence_number, before[0].response.id
        rest = await client.responses.retrieve(response_id, stream=True, starting_after=last)
        await collect(rest, after)

    events = before + after
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].type == "response.completed"
    assert len(before) > 4
    assert len(after) > 4
    assert len(People.model_validate_json(text).characters) == 3


async def collect(stream: Any, events: list[Any]) -> None:
    """Appends the events of a stream, also those before an error."""
    async for event in stream:
        events.append(event)


async def test_a_cancelled_response(model: OfflineModel) -> None:
    """Given a cancelled response / I expect only the text so far billed."""
    async with model.client() as client:
        created = await create_in_background(client, seconds=20, call_id="cancelled")
        response = await client.responses.cancel(created.id)
        again = await client.responses.cancel(created.id)

    assert response.status == again.status == "cancelled"
    assert model.call("cancelled")["outcome"] == "cancelled"
    assert model.call("cancelled")["output_tokens"] < 60


async def test_a_hanging_response_can_be_cancelled(model: OfflineModel) -> None:
    async with model.client() as client:
        created = await create_in_background(client, fault="hang")
        assert (await client.responses.retrieve(created.id)).status == "in_progress"
        assert (await client.responses.cancel(created.id)).status == "cancelled"


async def test_a_disconnect_stops_a_foreground_response(model: OfflineModel) -> None:
    extra_headers = headers(seconds=20, call_id="foreground")
    async with model.client() as client:
        stream = await client.responses.create(**RESPONSE, stream=True, extra_headers=extra_headers)
        created = await anext(aiter(stream))
        await stream.close()
    wait_until(lambda: model.call("foreground")["outcome"] == "left", "the response has stopped")

    async with model.client() as client:
        with pytest.raises(BadRequestError, match="Only background"):
            await client.responses.cancel(created.response.id)


@pytest.mark.parametrize(
    ("fault", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
async def test_incomplete_responses(model: OfflineModel, fault: str, reason: str) -> None:
    async with model.client() as client:
        response = await client.responses.create(**RESPONSE, extra_headers=headers(fault=fault))

    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == reason


async def test_a_refusal(model: OfflineModel) -> None:
    extra_headers = headers(fault="refusal")
    async with model.client() as client:
        response = await client.responses.create(**RESPONSE, extra_headers=extra_headers)
        events = [
            event.type
            async for event in await client.responses.create(
                **RESPONSE, stream=True, extra_headers=extra_headers
            )
        ]

    assert response.output[0].content[0].type == "refusal"
    assert "response.refusal.done" in events


async def test_unknown_responses(model: OfflineModel) -> None:
    async with model.client() as client:
        with pytest.raises(NotFoundError):
            await client.responses.retrieve("resp_none")
        with pytest.raises(NotFoundError):
            await client.responses.cancel("resp_none")
