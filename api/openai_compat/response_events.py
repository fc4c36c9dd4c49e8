"""The events of a response's stream. Their numbers are positions in the answer.

A delta that ends after n characters has the number TEXT + n, however the text was cut. So a stream
goes on after any number, on any process, while the job runs and as long as it is stored.
"""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json, to_json

from loresmith.api.openai_compat.response_objects import (
    INCOMPLETE,
    Json,
    call_item,
    message_item,
    message_parts,
    response_object,
    text_part,
)
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.status import Status

CREATED, QUEUED, IN_PROGRESS, ITEM, TEXT = range(5)
"""Numbers of the first events. TEXT begins the text."""


def text_start(after: int | None) -> int:
    """Returns how many characters a client has that has the event of a number."""
    return max(0, (after or 0) - TEXT)


class ResponseEvents:
    """Encodes the events of one stream, without those up to the number `after`."""

    def __init__(self, record: Record, after: int | None) -> None:
        self._record = record
        self._after = -1 if after is None else after
        self._last = -1
        """The number of the last event that was sent."""
        self._is_running = self._has_text = False
        self._item = {"item_id": message_item(record, [], "")["id"], "output_index": 0}

    def opening(self) -> bytes:
        """Returns what comes at once."""
        queued = response_object(self._record, status="queued")
        events = self._event(CREATED, "response.created", response=queued)
        if queued["background"]:
            events += self._event(QUEUED, "response.queued", response=queued)
        return events

    def running(self) -> bytes:
        """Returns that the job runs; once."""
        if self._is_running:
            return b""
        self._is_running = True
        response = response_object(self._record, status="in_progress")
        return self._event(IN_PROGRESS, "response.in_progress", response=response)

    def text(self, text: str, end: int) -> bytes:
        """Returns a part of the text that ends after `end` characters of it."""
        return self._text_begins() + self._delta(text, end)

    def end(self, record: Record, rest: str, length: int) -> bytes:
        """Returns what remains of an ended job, with the `rest` of its text of `length` characters:
        of a job without a result, of what there is.
        """
        events, number = self.running(), TEXT + length
        tail: list[tuple[str, Json]] = []
        if record["status"] == Status.COMPLETED:
            result = from_json(record["result"])
            number = number if message_parts(result) else IN_PROGRESS
            events += self._text_begins() if result["content"] is not None else b""
            tail = self._tail(record, result)
        if rest:
            events += self.text(rest, length)
        for type, fields in tail:
            number += 1
            events += self._event(number, type, **fields)
        response = response_object(record)
        word = response["status"] if response["status"] != "cancelled" else "failed"
        return events + self._event(number + 1, f"response.{word}", response=response)

    def error(self, error: Json) -> bytes:
        """Returns an error that ends the stream. It repeats the last number, after which the client
        may go on.
        """
        details = {name: value for name, value in error.items() if name != "type"}
        return _encoded(max(self._last, self._after, 0), "error", details)

    def _text_begins(self) -> bytes:
        if self._has_text:
            return b""
        self._has_text = True
        item = message_item(self._record, [], "in_progress")
        added = {"output_index": 0, "item": item}
        part = self._item | {"content_index": 0, "part": text_part("")}
        return (
            self.running()
            + self._event(ITEM, "response.output_item.added", **added)
            + self._event(TEXT, "response.content_part.added", **part)
        )

    def _delta(self, text: str, end: int) -> bytes:
        delta = self._item | {"content_index": 0, "delta": text, "logprobs": []}
        return self._event(TEXT + end, "response.output_text.delta", **delta)

    def _tail(self, record: Record, result: Json) -> list[tuple[str, Json]]:
        """Returns the events after the text."""
        return [*self._message_tail(record, result), *_calls_tail(record, result)]

    def _message_tail(self, record: Record, result: Json) -> Iterator[tuple[str, Json]]:
        parts = message_parts(result)
        status = "incomplete" if result["finish_reason"] in INCOMPLETE else "completed"
        if parts and not self._has_text:
            item = message_item(record, [], "in_progress")
            yield "response.output_item.added", {"output_index": 0, "item": item}
        for index, part in enumerate(parts):
            at = self._item | {"content_index": index}
            yield from _part_events(at, part)
        if parts:
            item = message_item(record, parts, status)
            yield "response.output_item.done", {"output_index": 0, "item": item}

    def _event(self, number: int, type: str, **fields: Any) -> bytes:
        if number <= self._after:
            return b""
        self._last = number
        return _encoded(number, type, fields)


def _encoded(number: int, type: str, fields: Json) -> bytes:
    data = {"type": type, "sequence_number": number, **fields}
    return f"event: {type}\ndata: ".encode() + to_json(data) + b"\n\n"


def _calls_tail(record: Record, result: Json) -> Iterator[tuple[str, Json]]:
    before = int(bool(message_parts(result)))
    for index, call in enumerate(result["tool_calls"]):
        yield from _call_events(record, index, call, index + before)


def _part_events(at: Json, part: Json) -> Iterator[tuple[str, Json]]:
    if part["type"] == "output_text":
        done = {"text": part["text"], "logprobs": []}
        yield "response.output_text.done", at | done
    else:
        refusal = part["refusal"]
        yield "response.content_part.added", at | {"part": {"type": "refusal", "refusal": ""}}
        yield "response.refusal.delta", at | {"delta": refusal}
        yield "response.refusal.done", at | {"refusal": refusal}
    yield "response.content_part.done", at | {"part": part}


def _call_events(
    record: Record, index: int, call: Json, output_index: int
) -> Iterator[tuple[str, Json]]:
    item = call_item(record, index, call)
    at = {"item_id": item["id"], "output_index": output_index}
    started = item | {"arguments": "", "status": "in_progress"}
    yield "response.output_item.added", {"output_index": output_index, "item": started}
    yield "response.function_call_arguments.delta", at | {"delta": call["arguments"]}
    done = {"arguments": call["arguments"], "name": call["name"]}
    yield "response.function_call_arguments.done", at | done
    yield "response.output_item.done", {"output_index": output_index, "item": item}
