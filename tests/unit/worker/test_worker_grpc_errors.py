"""gRPC errors become job errors."""

from typing import Any

import grpc
import pytest
from grpc.aio import AioRpcError, Metadata

from loresmith.jobs.core import errors
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.worker.model_client.grpc_errors import (
    is_connection_lost,
    to_job_error,
)

Status = grpc.StatusCode


def grpc_error(status: grpc.StatusCode, code: str = "", **fields: Any) -> AioRpcError:
    error = pb.LoreError(code=code, message="the message", **fields)
    trailing = [("lore-error-bin", error.SerializeToString())] if code else []
    return AioRpcError(status, Metadata(), Metadata(("x", "y"), *trailing), details="details")


@pytest.mark.parametrize("error", errors.BY_CODE.values())
def test_each_code_becomes_its_job_error(error: type[errors.JobError]) -> None:
    job_error = to_job_error(
        grpc_error(Status.ABORTED, error.code, retryable=True, may_be_bought=True)
    )

    assert type(job_error) is error
    assert str(job_error) == "the message"
    assert job_error.as_detail()["retryable"] is True
    assert job_error.as_detail()["may_be_bought"] is True


@pytest.mark.parametrize(
    ("code", "stop"), [("cancelled", errors.CancelRequested), ("fenced", errors.JobLost)]
)
def test_a_stopped_call_is_not_a_failure(code: str, stop: type[errors.JobStopped]) -> None:
    assert type(to_job_error(grpc_error(Status.ABORTED, code))) is stop


def test_an_unknown_code_is_a_failed_call() -> None:
    assert type(to_job_error(grpc_error(Status.ABORTED, "llm_moody"))) is errors.CallFailed


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (Status.DEADLINE_EXCEEDED, errors.TimedOut),
        (Status.UNAVAILABLE, errors.ServiceUnavailable),
        (Status.UNAUTHENTICATED, errors.ServiceUnavailable),
        (Status.FAILED_PRECONDITION, errors.InternalError),
        (Status.UNKNOWN, errors.CallFailed),
    ],
)
def test_a_status_without_code_becomes_a_job_error(
    status: grpc.StatusCode, error: type[errors.JobError]
) -> None:
    assert type(to_job_error(grpc_error(status))) is error


def test_an_error_with_details_is_not_a_lost_connection() -> None:
    assert is_connection_lost(grpc_error(Status.UNAVAILABLE))
    assert not is_connection_lost(grpc_error(Status.UNAVAILABLE, "llm_unavailable"))


@pytest.mark.parametrize(
    ("status", "details", "is_lost"),
    [
        (Status.INTERNAL, "Received RST_STREAM with error code 2", True),
        (Status.UNKNOWN, "Stream removed", True),
        (Status.UNKNOWN, "Unexpected <class 'KeyError'>: 'x'", False),
    ],
)
def test_a_stream_that_a_proxy_broke_is_a_lost_connection(
    status: Status, details: str, is_lost: bool
) -> None:
    error = AioRpcError(status, Metadata(), Metadata(), details=details)

    assert is_connection_lost(error) is is_lost


def test_what_the_job_waits_for_is_read_from_the_error() -> None:
    refused = to_job_error(
        grpc_error(
            Status.UNAVAILABLE,
            "llm_unavailable",
            retryable=True,
            retry_after_ms=1_500,
            waiting_phase="rate_limited",
        )
    )

    assert isinstance(refused, errors.ServiceUnavailable)
    assert refused.detail["retry_after_ms"] == 1_500
    assert refused.detail["waiting_phase"] == "rate_limited"


def test_a_lore_service_without_the_rpc_is_of_another_version() -> None:
    refused = to_job_error(grpc_error(Status.UNIMPLEMENTED))

    assert isinstance(refused, errors.ServiceUnavailable)
    assert refused.detail["waiting_phase"] == "waiting_version"
