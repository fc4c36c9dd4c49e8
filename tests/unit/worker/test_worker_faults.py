"""What an error on the wire means for the job."""

from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from jobs import errors
from protos.lore.v1 import lore_pb2 as pb
from worker.faults import fault_of, is_connection_lost, may_ask_again, seconds_asked_for

Status = grpc.StatusCode


def wire(status: grpc.StatusCode, code: str = "", **told: Any) -> AioRpcError:
    error = pb.LoreError(code=code, message="told so", **told)
    trailing = [("lore-error-bin", error.SerializeToString())] if code else []
    return AioRpcError(status, Metadata(), Metadata(("x", "y"), *trailing), details="details")


@pytest.mark.parametrize("error", errors.BY_CODE.values())
def test_a_code_is_the_job_s_error(error: type[errors.JobError]) -> None:
    fault = fault_of(wire(Status.ABORTED, error.code, retryable=True, may_be_bought=True))

    assert type(fault) is error
    assert str(fault) == "told so"
    assert fault.as_detail()["retryable"] is True
    assert fault.as_detail()["may_be_bought"] is True


@pytest.mark.parametrize(
    ("code", "stop"), [("cancelled", errors.JobCancelled), ("fenced", errors.JobLost)]
)
def test_being_stopped_is_no_failure(code: str, stop: type[errors.JobStopped]) -> None:
    assert type(fault_of(wire(Status.ABORTED, code))) is stop


def test_a_code_of_the_future_is_a_failed_call() -> None:
    assert type(fault_of(wire(Status.ABORTED, "llm_moody"))) is errors.CallFailed


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status.DEADLINE_EXCEEDED, errors.TimedOut),
        (Status.UNAVAILABLE, errors.ServiceUnavailable),
        (Status.FAILED_PRECONDITION, errors.Internal),
        (Status.UNKNOWN, errors.CallFailed),
    ],
)
def test_a_bare_status_means_something_too(
    status: grpc.StatusCode, error: type[errors.JobError]
) -> None:
    assert type(fault_of(wire(status))) is error


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (wire(Status.UNAVAILABLE), True),
        (wire(Status.CANCELLED), True),
        (wire(Status.UNAVAILABLE, "llm_unavailable", retryable=True), True),
        (wire(Status.UNAVAILABLE, "llm_unavailable", retryable=True, may_be_bought=True), False),
        (wire(Status.UNAVAILABLE, "llm_quota"), False),
        (wire(Status.DEADLINE_EXCEEDED), False),
        (wire(Status.UNKNOWN), False),
        (wire(Status.DATA_LOSS, "llm_outcome_unknown", retryable=True), False),
    ],
)
def test_only_what_was_not_bought_is_asked_for_again(error: AioRpcError, again: bool) -> None:
    assert may_ask_again(error) is again


def test_a_service_that_answers_is_not_away() -> None:
    assert is_connection_lost(wire(Status.UNAVAILABLE))
    assert not is_connection_lost(wire(Status.UNAVAILABLE, "llm_unavailable"))


def test_the_provider_may_ask_for_time() -> None:
    assert (
        seconds_asked_for(wire(Status.UNAVAILABLE, "llm_unavailable", retry_after_ms=1_500)) == 1.5
    )
    assert seconds_asked_for(wire(Status.UNAVAILABLE)) == 0
