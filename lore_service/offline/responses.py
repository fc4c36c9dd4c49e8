"""/v1/responses: asked for at once or in the background, read, streamed, resumed and cancelled."""

import json
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from lore_service.offline.asgi import (
    Asker,
    Broken,
    Receive,
    Scope,
    Send,
    end,
    error,
    piece,
    reply,
    reply_half,
    start_stream,
)
from lore_service.offline.desk import BREAKS_OFF, LEFT, Desk
from lore_service.offline.events import event, response
from lore_service.offline.question import Question
from lore_service.offline.runs import OPENING, Run, Runs


class Responses:
    """POST /v1/responses."""

    def __init__(self, desk: Desk, runs: Runs) -> None:
        self._desk, self._runs = desk, runs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        order = await self._desk.admit(Question.of_responses, scope, receive, send)
        if order is None:
            return
        run = self._runs.begin(order)
        asker = Asker(receive)
        try:
            await self._tell(run, asker, send)
        finally:
            asker.dismiss()
            if not order.question.background:
                self._runs.stop(run, LEFT)

    async def _tell(self, run: Run, asker: Asker, send: Send) -> None:
        question = run.order.question
        if question.stream:
            await tell(run, 0, asker, send, broken=run.order.fault in BREAKS_OFF)
            return
        if not question.background and not await asker.waits(run.wait(run.events - 1)):
            return
        if run.order.fault in BREAKS_OFF:
            await reply_half(send, response(run))
        await reply(send, 200, response(run))


class Stored:
    """GET /v1/responses/{id}: as it stands; with stream=true its events, from where one wants."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        run = self._runs.get(scope["path_params"]["id"])
        query = parse_qs(scope["query_string"].decode("latin-1"))
        after = query.get("starting_after", ["-1"])[0]
        if run is None:
            await reply(send, 404, error("No such response", "not_found"))
        elif query.get("stream") != ["true"]:
            await reply(send, 200, response(run))
        elif not after.lstrip("-").isdigit():
            message = "starting_after must be the number of an event"
            await reply(send, 400, error(message, "invalid_request_error"))
        else:
            asker = Asker(receive)
            try:
                await tell(run, max(0, int(after) + 1), asker, send)
            finally:
                asker.dismiss()


class Cancelling:
    """POST /v1/responses/{id}/cancel: only what runs in the background can be taken back."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def __call__(self, request: Request) -> Response:
        run = self._runs.get(request.path_params["id"])
        if run is None:
            return JSONResponse(error("No such response", "not_found"), 404)
        if not run.order.question.background:
            message = "Only background responses can be cancelled"
            return JSONResponse(error(message, "invalid_request_error"), 400)
        self._runs.stop(run)
        return JSONResponse(response(run))


async def tell(run: Run, begin: int, asker: Asker, send: Send, *, broken: bool = False) -> None:
    """The events of a run from number `begin` on, each when it is due, until it is cancelled.

    `broken`: its fault breaks off this telling half way; the run itself goes on.
    """
    await start_stream(send)
    for number in range(begin, run.events):
        if broken and number == OPENING + run.order.told:
            return await _break_off(run.order.fault, send)
        if not await asker.waits(run.wait(number)):
            return
        if run.stopped is not None and number >= OPENING + run.stopped:
            break
        made = event(run, number)
        data = json.dumps(made, ensure_ascii=False)
        await piece(send, f"event: {made['type']}\ndata: {data}\n\n".encode())
    await end(send)


async def _break_off(fault: str, send: Send) -> None:
    if fault == "cut":
        raise Broken
    await end(send, b"data: {not json\n\n" if fault == "badchunk" else b"")
