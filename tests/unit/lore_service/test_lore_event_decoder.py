"""The decoder of events agrees with the openai SDK's, wherever the bytes are cut."""

import re
from collections.abc import AsyncIterator

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openai._streaming import SSEDecoder

from loresmith.lore_service.providers.reading.sse import BYTE_ORDER_MARK, EventDecoder
from tests.conftest import examples
from tests.providers.answer import Answer
from tests.providers.corpus import FRAMES, SHAPES

LINES = st.sampled_from(
    [
        *("data: {}", "data:{}", "data: [DONE]", "data", "data:", "data:  x", "data: é😀\u2028"),
        *("event: error", "event:", "event", "id: 7", "id", "retry: 3000", "retry: x", ": comment"),
        *("", "", "", "foo: bar", "data : x", " data: x", "data: a:b", ":", "DATA: x"),
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
STREAMS = st.lists(st.tuples(LINES | st.text(max_size=8), ENDS), max_size=20).map(
    lambda lines: "".join(line + end for line, end in lines).encode(errors="replace")
)
Events = list[tuple[str, str]]


def decoded(*chunks: bytes) -> Events:
    decoder = EventDecoder()
    events = [event for chunk in chunks for event in decoder.feed(chunk)]
    return [(event.name, event.data) for event in [*events, *decoder.finish()]]


async def sdk_decoded(data: bytes) -> Events:
    """What the SDK reads, without the events that have no data."""

    async def chunks() -> AsyncIterator[bytes]:
        yield data + b"\n\n"  # it drops a last event without a blank line

    events = [(event.event or "", event.data) async for event in SSEDecoder().aiter_bytes(chunks())]
    return [(name, text) for name, text in events if text]


@pytest.mark.anyio
@hypothesis_settings(max_examples=examples(400))
@given(STREAMS)
async def test_the_events_of_the_sdk(data: bytes) -> None:
    """Given neither a byte order mark nor a JSON document, which the SDK does not read."""
    assume(not data.startswith(BYTE_ORDER_MARK) and not re.search(rb"(?:^|[\r\n])\{", data))

    assert decoded(data) == await sdk_decoded(data)


@hypothesis_settings(max_examples=examples(400))
@given(STREAMS | st.binary(max_size=60))
def test_cut_at_every_position(data: bytes) -> None:
    whole = decoded(data)

    for position in range(len(data) + 1):
        assert decoded(data[:position], data[position:]) == whole
    assert decoded(*(data[i : i + 1] for i in range(len(data)))) == whole


@pytest.mark.anyio
@pytest.mark.parametrize("answer", [FRAMES[0], SHAPES[2]], ids=repr)
async def test_real_streams(answer: Answer) -> None:
    data = answer.body
    expected = await sdk_decoded(data)

    assert len(expected) > 0
    for position in range(len(data)):
        assert decoded(data[:position], data[position:]) == expected


def test_a_byte_order_mark_is_dropped() -> None:
    data = BYTE_ORDER_MARK + b"data: {}\n\n"

    assert decoded(data) == decoded(*(data[i : i + 1] for i in range(len(data)))) == [("", "{}")]


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    assert decoded(b'data: {"x": "\xff"}\n\n') == [("", '{"x": "\ufffd"}')]
