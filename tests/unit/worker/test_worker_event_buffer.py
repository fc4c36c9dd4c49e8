"""The events of a running job, until they are stored."""

import json

import pytest

from loresmith.jobs.core.status import ProgressSource
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.worker.model_client.response_accumulator import ResponseAccumulator
from loresmith.worker.progress import event_buffer as module
from loresmith.worker.progress.event_buffer import EventBuffer
from loresmith.worker.progress.text_length_stats import TextLengthStats

ACCEPTED = pb.GenerateResponse(accepted=pb.Accepted(how=pb.Accepted.HOW_STARTED))


def text(offset: int, piece: str) -> pb.GenerateResponse:
    return pb.GenerateResponse(delta=pb.Delta(offset=offset, text=piece))


def item(index: int) -> pb.GenerateResponse:
    return pb.GenerateResponse(item=pb.Item(index=index, item_json=json.dumps({"n": index})))


def running_call(entities: int = 3) -> tuple[EventBuffer, ResponseAccumulator]:
    buffer, response = EventBuffer(), ResponseAccumulator()
    response.add(ACCEPTED)
    buffer.begin_call("generate", response, entities)
    return buffer, response


def take(buffer: EventBuffer) -> list[tuple[str, int, str]]:
    """Returns the pending events and clears them."""
    events = [(event.type, event.count, event.value) for event in buffer.pending()]
    buffer.clear_pending()
    return events


def test_events_follow_each_other() -> None:
    buffer, response = running_call()
    response.add(text(0, "Once "))
    first = take(buffer)
    response.add(text(5, "upon"))
    response.add(item(0))

    assert first == [("delta", 0, "Once ")]
    assert take(buffer) == [("delta", 5, "upon"), ("item", 0, '{"n": 0}')]
    assert take(buffer) == []


def test_events_that_were_not_stored_keep_their_numbers() -> None:
    """Given events that were not stored / when more arrive / I expect the same events first."""
    buffer, response = running_call()
    response.add(text(0, "Once "))
    first = buffer.pending()
    response.add(text(5, "upon"))

    assert buffer.pending() == first
    buffer.clear_pending()
    assert [event.number for event in [*first, *buffer.pending()]] == [1, 2]


def test_a_restarted_text_is_sent_from_its_start() -> None:
    """Given a call that is repaired, or joined again / I expect its text from 0, not a hole."""
    buffer, response = running_call()
    response.add(text(0, "{ broken"))
    take(buffer)
    response.add(ACCEPTED)
    response.add(text(0, "{}"))

    assert take(buffer) == [("delta", 0, "{}")]


def test_a_long_text_is_split(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_DELTA_CHARACTERS", 4)
    buffer, response = running_call()
    response.add(text(0, "abcdefgh"))

    assert take(buffer) + take(buffer) == [("delta", 0, "abcd"), ("delta", 4, "efgh")]


def test_steps_and_usage_keep_their_order() -> None:
    buffer, _ = running_call()
    buffer.emit("step", "outline", "started", 3)
    buffer.emit("usage", "outline", "{}")
    buffer.end_call()

    assert [(event.type, event.count) for event in buffer.pending()] == [("step", 3), ("usage", 0)]


def test_progress_is_measured_by_entities() -> None:
    """Given entities of 100 characters / I expect the share of the finished ones and of the
    unfinished one; and None before the first is finished.
    """
    buffer, response = running_call(entities=4)
    response.add(text(0, "x" * 90))
    take(buffer)
    assert buffer.measured() is None

    response.add(text(90, "x" * 10))
    response.add(item(0))
    take(buffer)
    first = buffer.measured()
    response.add(text(100, "x" * 50))
    half = buffer.measured()
    response.add(text(150, "x" * 500))
    long = buffer.measured()

    assert first
    assert half
    assert long
    assert (first.share, first.label) == (0.25, "1 of 4")
    assert half.share == pytest.approx(0.375)
    assert long.share == pytest.approx(1.95 / 4), "an unfinished entity never counts as finished"
    buffer.end_call()
    assert buffer.measured() is None


def test_a_call_is_alive_between_its_acceptance_and_a_refusal() -> None:
    """Given a call that is sent again after a refusal / I expect it alive again with its text, not
    with its acceptance, which comes before the provider answers.
    """
    buffer, response = EventBuffer(), ResponseAccumulator()
    assert buffer.is_alive
    buffer.begin_call("generate", response, 3)
    assert not buffer.is_alive

    response.add(pb.GenerateResponse(accepted=pb.Accepted()))
    assert buffer.is_alive
    response.is_refused = True
    response.add(pb.GenerateResponse(accepted=pb.Accepted()))
    assert not buffer.is_alive
    response.add(text(0, "Once"))
    assert buffer.is_alive


def test_progress_is_measured_by_text_before_the_first_entity() -> None:
    """Given responses of 400 characters for two entities / I expect 600 for three, and the share of
    that while no entity is finished; and None with too few known responses.
    """
    lengths = TextLengthStats()
    lengths.add("relics", "m", 400, 2)
    assert lengths.expected("relics", "m", 3) == 0
    for _ in range(2):
        lengths.add("relics", "m", 400, 2)
    assert (lengths.expected("relics", "m", 3), lengths.expected("relics", "n", 3)) == (600, 0)

    buffer, response = EventBuffer(), ResponseAccumulator()
    buffer.begin_call("generate", response, 3, 600)
    assert buffer.measured() is None
    response.add(text(0, "x" * 150))
    early = buffer.measured()
    response.add(text(150, "x" * 900))
    late = buffer.measured()

    assert early
    assert late
    assert (early.share, early.source) == (0.25, ProgressSource.TOKENS)
    assert late.share == 0.95
