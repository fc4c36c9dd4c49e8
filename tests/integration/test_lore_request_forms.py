"""Servers that know only some forms of request: each is found once, and nothing is bought twice."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import pytest

from loresmith.lore_service.providers.base import Provider
from loresmith.lore_service.providers.errors import ProviderProblem, classify
from loresmith.lore_service.providers.provider_factory import make_providers
from loresmith.lore_service.providers.request import ProviderRequest
from loresmith.lore_service.providers.response import ProviderResponse
from loresmith.lore_service.settings import LoreServiceSettings
from tests.integration.provider_server import ProviderServer, Reject, serving

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
REQUEST = ProviderRequest("j/s/0", "m", MESSAGES, "x", SCHEMA, 9)


def provider_of(server: ProviderServer, **settings: Any) -> Provider:
    config = LoreServiceSettings(base_url=f"http://127.0.0.1:{server.port}/v1", **settings)
    return make_providers(config)[""]


async def ask(provider: Provider, request: ProviderRequest = REQUEST) -> ProviderResponse:
    response = ProviderResponse(request.call_id, request.model)
    await provider.stream(request, response, lambda _: None)
    return response


def form_of(response: ProviderResponse) -> tuple[str, str]:
    assert response.form
    return response.form.schema_mode, response.form.max_tokens_parameter


def rejects_format(kind: str) -> Reject:
    """Rejects one type of response_format."""

    def reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
        if body.get("response_format", {}).get("type") != kind:
            return None
        return 400, "This response_format type is unavailable now"

    return reject


def rejects(*names: str, message: str = "Unrecognized argument: {}", status: int = 400) -> Reject:
    """Rejects parameters by name."""

    def reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
        unknown = [name for name in names if name in body]
        return (status, message.format(unknown[0])) if unknown else None

    return reject


def needs(name: str, message: str = "Bad Request", status: int = 400) -> Reject:
    """Rejects every request without a parameter."""
    return lambda body: None if name in body else (status, message)


ONLY = {
    "json_schema": rejects("tools", "guided_json"),
    "tool": needs("tools", "Only tools are supported"),
    "guided_json": needs("guided_json", status=422),
    "json_object": lambda body: (
        None if body.get("response_format") == {"type": "json_object"} else (422, "invalid request")
    ),
    "prompt": rejects("response_format", "tools", "guided_json"),
}  # fmt: skip


@pytest.mark.parametrize("mode", ONLY)
async def test_the_schema_mode_of_a_server_is_found_once(mode: str) -> None:
    """Given a server that knows one mode / I expect it found, used from then on, billed once."""
    async with serving(ProviderServer(ONLY[mode])) as server:
        provider = provider_of(server)
        first, second = await ask(provider), await ask(provider)
        await provider.close()

    assert form_of(first) == form_of(second) == (mode, "max_completion_tokens")
    assert first.text == second.text == "{}"
    assert len(server.billed) == 2
    assert server.requests[-2:] == server.billed
    assert {each.headers["x-call-id"] for each in server.requests} == {"j/s/0"}


@pytest.mark.parametrize("mode", ["json_object", "prompt"])
async def test_a_mode_without_enforcement_puts_the_schema_into_the_prompt(mode: str) -> None:
    async with serving(ProviderServer()) as server:
        provider = provider_of(server, schema_mode=mode)
        await ask(provider)
        await provider.close()

    [request] = server.requests
    system, user = request.body["messages"]
    assert system["content"].startswith("Be brief.\n\nAnswer with one JSON object that fits")
    assert '{"type":"object","properties":{"a":{"type":"integer"}}}' in system["content"]
    assert user == MESSAGES[1]


@pytest.mark.parametrize(
    "reject",
    [
        rejects("max_completion_tokens"),
        rejects("max_completion_tokens", message="Extra inputs are not permitted", status=422),
        rejects("max_completion_tokens", message="Bad Request"),
    ],
)
async def test_the_parameter_for_the_output_limit_is_found_once(reject: Reject) -> None:
    async with serving(ProviderServer(reject)) as server:
        provider = provider_of(server)
        responses = [await ask(provider), await ask(provider)]
        await provider.close()

    assert [form_of(each) for each in responses] == [("json_schema", "max_tokens")] * 2
    assert [each.body["max_tokens"] for each in server.billed] == [9, 9]
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("message", "mode"),
    [("Unknown parameter: text.format", "prompt"), ("Bad Request", "prompt"), ("", "json_schema")],
)
async def test_background_responses_are_probed_too(message: str, mode: str) -> None:
    async with serving(
        ProviderServer(lambda body: (400, message) if message and "text" in body else None)
    ) as server:
        provider = provider_of(server, background=1)
        responses = [await ask(provider), await ask(provider)]
        await provider.close()

    assert [form_of(each) for each in responses] == [(mode, "max_output_tokens")] * 2
    assert [each.text for each in responses] == ["{}", "{}"]
    assert len(server.billed) == 2
    assert server.billed[0].body["max_output_tokens"] == 9


async def test_a_server_that_reports_no_usage() -> None:
    """Given a server that rejects stream_options / I expect the answer, and its cost unknown."""
    reject = rejects("stream_options", message="{}: Extra inputs are not permitted", status=422)
    async with serving(ProviderServer(reject)) as server:
        provider = provider_of(server)
        responses = [await ask(provider), await ask(provider)]
        await provider.close()

    assert [form_of(each)[0] for each in responses] == ["json_schema"] * 2
    assert len(server.requests) == 3


async def test_an_old_server_that_knows_neither() -> None:
    def reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
        return rejects("max_completion_tokens", "response_format", "guided_json", "tools")(body)

    async with serving(ProviderServer(reject)) as server:
        provider = provider_of(server)
        response = await ask(provider)
        await provider.close()

    assert form_of(response) == ("prompt", "max_tokens")
    assert len(server.billed) == 1


async def test_calls_at_the_same_time_probe_once() -> None:
    """Given forty first calls at once / I expect the rejections of one."""
    async with serving(ProviderServer(rejects_format("json_schema"))) as server:
        provider = provider_of(server)
        responses = await asyncio.gather(*(ask(provider) for _ in range(40)))
        await provider.close()

    assert {form_of(each) for each in responses} == {("tool", "max_completion_tokens")}
    assert len(server.requests) - len(server.billed) == 1


async def test_each_model_has_a_form_of_its_own() -> None:
    def reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
        return rejects_format("json_schema")(body) if body["model"] == "small" else None

    async with serving(ProviderServer(reject)) as server:
        provider = provider_of(server)
        small = await ask(provider, ProviderRequest("j/s/0", "small", MESSAGES, "x", SCHEMA, 9))
        large = await ask(provider, ProviderRequest("j/s/1", "large", MESSAGES, "x", SCHEMA, 9))
        await provider.close()

    assert (form_of(small)[0], form_of(large)[0]) == ("tool", "json_schema")


async def test_a_schema_that_is_too_hard_changes_one_call_only() -> None:
    """Given a mode that was accepted before / I expect one schema's rejection not to end it."""

    def reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
        name = body.get("response_format", {}).get("json_schema", {}).get("name")
        return (400, "Invalid schema for response_format 'hard'") if name == "hard" else None

    async with serving(ProviderServer(reject)) as server:
        provider = provider_of(server)
        before = await ask(provider)
        hard = await ask(provider, ProviderRequest("j/s/1", "m", MESSAGES, "hard", SCHEMA, 9))
        after = await ask(provider)
        await provider.close()

    assert [form_of(each)[0] for each in (before, hard, after)] == [
        "json_schema", "tool", "json_schema",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 8192 tokens"),
        (404, "The model `m` does not exist"),
        (401, "Incorrect API key; response_format"),
        (403, "tools are not for you"),
        (429, "Too many tokens in max_completion_tokens"),
        (500, "response_format"),
        (503, "response_format"),
    ],
)
async def test_a_rejection_for_another_cause_is_not_probed(status: int, message: str) -> None:
    async with serving(ProviderServer(lambda _: (status, message))) as server:
        provider = provider_of(server)
        with pytest.raises(ProviderProblem):
            await ask(provider)
        await provider.close()

    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "tried json_schema, tool, guided_json, json_object, prompt"),
        ({"schema_mode": "tool"}, "tried tool"),
    ],
)
async def test_a_server_that_accepts_nothing_names_the_setting(
    settings: dict[str, str], named: str
) -> None:
    async with serving(ProviderServer(lambda _: (400, "We do not like this"))) as server:
        provider = provider_of(server, **settings)
        with pytest.raises(ProviderProblem) as caught:
            await ask(provider)
        await provider.close()

    assert "We do not like this" in caught.value.message
    assert named in caught.value.message
    assert "LORESMITH_SCHEMA_MODE" in caught.value.message
    assert classify(caught.value).state == "released"
    assert len(server.requests) <= 10


