"""The one table: what the provider's word means for the ledger, for gRPC and for the worker."""

import grpc
import pytest

from jobs.errors import BY_CODE, CallFailed
from lore_service.status import (
    CANCELLED,
    FENCED,
    METADATA,
    STATUS,
    CallError,
    Failure,
    ProviderProblem,
    cancelled,
    fenced,
    invalid,
    unavailable,
    unknown,
    verdict,
)
from lore_service.usage import Usage
from protos.lore.v1 import lore_pb2 as pb

NOT_BOUGHT = {
    "refused": (ProviderProblem("x", sent=False), "llm_unavailable", True),
    "429": (ProviderProblem("x", status=429, code="rate_limit_exceeded"), "llm_unavailable", True),
    "503": (ProviderProblem("x", status=503), "llm_unavailable", True),
    "quota": (ProviderProblem("x", status=429, code="insufficient_quota"), "llm_quota", False),
    "402": (ProviderProblem("x", status=402), "llm_quota", False),
    "400": (ProviderProblem("x", status=400), "llm_error", False),
    "401": (ProviderProblem("x", status=401), "llm_error", False),
    "404": (ProviderProblem("x", status=404), "llm_error", False),
    "409": (ProviderProblem("x", status=409), "llm_error", False),
    "422": (ProviderProblem("x", status=422), "llm_error", False),
    "307": (ProviderProblem("x", status=307), "llm_error", False),
}
MAY_BE_BOUGHT = {
    "408": ProviderProblem("x", status=408),
    "500": ProviderProblem("x", status=500),
    "502": ProviderProblem("x", status=502),
    "504": ProviderProblem("x", status=504),
    "524": ProviderProblem("x", status=524),
    "cut": ProviderProblem("x"),
    "an error in the stream": ProviderProblem("x", code="server_error"),
}


@pytest.mark.parametrize("name", NOT_BOUGHT)
def test_not_bought(name: str) -> None:
    """Given a refusal before any work / I expect the call released: it may be sent again."""
    problem, code, retryable = NOT_BOUGHT[name]

    found = verdict(problem)

    assert (found.state, found.failure.code) == ("released", code)
    assert found.failure.retryable is retryable
    assert found.failure.may_be_bought is False


@pytest.mark.parametrize("name", MAY_BE_BOUGHT)
def test_may_be_bought(name: str) -> None:
    """Given an error behind which a finished generation may lie / I expect it never sent again."""
    found = verdict(MAY_BE_BOUGHT[name])

    assert (found.state, found.failure.code) == ("unknown", "llm_outcome_unknown")
    assert found.failure.may_be_bought is True


def test_when_to_ask_again_is_passed_on() -> None:
    told = verdict(ProviderProblem("x", status=429, retry_after_ms=1500))

    assert told.failure.as_message().retry_after_ms == 1500


def test_every_code_has_a_status() -> None:
    """Given every way in which a call can end / I expect a gRPC status that is not OK."""
    calls = {code for code, error in BY_CODE.items() if issubclass(error, CallFailed)}

    assert calls | {"timeout", "validation", "internal", CANCELLED, FENCED} == set(STATUS)
    assert grpc.StatusCode.OK not in STATUS.values()
    # A client that goes away is CANCELLED too; nothing of ours may look like it.
    assert grpc.StatusCode.CANCELLED not in STATUS.values()


@pytest.mark.parametrize(
    "failure",
    [fenced(), cancelled(may_be_bought=True), unknown("Why"), unavailable("No"), invalid("No")],
)
def test_a_failure_travels(failure: Failure) -> None:
    """Given a failure / when it is an error of gRPC / I expect all of it in the metadata."""
    [(key, value)] = CallError(failure).metadata

    told = pb.LoreError.FromString(value)
    assert key == METADATA
    assert (told.code, told.message, told.may_be_bought) == (
        failure.code,
        failure.message,
        failure.may_be_bought,
    )


def test_long_words_are_shortened() -> None:
    """Given more than gRPC can carry in an error / I expect its beginning, no letter broken."""
    failure = Failure("llm_error", "é" * 9_000, text="🙂" * 9_000)

    error = CallError(failure)

    [(_, value)] = error.metadata
    assert len(value) < 3_000
    assert error.details == "é" * 398 + "…"
    assert pb.LoreError.FromString(value).text == "🙂" * 499 + "…"


def test_a_failure_survives_in_a_row() -> None:
    """Given a failure in the ledger / when another process reads it / I expect the same one."""
    failure = Failure("llm_unavailable", "busy", retryable=True, retry_after_ms=700)
    row = {"error": failure.as_json(), "text": "Once", "usage": Usage(1, 2).as_json()}

    read = Failure.of_row(row, unknown())

    assert (read.code, read.retry_after_ms, read.text, read.usage) == (
        "llm_unavailable",
        700,
        "Once",
        Usage(1, 2),
    )


def test_a_row_without_a_word() -> None:
    """Given a row that a reaper gave up / I expect its text, and that nobody can know."""
    read = Failure.of_row({"state": "unknown", "text": "Once"}, unknown())

    assert (read.code, read.text, read.usage) == ("llm_outcome_unknown", "Once", None)
