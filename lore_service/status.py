"""What can go wrong with a call: the one table from the provider's word to a row of the ledger, to
a gRPC status and to what the worker is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import grpc
from pydantic_core import from_json, to_json

from jobs.errors import (
    CallFailed,
    CallRefused,
    Internal,
    JobError,
    NotCached,
    OutcomeUnknown,
    OutputUnusable,
    QuotaExhausted,
    ServiceUnavailable,
    TimedOut,
    ValidationFailed,
)
from lore_service.usage import Usage
from protos.lore.v1 import lore_pb2 as pb

METADATA = "lore-error-bin"
"""Trailing metadata in which a LoreError travels."""

MOST_WORDS, MOST_TEXT = 800, 2_000
"""Bytes of a message and of a text in an error. gRPC drops a stream whose metadata is above 8 KiB,
encoding included; the whole text comes as deltas, and from Lookup.
"""

CANCELLED = "cancelled"
"""Code: somebody had the call, or its job, stopped."""
FENCED = "fenced"
"""Code: the job is another attempt's now, or over."""

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
    OutcomeUnknown.code: grpc.StatusCode.DATA_LOSS,
    ServiceUnavailable.code: grpc.StatusCode.UNAVAILABLE,
    Internal.code: grpc.StatusCode.INTERNAL,
}
"""The gRPC status of each code that a LoreError may carry."""


@dataclass(frozen=True)
class Failure:
    """Why a call has no result, and what its asker is told about it."""

    code: str
    message: str
    retryable: bool = False
    may_be_bought: bool = False
    retry_after_ms: int = 0
    text: str = ""
    usage: Usage | None = None
    status: grpc.StatusCode | None = None
    """Where it is not the one of `code`."""

    @classmethod
    def of(cls, error: type[JobError], message: str | None = None, **more: Any) -> Self:
        """One of the errors of jobs.errors; its docstring is its message when none is given."""
        words = message or str(error())
        return cls(error.code, words, **({"retryable": error.retryable} | more))

    @classmethod
    def of_row(cls, row: Mapping[str, str], otherwise: "Failure") -> "Failure":
        """What a row of the ledger says went wrong, with the text and usage that it keeps."""
        known = cls(**from_json(row["error"])) if row.get("error") else otherwise
        return replace(known, text=row.get("text", ""), usage=Usage.of_row(row))

    def as_json(self) -> str:
        """The `error` of a row. Text and usage are fields of their own there."""
        names = ("code", "message", "retryable", "may_be_bought", "retry_after_ms")
        return to_json({name: getattr(self, name) for name in names}).decode()

    def as_message(self) -> pb.LoreError:
        return pb.LoreError(
            code=self.code,
            message=shortened(self.message, MOST_WORDS),
            retryable=self.retryable,
            may_be_bought=self.may_be_bought,
            retry_after_ms=self.retry_after_ms,
            text=shortened(self.text, MOST_TEXT),
            usage=self.usage.as_message() if self.usage else None,
        )


class CallError(Exception):
    """A call ended without a result. Carries its Failure."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure

    @property
    def status(self) -> grpc.StatusCode:
        return self.failure.status or STATUS.get(self.failure.code, grpc.StatusCode.UNKNOWN)

    @property
    def details(self) -> str:
        return shortened(self.failure.message, MOST_WORDS)

    @property
    def metadata(self) -> tuple[tuple[str, bytes], ...]:
        return ((METADATA, self.failure.as_message().SerializeToString()),)


def shortened(text: str, most: int) -> str:
    """The beginning of a text that fits into `most` bytes of UTF-8, with … when it is cut."""
    coded = text.encode()
    return text if len(coded) <= most else coded[: most - 3].decode(errors="ignore") + "…"


@dataclass
class ProviderProblem(Exception):
    """The provider did not answer as it should; the facts, without a verdict."""

    message: str
    status: int | None = None
    """HTTP status; None when there was no answer, or it broke off."""
    sent: bool = True
    """False: it is certain that no request has reached the provider."""
    code: str = ""
    retry_after_ms: int = 0


@dataclass(frozen=True)
class Verdict:
    """What a problem means: how the row is settled, and what the asker is told."""

    state: Literal["released", "unknown"]
    failure: Failure


def verdict(problem: ProviderProblem) -> Verdict:
    """Whether a problem means that nothing was bought, or that nobody can know."""
    match problem:
        case ProviderProblem(sent=False):
            return _released(problem, ServiceUnavailable)
        case ProviderProblem(status=429, code="insufficient_quota" | "billing_hard_limit_reached"):
            return _released(problem, QuotaExhausted)
        case ProviderProblem(status=402):
            return _released(problem, QuotaExhausted)
        case ProviderProblem(status=429 | 503):
            return _released(problem, ServiceUnavailable)
        case ProviderProblem(status=int(status)) if 300 <= status < 500 and status != 408:
            return _released(problem, CallFailed, retryable=False)
        case _:
            # 408, 5xx, a break after sending: a finished generation may lie behind any of them.
            return Verdict("unknown", unknown(problem.message))


def unknown(why: str = "") -> Failure:
    """The call may have been bought, and its answer is lost. Text and usage come with the row."""
    message = f"{why.rstrip('.')}. {OutcomeUnknown()}" if why else None
    return Failure.of(OutcomeUnknown, message, may_be_bought=True)


def _released(problem: ProviderProblem, error: type[JobError], **more: Any) -> Verdict:
    told = Failure.of(error, problem.message, retry_after_ms=problem.retry_after_ms, **more)
    return Verdict("released", told)


def fenced() -> Failure:
    """The asker is not the one that runs the job any more."""
    return Failure(FENCED, "The job is over, or another attempt runs it now; nothing was bought.")


def cancelled(*, may_be_bought: bool) -> Failure:
    """Somebody had the call stopped, or its job."""
    return Failure(CANCELLED, "The call was stopped on request.", may_be_bought=may_be_bought)


def unavailable(message: str) -> Failure:
    """Nothing was bought, and later it may work."""
    return Failure.of(ServiceUnavailable, message)


def invalid(message: str) -> Failure:
    """The request itself is wrong; asking again does not help."""
    return Failure.of(ValidationFailed, message)
