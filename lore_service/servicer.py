"""Implements the RPCs of protos/lore/v1/lore.proto."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NoReturn

import grpc

from loresmith.jobs.core.errors import (
    CallFailed,
    CallRefused,
    CostLimitReached,
    InternalError,
    NotCached,
    OutcomeUnknown,
    OutputUnusable,
    QuotaExhausted,
    ServiceUnavailable,
    TimedOut,
    ValidationFailed,
)
from loresmith.jobs.core.logs import get_logger
from loresmith.jobs.core.outage_log import REDIS_OUTAGE
from loresmith.jobs.core.settings.providers import ProviderTable
from loresmith.lore_service.calls.call_registry import CallRegistry
from loresmith.lore_service.calls.call_request import CallRequest
from loresmith.lore_service.calls.stream_encoder import STATES, StreamEncoder
from loresmith.lore_service.ledger.ledger import CallId, LedgerUnavailable
from loresmith.lore_service.providers.errors import (
    CANCELLED,
    FENCED,
    MAX_MESSAGE_BYTES,
    CallError,
    VersionMismatch,
    invalid,
    truncated,
    unavailable,
)
from loresmith.lore_service.providers.usage import ProviderUsage
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.protos.lore.v1 import lore_pb2_grpc

log = get_logger(__name__)

METADATA = "lore-error-bin"
"""The trailing metadata that carries a LoreError."""

STATUS: dict[str, grpc.StatusCode] = {
    CANCELLED: grpc.StatusCode.ABORTED,
    FENCED: grpc.StatusCode.FAILED_PRECONDITION,
    ValidationFailed.code: grpc.StatusCode.INVALID_ARGUMENT,
    TimedOut.code: grpc.StatusCode.DEADLINE_EXCEEDED,
    CallFailed.code: grpc.StatusCode.UNKNOWN,
    CallRefused.code: grpc.StatusCode.PERMISSION_DENIED,
    QuotaExhausted.code: grpc.StatusCode.RESOURCE_EXHAUSTED,
    OutputUnusable.code: grpc.StatusCode.OUT_OF_RANGE,
    NotCached.code: grpc.StatusCode.NOT_FOUND,
    CostLimitReached.code: grpc.StatusCode.FAILED_PRECONDITION,
    OutcomeUnknown.code: grpc.StatusCode.DATA_LOSS,
    ServiceUnavailable.code: grpc.StatusCode.UNAVAILABLE,
    InternalError.code: grpc.StatusCode.INTERNAL,
}
"""The gRPC status of each failure code."""


class LoreServicer(lore_pb2_grpc.LoreServiceServicer):
    """Turns messages into requests to the call registry, and its replies into messages."""

    def __init__(self, calls: CallRegistry, providers: ProviderTable) -> None:
        self._calls = calls
        self._providers = providers

    async def Generate(
        self, request: pb.GenerateRequest, context: Any
    ) -> AsyncIterator[pb.GenerateResponse]:
        try:
            call_request = CallRequest.of(request, self._providers)
            time_left_s = context.time_remaining() or 0.0
            call, started = await self._calls.attach_or_start(call_request, time_left_s)
            encoder = StreamEncoder(call_request.spec.items, started=started)
            async for entries in call.call_log.follow():
                for message in encoder.encode(entries):
                    yield message
            for message in encoder.encode_result(await asyncio.shield(call.task)):
                yield message
        except CallError as error:
            await abort(context, error)

    async def Cancel(self, request: pb.CancelRequest, context: Any) -> pb.CancelResponse:
        call_id = await _parse_call_id(request.call_id, context)
        log.info("cancelling a call", call_id=str(call_id))
        try:
            state = await self._calls.cancel(call_id)
        except LedgerUnavailable as error:
            await abort(context, _redis_unavailable(error))
        return pb.CancelResponse(state=STATES[state])

    async def Lookup(self, request: pb.LookupRequest, context: Any) -> pb.LookupResponse:
        call_id = await _parse_call_id(request.call_id, context)
        try:
            row = await self._calls.lookup(call_id)
        except LedgerUnavailable as error:
            await abort(context, _redis_unavailable(error))
        usage = ProviderUsage.of_row(row)
        return pb.LookupResponse(
            state=STATES[row.get("state", "absent")],
            model=row.get("model", ""),
            text=row.get("text", ""),
            usage=usage.as_message() if usage else None,
        )


def status_of(error: CallError) -> grpc.StatusCode:
    if isinstance(error, VersionMismatch):
        return grpc.StatusCode.FAILED_PRECONDITION
    return STATUS.get(error.failure.code, grpc.StatusCode.UNKNOWN)


async def abort(context: Any, error: CallError) -> NoReturn:
    """Ends an RPC with the status and the LoreError of a failure."""
    details = truncated(error.failure.message, MAX_MESSAGE_BYTES)
    metadata = ((METADATA, error.failure.as_message().SerializeToString()),)
    await context.abort(status_of(error), details, metadata)
    raise error  # abort raises; this is for the type checker


async def _parse_call_id(call_id: str, context: Any) -> CallId:
    try:
        return CallId.parse(call_id)
    except ValueError as error:
        await abort(context, CallError(invalid(str(error))))


def _redis_unavailable(error: LedgerUnavailable) -> CallError:
    REDIS_OUTAGE.failed(error)
    return CallError(unavailable("Redis is unavailable. Retry later."))
