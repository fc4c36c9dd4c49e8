"""From a provider's problem to ledger state, gRPC status and LoreError."""

from typing import Any

import grpc
import pytest

from loresmith.jobs.core.errors import BY_CODE, CallFailed
from loresmith.lore_service.providers.errors import (
    CANCELLED,
    FENCED,
    CallError,
    CallFailure,
    ProviderProblem,
    VersionMismatch,
    cancelled,
    classify,
    fenced,
    invalid,
    unavailable,
    unknown,
)
from loresmith.lore_service.providers.usage import ProviderUsage
from loresmith.lore_service.servicer import METADATA, STATUS, abort, status_of
from loresmith.protos.lore.v1 import lore_pb2 as pb

NOT_BOUGHT = {
    "refused": (ProviderProblem("x", sent=False), "llm_unavailable", True),
    "429": (ProviderProblem("x", status=429, code="rate_limit_exceeded"), "llm_unavailable", True),
    "503": (ProviderProblem("x", status=503), "llm_unavailable", True),
    "quota": (ProviderProblem("x", status=429, code="insufficient_quota"), "llm_quota", False),
    "402": (ProviderProblem("x", status=402), "llm_quota", False),
} | {
    str(status): (ProviderProblem("x", status=status), "llm_error", False)
    for status in (307, 400, 401, 404, 409, 422)
}
MAY_BE_BOUGHT = {
    str(status): ProviderProblem("x", status=status) for status in (408, 500, 502, 504, 524)
} | {
    "cut": ProviderProblem("x"),
    "error in the stream": ProviderProblem("x", code="server_error"),
}


class Context:
    """Records how an RPC was aborted."""

    async def abort(self, *arguments: Any) -> None:
        self.status, self.details, self.metadata = arguments


async def aborted(failure: CallFailure) -> Context:
    context = Context()
    with pytest.raises(CallError):
        await abort(context, CallError(failure))
    return context


@pytest.mark.parametrize("name", NOT_BOUGHT)
def test_not_bought(name: str) -> None:
    """Given a rejection before any work / I expect the call released: it may be sent again."""
    problem, code, retryable = NOT_BOUGHT[name]

    verdict = classify(problem)

    assert (verdict.state, verdict.failure.code) == ("released", code)
    assert verdict.failure.retryable is retryable
    assert verdict.failure.may_be_bought is False


@pytest.mark.parametrize("name", MAY_BE_BOUGHT)
def test_may_be_bought(name: str) -> None:
    """Given an error after which the generation may be finished / I expect it never sent again."""
    verdict = classify(MAY_BE_BOUGHT[name])

    assert (verdict.state, verdict.failure.code) == ("unknown", "llm_outcome_unknown")
    assert verdict.failure.may_be_bought is True


def test_retry_after_is_passed_on() -> None:
    verdict = classify(ProviderProblem("x", status=429, retry_after_ms=1500))

    assert verdict.failure.as_message().retry_after_ms == 1500


def test_every_code_has_a_status() -> None:
    """Given every failure code / I expect a gRPC status that is not OK."""
    call_codes = {code for code, error in BY_CODE.items() if issubclass(error, CallFailed)}

    assert call_codes | {"timeout", "validation", "internal", CANCELLED, FENCED} == set(STATUS)
    assert grpc.StatusCode.OK not in STATUS.values()
    # A client that disconnects is CANCELLED too; no failure may look like it.
    assert grpc.StatusCode.CANCELLED not in STATUS.values()


def test_a_version_mismatch_is_a_failed_precondition() -> None:
    assert status_of(VersionMismatch("x")) is grpc.StatusCode.FAILED_PRECONDITION
    assert status_of(CallError(invalid("x"))) is grpc.StatusCode.INVALID_ARGUMENT


@pytest.mark.anyio
@pytest.mark.parametrize(
    "failure",
    [fenced(), cancelled(may_be_bought=True), unknown("Why"), unavailable("No"), invalid("No")],
)
async def test_a_failure_is_sent_as_metadata(failure: CallFailure) -> None:
    [(key, value)] = (await aborted(failure)).metadata

    error = pb.LoreError.FromString(value)
    assert key == METADATA
    assert (error.code, error.message) == (failure.code, failure.message)
    assert error.may_be_bought is failure.may_be_bought


@pytest.mark.anyio
async def test_long_texts_are_truncated() -> None:
    """Given more than gRPC can carry in an error / I expect its beginning, no character broken."""
    context = await aborted(CallFailure("llm_error", "é" * 9_000, text="🙂" * 9_000))

    [(_, value)] = context.metadata
    assert len(value) < 3_000
    assert context.details == "é" * 398 + "…"
    assert pb.LoreError.FromString(value).text == "🙂" * 499 + "…"


def test_a_failure_survives_in_a_row() -> None:
    """Given a failure in the ledger / when another process reads it / I expect the same one."""
    failure = CallFailure("llm_unavailable", "busy", retryable=True, retry_after_ms=700)
    row = {"error": failure.as_json(), "text": "Once", "usage": ProviderUsage(1, 2).as_json()}

    read = CallFailure.of_row(row, unknown())

    assert (read.code, read.retry_after_ms) == ("llm_unavailable", 700)
    assert (read.text, read.usage) == ("Once", ProviderUsage(1, 2))


def test_a_reaped_row_has_the_default_failure() -> None:
    read = CallFailure.of_row({"state": "unknown", "text": "Once"}, unknown())

    assert (read.code, read.text, read.usage) == ("llm_outcome_unknown", "Once", None)
