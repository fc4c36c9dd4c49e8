"""The offline model as the official SDK sees it: chat completions, faults and bills."""

import asyncio
import json
import time
from collections.abc import Iterator
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

from tests.integration.offline_process import CHAT, Offline, offline
from tests.waiting import wait_until

pytestmark = [pytest.mark.integration, pytest.mark.anyio]


@pytest.fixture(scope="module")
def running() -> Iterator[Offline]:
    with offline("--seconds", "0", "--price-in", "1", "--price-out", "2") as model:
        yield model


@pytest.fixture
def model(running: Offline) -> Offline:
    """An offline model without faults and with its counters at zero."""
    running.ask("DELETE", "/faults")
    running.ask("DELETE", "/counters")
    return running


class Character(BaseModel):
    name: str
    role: str
    description: str


class People(BaseModel):
    characters: list[Character]


async def streamed(client: AsyncOpenAI, **more: Any) -> dict[str, Any]:
    """The text, finish_reason, usage and times of a stream, by chunks."""
    wanted = {**CHAT, "stream": True, "stream_options": {"include_usage": True}, **more}
    told: dict[str, Any] = {"text": "", "reason": None, "usage": None, "times": [], "refusal": ""}
    async for chunk in await client.chat.completions.create(**wanted):
        for choice in chunk.choices:
            told["text"] += choice.delta.content or ""
            told["refusal"] += choice.delta.refusal or ""
            told["reason"] = choice.finish_reason or told["reason"]
            if choice.delta.content:
                told["times"].append(time.monotonic())
        told["usage"] = chunk.usage or told["usage"]
    return told


def headers(**named: Any) -> dict[str, str]:
    return {f"X-{name.replace('_', '-')}": str(value) for name, value in named.items()}


async def test_parse(model: Offline) -> None:
    async with model.client() as client:
        answer = await client.chat.completions.parse(
            model="any", messages=CHAT["messages"], response_format=People
        )

    people = answer.choices[0].message.parsed
    assert people is not None
    assert len(people.characters) == 3
    assert answer.system_fingerprint == "offline model, not an LLM"
    assert answer.model == "any"


