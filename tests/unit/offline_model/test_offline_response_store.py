"""Responses progress with the clock and are billed once."""

import json

import pytest

from loresmith.offline_model.server.billing import DELIVERED, Billing
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import ApiError
from loresmith.offline_model.server.faults import FaultInjector
from loresmith.offline_model.server.request_handler import AcceptedRequest, RequestHandler
from loresmith.offline_model.server.responses.store import ResponseStore, StoredResponse

pytestmark = pytest.mark.anyio

OPENING_EVENTS = 4
"""Events before the first chunk of a message."""


class RecordingHandler(RequestHandler):
    """Records the billed texts and outcomes."""

    def __init__(self) -> None:
        super().__init__(Billing(), FaultInjector(), duration_s=1_000, chunks=10)
        self.billed: list[tuple[str, str]] = []

    def finish(self, accepted: AcceptedRequest, text: str, outcome: str) -> None:
        self.billed.append((text, outcome))


@pytest.fixture
def handler() -> RecordingHandler:
    return RecordingHandler()


@pytest.fixture
def responses(handler: RecordingHandler) -> ResponseStore:
    return ResponseStore(handler)


def start(handler: RequestHandler, responses: ResponseStore, fault: str = "") -> StoredResponse:
    """Starts a response of 1,000 seconds and 10 chunks."""
    body = json.dumps({"input": "theme: salt"}).encode()
    return responses.start(handler.prepare(CompletionRequest.from_responses(body, {}), fault))


async def test_progress(handler: RecordingHandler, responses: ResponseStore) -> None:
    response = start(handler, responses)
    chunks = response.accepted.chunks
    assert (response.chunks_written, response.status) == (0, "in_progress")

    response.started -= 500
    assert response.text == "".join(chunks[: len(chunks) // 2])

    response.started -= 501
    assert (response.text, response.status) == (response.accepted.completion.text, "completed")


async def test_events_are_due_with_their_chunks(
    handler: RecordingHandler, responses: ResponseStore
) -> None:
    response = start(handler, responses)
    pause_s = response.accepted.pause_s

    assert response.seconds_until(OPENING_EVENTS - 1) == 0
    assert response.seconds_until(OPENING_EVENTS) == pytest.approx(pause_s, abs=1)
    assert response.seconds_until(response.event_count - 1) == pytest.approx(1_000, abs=1)


async def test_a_hanging_response_never_ends(
    handler: RecordingHandler, responses: ResponseStore
) -> None:
    response = start(handler, responses, "hang")
    response.started -= 5_000

    assert (response.seconds_until(OPENING_EVENTS), response.status) == (None, "in_progress")
    assert response.billing_timer is None


async def test_a_cancelled_response_is_billed_once(
    handler: RecordingHandler, responses: ResponseStore
) -> None:
    """Given a response cancelled half way / I expect half of it billed, and nothing at its end."""
    response = start(handler, responses)
    timer = response.billing_timer
    response.started -= 500

    responses.cancel(response)
    responses.cancel(response)

    assert handler.billed == [(response.text, "cancelled")]
    assert 0 < len(response.text) < len(response.accepted.completion.text)
    assert timer is not None
    assert timer.cancelled()


async def test_a_complete_response_cannot_be_cancelled(
    handler: RecordingHandler, responses: ResponseStore
) -> None:
    response = start(handler, responses)
    response.started -= 1_001

    responses.cancel(response)

    assert response.status == "completed"
    assert handler.billed == []
    assert response.billing_timer is not None
    response.billing_timer.cancel()


async def test_responses_are_limited(
    handler: RecordingHandler, responses: ResponseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given too many responses / I expect the oldest cancelled, billed and removed."""
    monkeypatch.setattr("loresmith.offline_model.server.responses.store.MAX_RESPONSES", 2)
    started = [start(handler, responses) for _ in range(3)]

    with pytest.raises(ApiError, match="No such response"):
        responses.get(started[0].id)
    assert [responses.get(one.id) for one in started[1:]] == started[1:]
    assert handler.billed == [("", "cancelled")]
    for response in started:
        responses.cancel(response)
    assert DELIVERED not in {outcome for _, outcome in handler.billed}
