"""Programs of OpenAI's own Python SDK, unchanged but for the address."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from tests.e2e.openai_programs import (
    CHAT_TOOLS,
    MODEL,
    QUESTION,
    WEATHER,
    River,
    job_of,
)
from tests.stack import Stack, stack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with stack(tmp_path_factory.mktemp("sdk"), seconds=0.5, chunks=10) as started:
        yield started


@pytest.fixture
def client(running: Stack) -> Iterator[OpenAI]:
    with OpenAI(base_url=f"{running.url}/v1", api_key="any", max_retries=0) as made_client:
        yield made_client


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
    with stack(tmp_path, seconds=0.1) as closed, ExitStack() as clients:
        _, first = closed.post("/keys", {"name": "first", "role": "admin"})
        bearer = {"Authorization": f"Bearer {first['key']}"}

        def client_of(**terms: Any) -> OpenAI:
            key = closed.post("/keys", {"name": "x"} | terms, **bearer)[1]["key"]
            return clients.enter_context(client_with(closed, key))

        mira, nils, slow = (
            client_of(user_id="mira"), client_of(user_id="nils"), client_of(rpm=1)
        )  # fmt: skip
        stranger = clients.enter_context(client_with(closed, "sk-other"))
        with pytest.raises(openai.AuthenticationError) as refused:
            stranger.models.list()
        completion = mira.chat.completions.create(model=MODEL, messages=QUESTION)
        assert mira.chat.completions.retrieve(completion.id)
        with pytest.raises(openai.NotFoundError):
            nils.chat.completions.retrieve(completion.id)
        slow.models.list()
        with pytest.raises(openai.RateLimitError):
            slow.models.list()

    assert refused.value.code == "invalid_api_key"


def client_with(system: Stack, key: str) -> OpenAI:
    return OpenAI(base_url=f"{system.url}/v1", api_key=key, max_retries=0)
