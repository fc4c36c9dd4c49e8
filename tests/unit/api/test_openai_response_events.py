"""The events of a response are the same, from wherever a client goes on."""

import json
from typing import Any

import pytest

from loresmith.api.openai_compat.response_events import ResponseEvents, text_start
from loresmith.api.openai_compat.text_position import TextPosition

TEXT = "Ash, Elm and Yew."
CALL = {"id": "call_1", "name": "f", "arguments": '{"a":1}'}


def record_of(status: str = "completed", **result: Any) -> dict[str, str]:
    answer = {"content": TEXT, "refusal": None, "tool_calls": [], "finish_reason": "stop"} | result
    fields = {"error": "It failed."} if status == "failed" else {}
    return fields | {
        "id": "01a22aff-15b9-7ed6-828b-07f946f03941", "type": "response", "status": status,
        "model": "m", "payload": '{"input":"x","background":true}', "created_ms": "1000",
        "completed_ms": "2000",
        **({"result": json.dumps(answer)} if status == "completed" else {}),
    }  # fmt: skip


def events_of(
    record: dict[str, str], parts: list[tuple[int, str]], after: int | None = None
) -> list[dict[str, Any]]:
    """The events of a stream, whose text comes in these parts."""
    events, position = ResponseEvents(record, after), TextPosition(text_start(after))
    sent = events.opening() + events.running()
    for offset, text in parts:
        if new := position.add(offset, text):
            sent += events.text(new, position.end)
    text = json.loads(record.get("result", "{}")).get("content") or ""
    sent += events.end(record, position.add(0, text), len(text))
    return [json.loads(part.split("data: ")[1]) for part in sent.decode().split("\n\n")[:-1]]


ANSWERS = [
    record_of(),
    record_of(finish_reason="length"),
    record_of(content=None, tool_calls=[CALL, CALL], finish_reason="tool_calls"),
    record_of(tool_calls=[CALL], finish_reason="tool_calls"),
    record_of(content=None, refusal="I will not."),
    record_of(content=""),
    record_of("failed"),
    record_of("cancelled"),
]


@pytest.mark.parametrize("record", ANSWERS)
def test_numbers_grow(record: dict[str, str]) -> None:
    numbers = [event["sequence_number"] for event in events_of(record, [])]

    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("record", ANSWERS)
def test_a_client_goes_on_after_any_event(record: dict[str, str]) -> None:
    """Given a stream in small parts / when it goes on after one of its events, cut otherwise
    / I expect the same events and the same text as without the break.
    """
    text = json.loads(record.get("result", "{}")).get("content") or ""
    whole = events_of(record, [(i, text[i : i + 3]) for i in range(0, len(text), 3)])
    for count, event in enumerate(whole, 1):
        rest = events_of(record, [(0, text[:8])], event["sequence_number"])
        joined = [*whole[:count], *rest]
        assert deltas(joined) == deltas(whole)
        assert kinds(joined) == kinds(whole)


def deltas(events: list[dict[str, Any]]) -> str:
    return "".join(e["delta"] for e in events if e["type"] == "response.output_text.delta")


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [e["type"] for e in events if e["type"] != "response.output_text.delta"]


def test_how_a_response_ends() -> None:
    """I expect the last event to say it, with the whole response."""
    ends = [events_of(record, [])[-1] for record in ANSWERS]

    assert [(end["type"].partition(".")[2], end["response"]["status"]) for end in ends] == [
        ("completed", "completed"),
        ("incomplete", "incomplete"),
        *[("completed", "completed")] * 4,
        ("failed", "failed"),
        ("failed", "cancelled"),
    ]
    assert ends[1]["response"]["incomplete_details"] == {"reason": "max_output_tokens"}
    assert [item["type"] for item in ends[3]["response"]["output"]] == ["message", "function_call"]


@pytest.mark.parametrize(("parts", "number"), [(["Ash", ", Elm"], 12), ([], 2)])
def test_an_error_repeats_the_last_number(parts: list[str], number: int) -> None:
    """Given a stream that an error ends / I expect it in OpenAI's form, and with a number after
    which a client that goes on misses nothing.
    """
    events, position = ResponseEvents(record_of("processing"), None), TextPosition()
    events.opening()
    events.running()
    for part in parts:
        events.text(position.add(position.end, part), position.end)

    sent = events.error({"message": "Away.", "type": "server_error", "param": None, "code": "c"})

    assert json.loads(sent.decode().split("data: ")[1]) == {
        "type": "error", "sequence_number": number, "message": "Away.", "param": None, "code": "c",
    }  # fmt: skip
