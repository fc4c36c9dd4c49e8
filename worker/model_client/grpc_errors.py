"""Converts gRPC errors to job errors."""

import re

import grpc.aio

from loresmith.jobs.core.errors import (
    BY_CODE,
    CallFailed,
    CancelRequested,
    InternalError,
    JobError,
    JobLost,
    JobStopped,
    ServiceUnavailable,
    TimedOut,
)
from loresmith.jobs.core.status import Phase
from loresmith.protos.lore.v1 import lore_pb2 as pb

METADATA_KEY = "lore-error-bin"
STOP_CODES: dict[str, type[JobStopped]] = {"cancelled": CancelRequested, "fenced": JobLost}
"""Codes of the lore_service for a call that was stopped: cancelled, or owned by another worker."""
BY_STATUS: dict[grpc.StatusCode, type[JobError]] = {
    grpc.StatusCode.DEADLINE_EXCEEDED: TimedOut,
    grpc.StatusCode.UNAVAILABLE: ServiceUnavailable,
    grpc.StatusCode.UNAUTHENTICATED: ServiceUnavailable,
    grpc.StatusCode.FAILED_PRECONDITION: InternalError,
    grpc.StatusCode.INVALID_ARGUMENT: InternalError,
}
"""Job errors of a status without a LoreError; any other status is CallFailed."""
CONNECTION_LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)
STREAM_BROKEN = (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)
BROKEN_STREAM = re.compile(
    "RST_STREAM|stream removed|goaway|bad gateway|http status", re.IGNORECASE
)
"""What gRPC says with these codes when a proxy before the lore_service has lost it."""


def lore_error_of(error: grpc.aio.AioRpcError) -> pb.LoreError | None:
    """Returns the lore_service's own description of a failed call, if it sent one."""
    for key, value in error.trailing_metadata() or ():
        if key == METADATA_KEY and isinstance(value, bytes):
            return pb.LoreError.FromString(value)
    return None


def is_connection_lost(error: grpc.aio.AioRpcError) -> bool:
    """Whether the lore_service was unreachable, or disappeared during the call."""
    is_broken = error.code() in STREAM_BROKEN and BROKEN_STREAM.search(error.details() or "")
    return (error.code() in CONNECTION_LOST or bool(is_broken)) and lore_error_of(error) is None


def to_job_error(error: grpc.aio.AioRpcError) -> JobError | JobStopped:
    """Converts the error of a failed call to the error of its job."""
    if lore_error := lore_error_of(error):
        return _from_lore_error(lore_error)
    job_error = BY_STATUS.get(error.code(), CallFailed)
    if job_error is TimedOut:
        return TimedOut()
    message = f"The lore service answered {error.code().name}: {error.details()}"
    if error.code() is grpc.StatusCode.UNIMPLEMENTED:
        return ServiceUnavailable(message, waiting_phase=Phase.WAITING_VERSION)
    return job_error(message)


def _from_lore_error(error: pb.LoreError) -> JobError | JobStopped:
    if stopped := STOP_CODES.get(error.code):
        return stopped(error.message)
    return BY_CODE.get(error.code, CallFailed)(
        error.message or None,
        retryable=error.retryable,
        may_be_bought=error.may_be_bought,
        retry_after_ms=error.retry_after_ms or None,
        reopens_ms=error.reopens_ms or None,
        waiting_phase=error.waiting_phase or None,
    )