async def test_a_stream_is_the_same_text(model: Offline) -> None:
    """Given one question, whole and streamed / I expect the same text, and usage."""
    async with model.client() as client:
        told = await streamed(client)
        again = await streamed(client)

    people = People.model_validate_json(told["text"])
    assert again["text"] == told["text"]
    assert len(people.characters) == 3
    assert told["reason"] == "stop"
    assert told["usage"].completion_tokens == -(-len(told["text"]) // 4)
    assert told["usage"].prompt_tokens > 0
    assert told["usage"].prompt_tokens_details.cached_tokens == 0


async def test_the_sdk_s_own_stream_helper(model: Offline) -> None:
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


async def test_text_is_seen_to_come(model: Offline) -> None:
    """Given an answer of a second / I expect its pieces to be spread over that second."""
    async with model.client() as client:
        told = await streamed(client, extra_headers=headers(Offline_Seconds=1))

    assert len(told["times"]) >= 8
    assert told["times"][-1] - told["times"][0] > 0.6


async def test_fifty_at_once(model: Offline) -> None:
    """Given 50 questions of two seconds each / I expect all answers, and all of them to overlap."""
    async with model.client() as client:
        await asyncio.gather(
            *(
                streamed(client, extra_headers=headers(Offline_Seconds=2, Call_Id=f"c{number}"))
                for number in range(50)
            )
        )
    told = model.ask("GET", "/counters")

    assert told["total"]["most_active"] == 50
    assert told["total"]["active"] == 0
    assert {bill["billed"] for bill in told["calls"].values()} == {1}
    assert len(told["calls"]) == 50


async def test_the_cap(model: Offline) -> None:
    async with model.client() as client:
        told = await streamed(client, max_completion_tokens=10)
        with pytest.raises(LengthFinishReasonError):
            await client.chat.completions.parse(
                model="m", messages=CHAT["messages"], response_format=People, max_tokens=10
            )

    assert (told["reason"], told["usage"].completion_tokens) == ("length", 10)


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
async def test_faults_that_the_sdk_raises(
    model: Offline, fault: str, error: type[Exception], stream: bool
) -> None:
    asked = {**CHAT, "extra_headers": headers(Offline_Fault=fault, Call_Id=fault)}
    async with model.client(timeout=0.5) as client:
        asking = streamed(client, **asked) if stream else client.chat.completions.create(**asked)
        with pytest.raises(error) as raised:
            await asking

    refused = fault in ("rate", "quota")
    assert model.call(fault)["billed"] == (not refused)
    assert (model.call(fault)["outcome"] == "refused") == refused
    if fault == "quota":
        assert isinstance(raised.value, RateLimitError)
        assert raised.value.code == "insufficient_quota"
    if fault == "rate":
        assert isinstance(raised.value, RateLimitError)
        assert raised.value.response.headers["retry-after"] == "1"


async def test_faults_of_a_stream(model: Offline) -> None:
    """Given a stream that breaks off / I expect the half before it, and no finish_reason."""
    async with model.client() as client:
        whole = await streamed(client)
        truncated = await streamed(client, extra_headers=headers(Offline_Fault="truncate"))
        with pytest.raises(json.JSONDecodeError):
            await streamed(client, extra_headers=headers(Offline_Fault="badchunk"))

    assert truncated["reason"] is None
    assert truncated["usage"] is None
    assert 0 < len(truncated["text"]) < len(whole["text"])
    assert whole["text"].startswith(truncated["text"])


@pytest.mark.parametrize("fault", ["length", "content_filter", "refusal", "slow", "empty"])
async def test_faults_that_look_like_answers(model: Offline, fault: str) -> None:
    async with model.client() as client:
        told = await streamed(client, extra_headers=headers(Offline_Fault=fault))

    assert told["reason"] == (fault if fault in ("length", "content_filter") else "stop")
    assert bool(told["refusal"]) == (fault == "refusal")
    assert bool(told["text"]) == (fault not in ("refusal", "empty"))


@pytest.mark.parametrize("fault", ["badjson", "badschema"])
async def test_text_that_does_not_fit(model: Offline, fault: str) -> None:
    async with model.client() as client:
        told = await streamed(client, extra_headers=headers(Offline_Fault=fault))

    assert told["reason"] == "stop"
    with pytest.raises(ValidationError):
        People.model_validate_json(told["text"])


async def test_a_fault_by_rule_and_by_theme(model: Offline) -> None:
    model.ask("PUT", "/faults", {"fault": "status", "status": 401, "times": 1})
    said = [{"role": "user", "content": '```json\n{"theme": "salt fault:rate"}\n```'}]
    async with model.client() as client:
        with pytest.raises(AuthenticationError):
            await client.chat.completions.create(**CHAT)
        await client.chat.completions.create(**CHAT)
        with pytest.raises(RateLimitError):
            await client.chat.completions.create(**{**CHAT, "messages": said})

    assert model.ask("GET", "/faults")["faults"] == []


async def test_a_client_that_leaves_is_billed_and_the_work_stops(model: Offline) -> None:
    """Given a client that goes after the first piece / I expect the input and that piece billed."""
    slow = headers(Offline_Seconds=20, Call_Id="left")
    async with model.client() as client:
        stream = await client.chat.completions.create(**CHAT, stream=True, extra_headers=slow)
        async for chunk in stream:
            if chunk.choices[0].delta.content:
                break
        await stream.close()
    wait_until(lambda: model.call("left")["outcome"] == "left", "the work has stopped")
    bill, total = model.call("left"), model.ask("GET", "/counters")["total"]

    assert (bill["requests"], bill["billed"], total["active"]) == (1, 1, 0)
    assert 0 < bill["output_tokens"] < 60
    assert bill["micros"] == bill["input_tokens"] + 2 * bill["output_tokens"] == total["micros"]


async def test_a_bad_request_says_why(model: Offline) -> None:
    broken = {"name": "n", "schema": {"$ref": "#/$defs/none"}}
    form: Any = {"type": "json_schema", "json_schema": broken}
    async with model.client() as client:
        with pytest.raises(BadRequestError, match="messages must be"):
            await client.chat.completions.create(model="m", messages=[])
        with pytest.raises(BadRequestError, match="cannot be followed"):
            await client.chat.completions.create(**{**CHAT, "response_format": form})


async def test_the_models(model: Offline) -> None:
    async with model.client() as client:
        assert [one.id async for one in client.models.list()] == ["offline-lore-1"]