async def test_a_mode_that_the_server_ignores_is_left(caplog: pytest.LogCaptureFixture) -> None:
    """Given a server that rejects two modes and ignores the third / I expect the fourth after an
    answer in prose, and no other once an answer was usable.
    """

    def reject(body: Mapping[str, Any]) -> tuple[int, str] | None:
        return rejects_format("json_schema")(body) or rejects("tools")(body)

    server = ProviderServer(reject, plain_text="Sure! Here you are.", knows=("response_format",))
    async with serving(server):
        provider = provider_of(server)
        with caplog.at_level(logging.WARNING):
            ignored = await ask(provider)
            provider.note_output("m", ignored, usable=False)
        enforced = await ask(provider)
        provider.note_output("m", enforced, usable=True)
        enforced.text_parts = ["I cannot do that."]
        provider.note_output("m", enforced, usable=False)
        last = await ask(provider)
        await provider.close()

    assert [form_of(each)[0] for each in (ignored, enforced, last)] == [
        "guided_json", "json_object", "json_object",
    ]  # fmt: skip
    assert "schema_mode=guided_json model=m" in caplog.text


async def test_the_first_mode_is_not_left_for_an_answer_in_prose() -> None:
    """Given one odd answer of a server that accepts json_schema / I expect the same mode again."""
    async with serving(ProviderServer(text="Sure!")) as server:
        provider = provider_of(server)
        odd = await ask(provider)
        provider.note_output("m", odd, usable=False)
        again = await ask(provider)
        await provider.close()

    assert form_of(odd) == form_of(again) == ("json_schema", "max_completion_tokens")
