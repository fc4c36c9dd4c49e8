"""What the provider streams is taken as it comes, from servers that differ."""

from typing import Any

import httpx2
import pytest

from lore_service.provider import Answer, _retry_after_ms
from lore_service.usage import Usage


def chunk(content: str | None = None, reason: str | None = None, **more: Any) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": reason}
    return {"id": "c1", "model": "gpt-x-2026", "choices": [choice], **more}


def taken(*chunks: dict[str, Any]) -> Answer:
    answer = Answer("j/s/0", "gpt-x")
    for each in chunks:
        answer.take(each)
    return answer


def test_a_whole_answer() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    answer = taken(
        chunk(""), chunk("On"), chunk("ce"), chunk(None, "stop"), {"choices": [], "usage": usage}
    )

    assert (answer.text, answer.finish_reason, answer.usage) == ("Once", "stop", Usage(1, 2))
    assert (answer.model, answer.provider_id) == ("gpt-x-2026", "c1")


def test_usage_with_every_chunk_is_not_added_up() -> None:
    """Given a server that counts as it goes / I expect its last word."""
    assert taken(
        chunk("a", usage={"completion_tokens": 1}), chunk("b", usage={"completion_tokens": 2})
    ).usage == Usage(0, 2)


def test_a_refusal() -> None:
    refusing = (
        {"choices": [{"delta": {"refusal": "I can"}}]},
        {"choices": [{"delta": {"refusal": "not"}}]},
    )

    assert taken(*refusing).refusal == "I cannot"


@pytest.mark.parametrize(
    "odd", [{}, {"choices": None}, {"choices": [{"delta": None}]}, {"choices": [{}], "usage": None}]
)
def test_chunks_that_say_nothing(odd: dict[str, Any]) -> None:
    assert taken(odd).text == ""


def test_the_offline_model_is_known_by_its_fingerprint() -> None:
    usage = {"prompt_tokens": 1}
    offline = chunk(usage=usage, system_fingerprint="offline model, not an LLM")

    assert taken(offline).free
    assert not taken(chunk(usage=usage, system_fingerprint="fp_1")).free
    assert taken(offline).usage == Usage(1)


@pytest.mark.parametrize(
    ("headers", "ms"),
    [
        ({}, 0),
        ({"retry-after": "2"}, 2000),
        ({"retry-after": "0.5"}, 500),
        ({"retry-after-ms": "750", "retry-after": "9"}, 750),
        ({"retry-after": "soon"}, 0),
        ({"retry-after": "Mon, 01 Jan 2001 00:00:00 GMT"}, 0),
        ({"retry-after-ms": "-5"}, 0),
    ],
)
def test_when_to_ask_again(headers: dict[str, str], ms: int) -> None:
    assert _retry_after_ms(httpx2.Headers(headers)) == ms
