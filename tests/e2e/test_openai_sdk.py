"""Programs of OpenAI's own Python SDK, unchanged but for the address."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import Response
from pydantic import BaseModel

from tests.stack import Stack, stack

pytestmark = pytest.mark.e2e

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


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("sdk"), seconds=0.5, chunks=10) as started:
        yield started


@pytest.fixture
def client(running: Stack) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{running.url}/v1", api_key="any", max_retries=0) as made_client:
        yield made_client


def job_of(running: Stack, object_id: str) -> dict[str, Any]:
    """The job of an object, as the page shows it."""
    digits = object_id[-32:]
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return running.job("-".join(parts))


# --- chat completions


def test_a_chat_completion_is_a_job(running: Stack, client: OpenAI) -> None:
    """Given a request of a chat / I expect an answer with its tokens, which can be read again, and
    a job like any other.
    """
    raw = client.chat.completions.with_raw_response.create(
        model=MODEL, messages=QUESTION, temperature=0.5, seed=7, metadata={"for": "test"}
    )
    completion = raw.parse()

    assert completion.choices[0].finish_reason == "stop"
    assert "rivers" in (completion.choices[0].message.content or "")
    assert completion.usage
    assert completion.usage.total_tokens > completion.usage.prompt_tokens > 0
    job = job_of(running, completion.id)
    assert (job["type"], job["status"], job["priority"]) == (
        "chat_completion", "completed", "interactive",
    )  # fmt: skip
    assert job["metadata"] == {"for": "test"}
    assert job["result"]["content"] == completion.choices[0].message.content
    assert raw.headers["loresmith-job"] == job["id"]
    assert raw.headers["location"] == f"/jobs/{job['id']}"
    assert client.chat.completions.retrieve(completion.id) == completion


def test_a_chat_is_streamed_as_it_is_written(client: OpenAI) -> None:
    """I expect the role, several parts of the text, its end and the tokens; the parts are the
    text.
    """
    chunks = list(
        client.chat.completions.create(
            model=MODEL, messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
    )

    assert len({chunk.id for chunk in chunks}) == 1
    parts = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert len([part for part in parts if part]) >= 3
    stored = client.chat.completions.retrieve(chunks[0].id)
    assert "".join(parts) == stored.choices[0].message.content
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage == stored.usage


def test_structured_outputs_are_parsed(client: OpenAI) -> None:
    completion = client.chat.completions.parse(
        model=MODEL, messages=QUESTION, response_format=River
    )
    with client.chat.completions.stream(
        model=MODEL, messages=QUESTION, response_format=River
    ) as events:
        streamed = events.get_final_completion()

    assert isinstance(completion.choices[0].message.parsed, River)
    assert isinstance(streamed.choices[0].message.parsed, River)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_tool_is_called_and_its_result_used(client: OpenAI, streamed: bool) -> None:
    """Given a tool / I expect a call of it, and in the second turn a text."""
    if streamed:
        with client.chat.completions.stream(
            model=MODEL, messages=WEATHER, tools=CHAT_TOOLS
        ) as events:
            choice: Any = events.get_final_completion().choices[0]
    else:
        choice = client.chat.completions.create(
            model=MODEL, messages=WEATHER, tools=CHAT_TOOLS
        ).choices[0]
    (call,) = choice.message.tool_calls
    answer = {"role": "tool", "tool_call_id": call.id, "content": "sunny, 20 degrees"}

    second = client.chat.completions.create(
        model=MODEL, messages=[*WEATHER, choice.message, answer], tools=CHAT_TOOLS
    )

    assert (choice.finish_reason, call.function.name) == ("tool_calls", "get_weather")
    assert "sunny" in (second.choices[0].message.content or "")


def test_a_short_limit_cuts_the_text(client: OpenAI) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=QUESTION, max_tokens=5)

    assert completion.choices[0].finish_reason == "length"


def test_the_asynchronous_client(running: Stack) -> None:
    async def ask() -> tuple[str, int]:
        async with AsyncOpenAI(base_url=f"{running.url}/v1", api_key="any") as client:
            completion = client.chat.completions.create(model=MODEL, messages=QUESTION)
            stream = await client.chat.completions.create(
                model=MODEL, messages=QUESTION, stream=True
            )
            count = 0
            async for _ in stream:
                count += 1
            return (await completion).choices[0].finish_reason, count

    reason, chunks = asyncio.run(ask())
    assert reason == "stop"
    assert chunks > 4


# --- responses


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
    call = running.ledger()[-1]
    assert call["billed"]
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


# --- models and errors


def test_models(client: OpenAI) -> None:
    (model,) = client.models.list().data

    assert model.id == MODEL
    assert client.models.retrieve(MODEL).id == MODEL


@pytest.mark.parametrize(
    ("field", "value"),
    [("n", 2), ("logprobs", True), ("audio", {"voice": "x", "format": "mp3"}),
     ("web_search_options", {}), ("service_tier", "flex")],
)  # fmt: skip
def test_what_is_not_supported_is_refused(client: OpenAI, field: str, value: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model=MODEL, messages=QUESTION, extra_body={field: value})

    assert (caught.value.code, caught.value.param) == ("unsupported_parameter", field)


def test_errors_are_those_of_the_sdk(client: OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as unknown:
        client.chat.completions.create(model=MODEL, messages=QUESTION, extra_body={"colour": 1})
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model=MODEL, input="x")
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_unknown")
    too_large = "x" * 1_100_000
    with pytest.raises(openai.APIStatusError) as large:
        client.responses.create(model=MODEL, input=too_large)

    assert unknown.value.param == "colour"
    assert large.value.status_code == 413
    assert large.value.code == "payload-too-large"


@pytest.mark.parametrize("streamed", [False, True])
def test_what_the_provider_refuses_is_a_bad_request(client: OpenAI, streamed: bool) -> None:
    """Given a tool message without its call / I expect the provider's words, before any chunk."""
    orphan: Any = [{"role": "tool", "tool_call_id": "x", "content": "y"}]

    with pytest.raises(openai.BadRequestError, match="must be a response to"):
        client.chat.completions.create(model=MODEL, messages=orphan, stream=streamed)


# --- credentials


def test_keys_are_bearer_tokens(tmp_path: Path) -> None:
    """Given a server that demands keys / I expect 401 for another text, and the work of a key; a
    second key does not read the first one's answer.
    """
    with stack(tmp_path, seconds=0.1) as closed:
        _, first = closed.post("/keys", {"name": "first", "role": "admin"})
        bearer = {"Authorization": f"Bearer {first['key']}"}
        _, second = closed.post("/keys", {"name": "second", "user_id": "mira"}, **bearer)
        _, third = closed.post("/keys", {"name": "third", "user_id": "nils"}, **bearer)
        url = f"{closed.url}/v1"
        with pytest.raises(openai.AuthenticationError) as refused:
            OpenAI(base_url=url, api_key="sk-other", max_retries=0).models.list()
        mira, nils = (
            OpenAI(base_url=url, api_key=key["key"], max_retries=0) for key in (second, third)
        )
        completion = mira.chat.completions.create(model=MODEL, messages=QUESTION)
        assert mira.chat.completions.retrieve(completion.id)
        with pytest.raises(openai.NotFoundError):
            nils.chat.completions.retrieve(completion.id)

    assert refused.value.code == "invalid_api_key"
