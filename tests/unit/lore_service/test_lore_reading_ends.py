"""How a response ended, and what it used, when parts of it come early, late or twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from loresmith.lore_service.calls.json_answers import json_answers
from loresmith.lore_service.providers.errors import ProviderProblem, classify
from loresmith.lore_service.providers.reading.body import read_completion
from loresmith.lore_service.providers.reading.completion import CompletionReader
from loresmith.lore_service.providers.response import ProviderResponse

TEXT = {"choices": [{"index": 0, "delta": {"content": "Once"}}]}
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE = {"usage": {"prompt_tokens": 1_000, "completion_tokens": 1}}


def read(*bodies: Any, document: bool = False) -> ProviderResponse:
    """Reads events, or one document. Raises ProviderProblem."""
    response = ProviderResponse("j/s/0", "m")
    reader = CompletionReader(response, lambda _: None)

    async def chunks() -> AsyncIterator[bytes]:
        for body in bodies:
            text = body if isinstance(body, str) else json.dumps(body)
            yield text.encode() if document else f"data: {text}\n\n".encode()

    try:
        asyncio.run(read_completion(chunks(), reader, response))
    finally:
        reader.finish()
    return response


@pytest.mark.parametrize("code", [429, 503, 400, "insufficient_quota"])
@pytest.mark.parametrize("before", [TEXT, USAGE], ids=["text", "usage"])
def test_an_error_after_a_part_may_be_bought(code: Any, before: Any) -> None:
    with pytest.raises(ProviderProblem) as problem:
        read(before, {"error": {"code": code, "message": "no more"}})

    assert classify(problem.value).state == "unknown"


def test_an_error_alone_is_not_bought() -> None:
    with pytest.raises(ProviderProblem) as problem:
        read({"error": {"code": 429, "message": "later"}})

    assert classify(problem.value).state == "released"


def test_events_in_another_dialect_are_not_proven_unbought() -> None:
    start = {"type": "message_start", "message": {"usage": {"input_tokens": 9}}}
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "Once"}}

    assert read(start, delta).finish_reason == ""


def test_an_answer_beside_an_error_is_kept() -> None:
    message = {"message": {"content": "Once"}, "finish_reason": "stop"}
    body = {"choices": [message], "error": {"code": 500, "message": "late"}}
    response = ProviderResponse("j/s/0", "m")
    reader = CompletionReader(response, lambda _: None)

    async def chunks() -> AsyncIterator[bytes]:
        yield json.dumps(body).encode()

    with pytest.raises(ProviderProblem):
        asyncio.run(read_completion(chunks(), reader, response))
    reader.finish()

    assert (response.text, response.finish_reason) == ("Once", "stop")


def test_a_usage_before_the_text_is_not_final() -> None:
    assert read(USAGE, TEXT, STOP).usage is None
    assert read(TEXT, USAGE).usage is None, "the stream broke off"
    usage = read(TEXT, STOP, USAGE).usage
    assert usage is not None
    assert usage.output_tokens == 1


def test_a_text_that_is_sent_by_two_names_is_read_once() -> None:
    chunk = {"choices": [{"index": 0, "text": "Once", "delta": {"content": "Once"}}]}

    assert read(chunk, STOP).text == "Once"


def test_an_object_as_content_is_the_answer() -> None:
    assert read({"choices": [{"message": {"content": {"a": 1}}}]}, document=True).text == '{"a": 1}'


@pytest.mark.parametrize("value", [False, 0, {}, [], "FINISH_REASON_UNSPECIFIED", "in_progress"])
def test_an_unfinished_reason_is_none(value: Any) -> None:
    chunk = {"choices": [{"index": 0, "delta": {"content": "Once"}, "finish_reason": value}]}

    assert read(chunk).finish_reason == ""


def test_a_document_that_is_cut_off_has_no_end() -> None:
    response = read('{"choices":[{"finish_reason":"stop","message":{"content":"On', document=True)

    assert (response.text, response.finish_reason) == ("On", "")


@pytest.mark.parametrize("text", ['{\\"a\\": \\"b\\", ' * 4_000, '{"a": {/*{/*' * 4_000])
def test_hostile_texts_are_searched_in_linear_time(text: str) -> None:
    """A quadratic search does not come to its end before the test's time limit."""
    assert list(json_answers(text, {})) == []
