"""The offline model's Responses interface: in the background, polled, resumed and cancelled."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from openai import APIConnectionError, AsyncOpenAI, BadRequestError, NotFoundError
from pydantic import BaseModel

from tests.integration.offline_process import RESPONSE, Offline, offline
from tests.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.anyio]


@pytest.fixture(scope="module")
def model() -> Iterator[Offline]:
    with offline("--seconds", "0") as running:
        yield running


class People(BaseModel):
    characters: list[dict[str, str]]


def paced(seconds: float, **more: str) -> dict[str, str]:
    return {"X-Offline-Seconds": str(seconds), **more}


async def ended(client: AsyncOpenAI, response_id: str) -> Any:
    """The response once it is no longer in progress."""
    for _ in range(200):
        response = await client.responses.retrieve(response_id)
        if response.status not in ("queued", "in_progress"):
            return response
        await asyncio.sleep(0.05)
    raise AssertionError(f"{response_id} is still in progress")


async def test_a_response(model: Offline) -> None:
    async with model.client() as client:
        response = await client.responses.create(**RESPONSE)

    assert len(People.model_validate_json(response.output_text).characters) == 3
    assert response.status == "completed"
    assert response.usage is not None
    assert response.usage.output_tokens == -(-len(response.output_text) // 4)


async def test_a_stream(model: Offline) -> None:
    async with model.client() as client:
        events = [event async for event in await client.responses.create(**RESPONSE, stream=True)]

    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert [event.type for event in events[:2]] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed"
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == events[-1].response.output_text


async def test_the_sdk_s_own_stream_helper(model: Offline) -> None:
    async with (
        model.client() as client,
        client.responses.stream(model="m", input="theme: salt", text_format=People) as stream,
    ):
        final = await stream.get_final_response()

    assert final.output_parsed is not None


async def test_in_the_background(model: Offline) -> None:
    """Given a client that only asks and goes / I expect the work to go on, and one bill."""
    named = paced(0.6, **{"X-Call-Id": "background"})
    async with model.client() as client:
        begun = await client.responses.create(**RESPONSE, background=True, extra_headers=named)
    async with model.client() as client:
        response = await ended(client, begun.id)

    assert (begun.status, begun.output_text) == ("in_progress", "")
    assert response.status == "completed"
    assert People.model_validate_json(response.output_text)
    assert model.call("background")["outcome"] == "delivered"
    assert model.call("background")["billed"] == 1


async def test_the_same_question_twice_is_two_responses(model: Offline) -> None:
    async with model.client() as client:
        first, second = [
            await client.responses.create(**RESPONSE, background=True) for _ in range(2)
        ]

    assert first.id != second.id


async def test_a_stream_that_is_cut_is_resumed(model: Offline) -> None:
    """Given a background stream that breaks off / I expect the rest from where it was left."""
    before: list[Any] = []
    after: list[Any] = []
    asked = {**RESPONSE, "extra_headers": paced(0.5, **{"X-Offline-Fault": "cut"})}
    async with model.client() as client:
        stream = await client.responses.create(**asked, stream=True, background=True)
        with pytest.raises(APIConnectionError):
            await told(stream, before)
        last, response_id = before[-1].sequence_number, before[0].response.id
        rest = await client.responses.retrieve(response_id, stream=True, starting_after=last)
        await told(rest, after)

    events = before + after
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[-1].type == "response.completed"
    assert len(before) > 4
    assert len(after) > 4
    assert len(People.model_validate_json(text).characters) == 3


async def told(stream: Any, events: list[Any]) -> None:
    """Adds the events of a stream as they come."""
    async for event in stream:
        events.append(event)


async def test_a_cancelled_response(model: Offline) -> None:
    """Given a response that is taken back / I expect what was written so far, billed as that."""
    named = paced(20, **{"X-Call-Id": "cancelled"})
    async with model.client() as client:
        begun = await client.responses.create(**RESPONSE, background=True, extra_headers=named)
        response = await client.responses.cancel(begun.id)
        again = await client.responses.cancel(begun.id)

    assert response.status == again.status == "cancelled"
    assert model.call("cancelled")["outcome"] == "cancelled"
    assert model.call("cancelled")["output_tokens"] < 60


async def test_one_that_hangs_can_be_cancelled(model: Offline) -> None:
    hangs = {"X-Offline-Fault": "hang"}
    async with model.client() as client:
        begun = await client.responses.create(**RESPONSE, background=True, extra_headers=hangs)
        assert (await client.responses.retrieve(begun.id)).status == "in_progress"
        assert (await client.responses.cancel(begun.id)).status == "cancelled"


async def test_one_in_the_foreground_ends_with_its_client(model: Offline) -> None:
    named = paced(20, **{"X-Call-Id": "foreground"})
    async with model.client() as client:
        stream = await client.responses.create(**RESPONSE, stream=True, extra_headers=named)
        created = await anext(aiter(stream))
        await stream.close()
    wait_until(lambda: model.call("foreground")["outcome"] == "left", "the work has stopped")

    async with model.client() as client:
        with pytest.raises(BadRequestError, match="Only background"):
            await client.responses.cancel(created.response.id)


@pytest.mark.parametrize(
    ("fault", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")]
)
async def test_one_that_is_incomplete(model: Offline, fault: str, reason: str) -> None:
    async with model.client() as client:
        response = await client.responses.create(
            **RESPONSE, extra_headers={"X-Offline-Fault": fault}
        )

    assert response.status == "incomplete"
    assert response.incomplete_details is not None
    assert response.incomplete_details.reason == reason


async def test_a_refusal(model: Offline) -> None:
    named = {"X-Offline-Fault": "refusal"}
    async with model.client() as client:
        response = await client.responses.create(**RESPONSE, extra_headers=named)
        events = [
            event.type
            async for event in await client.responses.create(
                **RESPONSE, stream=True, extra_headers=named
            )
        ]

    assert response.output[0].content[0].type == "refusal"
    assert "response.refusal.done" in events


async def test_what_is_not_there(model: Offline) -> None:
    async with model.client() as client:
        with pytest.raises(NotFoundError):
            await client.responses.retrieve("resp_none")
        with pytest.raises(NotFoundError):
            await client.responses.cancel("resp_none")
