"""The servicer: requests in, messages out. What happens in between is the calls' business."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, NoReturn

from lore_service.ask import Ask
from lore_service.calls import Calls
from lore_service.ledger import CallName, LedgerAway
from lore_service.status import CallError, invalid, unavailable
from lore_service.usage import Usage
from lore_service.wire import STATES, Teller
from protos.lore.v1 import lore_pb2 as pb
from protos.lore.v1 import lore_pb2_grpc

log = logging.getLogger(__name__)


class LoreServicer(lore_pb2_grpc.LoreServiceServicer):
    """What protos/lore/v1/lore.proto promises."""

    def __init__(self, calls: Calls, default_model: str) -> None:
        self._calls = calls
        self._default_model = default_model

    async def Generate(
        self, request: pb.GenerateRequest, context: Any
    ) -> AsyncIterator[pb.GenerateResponse]:
        try:
            ask = Ask.of(request, self._default_model)
            call, started = await self._calls.join(ask)
            teller = Teller(ask.recipe.items, started=started)
            async for entries in call.transcript.follow():
                for message in teller.tell(entries):
                    yield message
            for message in teller.end(await asyncio.shield(call.task)):
                yield message
        except CallError as error:
            await refuse(context, error)

    async def Cancel(self, request: pb.CancelRequest, context: Any) -> pb.CancelResponse:
        name = await _name(request.call_id, context)
        log.info("call %s: cancel (%s)", name, request.reason or "no reason given")
        try:
            state = await self._calls.cancel(name)
        except LedgerAway as error:
            await refuse(context, _away(error))
        return pb.CancelResponse(state=STATES[state])

    async def Lookup(self, request: pb.LookupRequest, context: Any) -> pb.LookupResponse:
        name = await _name(request.call_id, context)
        try:
            row = await self._calls.ledger.row(str(name))
        except LedgerAway as error:
            await refuse(context, _away(error))
        usage, purchase = Usage.of_row(row), self._calls.purchases.get(str(name))
        return pb.LookupResponse(
            state=STATES[row.get("state", "absent")],
            model=row.get("model", ""),
            text=purchase.answer.text if purchase else row.get("text", ""),
            usage=usage.as_message() if usage else None,
        )


async def refuse(context: Any, error: CallError) -> NoReturn:
    """Ends an RPC with the status and the LoreError of a failure."""
    await context.abort(error.status, error.details, error.metadata)
    raise error  # abort raises; this is for the type checker


async def _name(call_id: str, context: Any) -> CallName:
    try:
        return CallName.parse(call_id)
    except ValueError as error:
        await refuse(context, CallError(invalid(str(error))))


def _away(error: LedgerAway) -> CallError:
    return CallError(unavailable(f"Redis cannot be reached: {error}"))
