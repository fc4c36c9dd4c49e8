"""What a gRPC error means for a job."""

import grpc.aio

from jobs.errors import (
    BY_CODE,
    CallFailed,
    Internal,
    JobCancelled,
    JobError,
    JobLost,
    JobStopped,
    ServiceUnavailable,
    TimedOut,
)
from protos.lore.v1 import lore_pb2 as pb

METADATA = "lore-error-bin"
STOPPED: dict[str, type[JobStopped]] = {"cancelled": JobCancelled, "fenced": JobLost}
"""Codes of the lore_service that are no failures: the job was told to stop, or is another's."""
BY_STATUS: dict[grpc.StatusCode, type[JobError]] = {
    grpc.StatusCode.DEADLINE_EXCEEDED: TimedOut,
    grpc.StatusCode.UNAVAILABLE: ServiceUnavailable,
    grpc.StatusCode.FAILED_PRECONDITION: Internal,
    grpc.StatusCode.INVALID_ARGUMENT: Internal,
    grpc.StatusCode.UNIMPLEMENTED: Internal,
}
"""What a status means that comes without a LoreError; any other is CallFailed."""
CONNECTION_LOST = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED)


def lore_error_of(error: grpc.aio.AioRpcError) -> pb.LoreError | None:
    """What the lore_service itself says about a failed call; None when it said nothing."""
    for key, value in error.trailing_metadata() or ():
        if key == METADATA and isinstance(value, bytes):
            return pb.LoreError.FromString(value)
    return None


def is_connection_lost(error: grpc.aio.AioRpcError) -> bool:
    """Whether nobody answered: the lore_service is away, or went away. It may be asked again."""
    return error.code() in CONNECTION_LOST and lore_error_of(error) is None


def may_ask_again(error: grpc.aio.AioRpcError) -> bool:
    """Whether asking again soon is right: nobody answered, or nothing could be bought yet."""
    told = lore_error_of(error)
    if told is None:
        return is_connection_lost(error)
    not_now = told.code == ServiceUnavailable.code and told.retryable
    return not_now and not told.may_be_bought


def seconds_asked_for(error: grpc.aio.AioRpcError) -> float:
    """How long the provider wants to be left alone; 0 when it did not say."""
    told = lore_error_of(error)
    return told.retry_after_ms / 1000 if told else 0.0


def fault_of(error: grpc.aio.AioRpcError) -> JobError | JobStopped:
    """The error of the job that a failed call means."""
    if told := lore_error_of(error):
        return _told(told)
    fault = BY_STATUS.get(error.code(), CallFailed)
    if fault is TimedOut:
        return TimedOut()
    return fault(f"The lore service answered {error.code().name}: {error.details()}")


def _told(told: pb.LoreError) -> JobError | JobStopped:
    if stopped := STOPPED.get(told.code):
        return stopped(told.message)
    return BY_CODE.get(told.code, CallFailed)(
        told.message or None,
        retryable=told.retryable,
        may_be_bought=told.may_be_bought,
        retry_after_ms=told.retry_after_ms or None,
    )
