"""The Responses interface under /v1/responses: create, retrieve, stream, resume and cancel."""

import json
from functools import partial

from starlette.types import Receive, Scope, Send

from loresmith.offline_model.server.billing import CLIENT_LEFT
from loresmith.offline_model.server.client_connection import ClientConnection
from loresmith.offline_model.server.completion_request import CompletionRequest
from loresmith.offline_model.server.errors import ApiError, BadRequest
from loresmith.offline_model.server.request_handler import RequestHandler
from loresmith.offline_model.server.responses.events import event_json, response_json
from loresmith.offline_model.server.responses.store import ResponseStore, StoredResponse


class CreateResponse:
    """POST /v1/responses."""

    def __init__(self, handler: RequestHandler, responses: ResponseStore) -> None:
        self._handler, self._responses = handler, responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = ClientConnection(scope, receive, send)
        parse = partial(CompletionRequest.from_responses, history=self._responses.history)
        accepted = await self._handler.accept(parse, connection)
        response = self._responses.start(accepted)
        try:
            with connection.watch_disconnect():
                await self._send(response, connection)
        finally:
            if not accepted.request.background:
                self._responses.cancel(response, CLIENT_LEFT)

    async def _send(self, response: StoredResponse, connection: ClientConnection) -> None:
        request, breaks_off = response.accepted.request, response.accepted.breaks_off
        if request.stream:
            await stream_events(response, connection, breaks_off=breaks_off)
            return
        seconds = 0 if request.background else response.seconds_until(response.event_count - 1)
        if not await connection.stays_open(seconds):
            return
        if breaks_off:
            await connection.send_truncated_json(response_json(response))
        await connection.send_json(response_json(response))


class RetrieveResponse:
    """GET /v1/responses/{id}: the response, or with stream=true its events."""

    def __init__(self, responses: ResponseStore) -> None:
        self._responses = responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = ClientConnection(scope, receive, send)
        response = self._responses.get(connection.path_id)
        fault = response.accepted.fault
        if connection.query.get("stream") != "true":
            response.looks += 1
            if fault == "lateid" and response.looks == 1:
                raise ApiError("No such response yet", 404, "not_found")
            return await connection.send_json(response_json(response))
        if not response.accepted.request.stream:
            raise BadRequest("Only responses created with stream=true have events")
        if fault in ("noevents", "lateid"):
            raise ApiError("Injected fault: no events", 500, "injected")
        try:
            starting_after = int(connection.query.get("starting_after", -1))
        except ValueError:
            raise BadRequest("starting_after must be the number of an event") from None
        with connection.watch_disconnect():
            await stream_events(response, connection, first_event=max(0, starting_after + 1))


class CancelResponse:
    """POST /v1/responses/{id}/cancel: cancels a background response."""

    def __init__(self, responses: ResponseStore) -> None:
        self._responses = responses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = ClientConnection(scope, receive, send)
        response = self._responses.get(connection.path_id)
        if not response.accepted.request.background:
            raise BadRequest("Only background responses can be cancelled")
        self._responses.cancel(response)
        await connection.send_json(response_json(response))


async def stream_events(
    response: StoredResponse,
    connection: ClientConnection,
    *,
    first_event: int = 0,
    breaks_off: bool = False,
) -> None:
    """Sends each event when it is due, until the response ends or is cancelled.

    With `breaks_off` its fault ends this stream half way; the response itself goes on.
    """
    accepted = response.accepted
    await connection.start_event_stream()
    for number in range(first_event, response.event_count):
        if breaks_off and number == response.event_after(accepted.chunks_sent):
            return await connection.end_broken_stream(accepted.fault)
        if not await connection.stays_open(response.seconds_until(number)):
            return
        cancelled_at = response.cancelled_at
        if cancelled_at is not None and number >= response.event_after(cancelled_at):
            break
        event = event_json(response, number)
        data = json.dumps(event, ensure_ascii=False)
        await connection.send_chunk(f"event: {event['type']}\ndata: {data}\n\n".encode())
    await connection.end()
