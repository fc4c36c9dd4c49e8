"""Responses of OpenAI's own Python SDK: in one piece, streamed, in the background, and resumed."""

import time
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.responses import Response

from tests.e2e.openai_programs import MODEL, TOOLS, WEATHER, River, job_of
from tests.stack import Stack, stack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("responses"), seconds=0.5, chunks=10) as started:
        yield started


@pytest.fixture
def client(running: Stack) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{running.url}/v1", api_key="any", max_retries=0) as made_client:
        yield made_client


def test_a_response_is_a_job(running: Stack, client: OpenAI) -> None:
    response = client.responses.create(
        model=MODEL, input="Name three rivers.", instructions="Be brief."
    )

    assert response.status == "completed"
    assert "rivers" in response.output_text
    assert response.usage
    assert response.usage.total_tokens > 0
    assert job_of(running, response.id)["type"] == "response"
    assert client.responses.retrieve(response.id) == response


def test_a_response_is_streamed(client: OpenAI) -> None:
    """I expect the events of OpenAI in order, with numbers that grow, and the whole text."""
    events = list(client.responses.create(model=MODEL, input="Name three rivers.", stream=True))

    kinds = [event.type for event in events if event.type != "response.output_text.delta"]
    assert kinds == [
        "response.created", "response.in_progress", "response.output_item.added",
        "response.content_part.added", "response.output_text.done", "response.content_part.done",
        "response.output_item.done", "response.completed",
    ]  # fmt: skip
    numbers = [event.sequence_number for event in events]
    assert numbers == sorted(set(numbers))
    assert text_of(events) == final(events).output_text


def test_the_helpers_of_responses(client: OpenAI) -> None:
    parsed = client.responses.parse(model=MODEL, input="Name a river.", text_format=River)
    with client.responses.stream(model=MODEL, input="Name a river.", text_format=River) as events:
        streamed = events.get_final_response()

    assert isinstance(parsed.output_parsed, River)
    assert isinstance(streamed.output_parsed, River)


def test_a_function_is_called_and_its_output_used(client: OpenAI) -> None:
    items = list(WEATHER)
    first = client.responses.create(model=MODEL, input=items, tools=TOOLS)
    (call,) = first.output
    assert call.type == "function_call"
    items += [*first.output, {"type": "function_call_output", "call_id": call.call_id,
                              "output": "sunny, 20 degrees"}]  # fmt: skip

    second = client.responses.create(model=MODEL, input=items, tools=TOOLS)

    assert "sunny" in second.output_text


def test_a_function_call_is_streamed(client: OpenAI) -> None:
    with client.responses.stream(model=MODEL, input=WEATHER, tools=TOOLS) as events:
        kinds = [event.type for event in events]

    assert "response.function_call_arguments.done" in kinds
    assert kinds[-1] == "response.completed"


def test_a_conversation_goes_on(running: Stack, client: OpenAI) -> None:
    """Given the id of an earlier response / I expect its question and answer before the new one."""
    first = client.responses.create(model=MODEL, input="Name three rivers.")

    second = client.responses.create(
        model=MODEL, input="And a fourth?", previous_response_id=first.id
    )

    assert second.previous_response_id == first.id
    stored = running.redis.hget(f"job:{job_of(running, second.id)['id']}", "payload") or ""
    assert "Name three rivers." in stored
    assert first.output_text.splitlines()[0] in stored


def test_a_response_in_the_background(client: OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="Name three rivers.", background=True)
    statuses = [response.status]
    deadline = time.monotonic() + 20
    while response.status in ("queued", "in_progress") and time.monotonic() < deadline:
        response = client.responses.retrieve(response.id)
        statuses.append(response.status)

    assert (statuses[0], statuses[-1]) == ("queued", "completed")
    assert response.background
    assert response.output_text


@pytest.mark.parametrize("ended", [False, True])
def test_a_stream_goes_on_where_it_broke_off(client: OpenAI, ended: bool) -> None:
    """Given a stream that breaks off after some text / when it goes on, at once or after the end
    / I expect the rest: no character twice, and none missing.
    """
    stream = client.responses.create(model=MODEL, input="Rivers.", background=True, stream=True)
    seen: list[Any] = []
    for event in stream:
        seen.append(event)
        if sum(each.type.endswith("text.delta") for each in seen) == 3:
            break
    stream.close()
    response_id = seen[0].response.id
    if ended:
        while client.responses.retrieve(response_id).status != "completed":
            time.sleep(0.05)

    rest = list(
        client.responses.retrieve(response_id, stream=True, starting_after=seen[-1].sequence_number)
    )

    assert rest[0].sequence_number > seen[-1].sequence_number
    assert text_of([*seen, *rest]) == final(rest).output_text
    again = client.responses.retrieve(
        response_id, stream=True, starting_after=rest[-1].sequence_number
    )
    assert list(again) == []


def test_a_response_is_cancelled(running: Stack, client: OpenAI) -> None:
    """Given a response that runs / when it is cancelled, twice / I expect it to be cancelled."""
    response = client.responses.create(model=MODEL, input="fault:slow rivers", background=True)

    assert client.responses.cancel(response.id).status == "cancelled"
    assert client.responses.cancel(response.id).status == "cancelled"
    assert job_of(running, response.id)["status"] == "cancelled"


def test_a_response_is_deleted(client: OpenAI) -> None:
    response = client.responses.create(model=MODEL, input="Name a river.")

    client.responses.delete(response.id)

    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(response.id)


def text_of(events: list[Any]) -> str:
    return "".join(event.delta for event in events if event.type == "response.output_text.delta")


def final(events: list[Any]) -> Response:
    response: Response = events[-1].response
    return response
