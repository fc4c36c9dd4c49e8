"""Chat completions, faults and bills of the offline model, through the official SDK."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from openai import (
    APIConnectionError,
    APITimeoutError,
    AsyncOpenAI,
    AuthenticationError,
    BadRequestError,
    InternalServerError,
    LengthFinishReasonError,
    RateLimitError,
)
from pydantic import BaseModel, ValidationError

from tests.integration.offline_process import CHAT, OfflineModel, headers, offline_model
from tests.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.anyio]


@pytest.fixture(scope="module")
def running() -> Iterator[OfflineModel]:
    with offline_model("--seconds", "0", "--price-in", "1", "--price-out", "2") as model:
        yield model


@pytest.fixture
def model(running: OfflineModel) -> OfflineModel:
    """Returns the model without fault rules and with its counters at zero."""
    running.request("DELETE", "/faults")
    running.request("DELETE", "/counters")
    return running


class Character(BaseModel):
    name: str
    role: str
    description: str


class People(BaseModel):
    characters: list[Character]


@dataclass
class StreamResult:
    text: str = ""
    refusal: str = ""
    finish_reason: str | None = None
    usage: Any = None
    arrival_times: list[float] = field(default_factory=list)


async def stream_chat(client: AsyncOpenAI, **fields: Any) -> StreamResult:
    """Collects a streamed completion."""
    body = {**CHAT, "stream": True, "stream_options": {"include_usage": True}, **fields}
    result = StreamResult()
    async for chunk in await client.chat.completions.create(**body):
        for choice in chunk.choices:
            result.text += choice.delta.content or ""
            result.refusal += choice.delta.refusal or ""
            result.finish_reason = choice.finish_reason or result.finish_reason
            if choice.delta.content:
                result.arrival_times.append(time.monotonic())
        result.usage = chunk.usage or result.usage
    return result


async def test_parsed_output(model: OfflineModel) -> None:
    async with model.client() as client:
        answer = await client.chat.completions.parse(
            model="any", messages=CHAT["messages"], response_format=People
        )

    people = answer.choices[0].message.parsed
    assert people is not None
    assert len(people.characters) == 3
    assert answer.system_fingerprint == "offline model, not an LLM"
    assert answer.model == "any"


async def test_repeated_streams_are_equal(model: OfflineModel) -> None:
    async with model.client() as client:
        result = await stream_chat(client)
        again = await stream_chat(client)

    people = People.model_validate_json(result.text)
    assert again.text == result.text
    assert len(people.characters) == 3
    assert result.finish_reason == "stop"
    assert result.usage.completion_tokens == -(-len(result.text) // 4)
    assert result.usage.prompt_tokens > 0
    assert result.usage.prompt_tokens_details.cached_tokens == 0


async def test_the_stream_helper_of_the_sdk(model: OfflineModel) -> None:
    async with (
        model.client() as client,
        client.chat.completions.stream(
            model="m",
            messages=CHAT["messages"],
            response_format=People,
            stream_options={"include_usage": True},
        ) as stream,
    ):
        final = await stream.get_final_completion()

    assert final.choices[0].message.parsed is not None
    assert final.usage is not None


async def test_chunks_are_paced(model: OfflineModel) -> None:
    """Given an answer of one second / I expect its chunks spread over that second."""
    async with model.client() as client:
        result = await stream_chat(client, extra_headers=headers(seconds=1))

    assert len(result.arrival_times) >= 8
    assert result.arrival_times[-1] - result.arrival_times[0] > 0.6


async def test_fifty_concurrent_requests(model: OfflineModel) -> None:
    """Given 50 requests of two seconds each / I expect all answers, and all at the same time."""
    async with model.client() as client:
        await asyncio.gather(
            *(
                stream_chat(client, extra_headers=headers(seconds=2, call_id=f"c{number}"))
                for number in range(50)
            )
        )
    counters = model.request("GET", "/counters")

    assert counters["total"]["most_active"] == 50
    assert counters["total"]["active"] == 0
    assert {bill["billed"] for bill in counters["calls"].values()} == {1}
    assert len(counters["calls"]) == 50


async def test_the_token_limit(model: OfflineModel) -> None:
    async with model.client() as client:
        result = await stream_chat(client, max_completion_tokens=10)
        with pytest.raises(LengthFinishReasonError):
            await client.chat.completions.parse(
                model="m", messages=CHAT["messages"], response_format=People, max_tokens=10
            )

    assert (result.finish_reason, result.usage.completion_tokens) == ("length", 10)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rate", RateLimitError),
        ("quota", RateLimitError),
        ("status", InternalServerError),
        ("hang", APITimeoutError),
        ("cut", APIConnectionError),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
async def test_faults_that_raise_an_error(
    model: OfflineModel, fault: str, error: type[Exception], stream: bool
) -> None:
    body = {**CHAT, "extra_headers": headers(fault=fault, call_id=fault)}
    async with model.client(timeout=0.5) as client:
        completion = (
            stream_chat(client, **body) if stream else client.chat.completions.create(**body)
        )
        with pytest.raises(error) as raised:
            await completion

    rejected = fault in ("rate", "quota")
    assert model.call(fault)["billed"] == (not rejected)
    assert (model.call(fault)["outcome"] == "refused") == rejected
    if fault == "quota":
        assert isinstance(raised.value, RateLimitError)
        assert raised.value.code == "insufficient_quota"
    if fault == "rate":
        assert isinstance(raised.value, RateLimitError)
        assert raised.value.response.headers["retry-after"] == "1"


async def test_faults_that_break_a_stream(model: OfflineModel) -> None:
    """Given a stream that breaks off / I expect half of the text, and no finish_reason."""
    async with model.client() as client:
        whole = await stream_chat(client)
        truncated = await stream_chat(client, extra_headers=headers(fault="truncate"))
        with pytest.raises(json.JSONDecodeError):
            await stream_chat(client, extra_headers=headers(fault="badchunk"))

    assert truncated.finish_reason is None
    assert truncated.usage is None
    assert 0 < len(truncated.text) < len(whole.text)
    assert whole.text.startswith(truncated.text)


@pytest.mark.parametrize("fault", ["length", "content_filter", "refusal", "slow", "empty"])
async def test_faults_with_a_regular_end(model: OfflineModel, fault: str) -> None:
    async with model.client() as client:
        result = await stream_chat(client, extra_headers=headers(fault=fault))

    assert result.finish_reason == (fault if fault in ("length", "content_filter") else "stop")
    assert bool(result.refusal) == (fault == "refusal")
    assert bool(result.text) == (fault not in ("refusal", "empty"))


@pytest.mark.parametrize("fault", ["badjson", "badschema"])
async def test_faults_with_invalid_text(model: OfflineModel, fault: str) -> None:
    async with model.client() as client:
        result = await stream_chat(client, extra_headers=headers(fault=fault))

    assert result.finish_reason == "stop"
    with pytest.raises(ValidationError):
        People.model_validate_json(result.text)


async def test_faults_by_rule_and_by_theme(model: OfflineModel) -> None:
    model.request("PUT", "/faults", {"fault": "status", "status": 401, "times": 1})
    messages = [{"role": "user", "content": '```json\n{"theme": "salt fault:rate"}\n```'}]
    async with model.client() as client:
        with pytest.raises(AuthenticationError):
            await client.chat.completions.create(**CHAT)
        await client.chat.completions.create(**CHAT)
        with pytest.raises(RateLimitError):
            await client.chat.completions.create(**{**CHAT, "messages": messages})

    assert model.request("GET", "/faults")["faults"] == []


async def test_a_disconnect_stops_the_completion(model: OfflineModel) -> None:
    """Given a disconnect after the first chunk / I expect the input and that chunk billed."""
    slowly = headers(seconds=20, call_id="left")
    async with model.client() as client:
        stream = await client.chat.completions.create(**CHAT, stream=True, extra_headers=slowly)
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
    wait_until(lambda: model.call("left")["outcome"] == "left", "the completion has stopped")
    bill, total = model.call("left"), model.request("GET", "/counters")["total"]

    assert (bill["requests"], bill["billed"], total["active"]) == (1, 1, 0)
    assert 0 < bill["output_tokens"] < 60
    assert bill["micros"] == bill["input_tokens"] + 2 * bill["output_tokens"] == total["micros"]


async def test_bad_requests_name_the_reason(model: OfflineModel) -> None:
    unusable = {"name": "n", "schema": {"$ref": "#/$defs/none"}}
    form: Any = {"type": "json_schema", "json_schema": unusable}
    async with model.client() as client:
        with pytest.raises(BadRequestError, match="empty array"):
            await client.chat.completions.create(model="m", messages=[])
        with pytest.raises(BadRequestError, match="cannot be followed"):
            await client.chat.completions.create(**{**CHAT, "response_format": form})


async def test_the_list_of_models(model: OfflineModel) -> None:
    async with model.client() as client:
        assert [one.id async for one in client.models.list()] == ["offline-lore-1"]
