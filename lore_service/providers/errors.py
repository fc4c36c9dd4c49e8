"""The errors of a model call, and the rule from a provider's problem to a ledger state.

ProviderProblem    the provider failed: facts only
CallError          a call ended without a result; carries a CallFailure
    VersionMismatch    this lore_service does not know the worker's version of a model call
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from pydantic_core import from_json, to_json

from loresmith.jobs.core.duration import in_words
from loresmith.jobs.core.errors import (
    CallFailed,
    JobError,
    OutcomeUnknown,
    QuotaExhausted,
    ServiceUnavailable,
    ValidationFailed,
)
from loresmith.jobs.core.status import Phase
from loresmith.lore_service.providers.rate_limits import RateLimit
from loresmith.lore_service.providers.usage import ProviderUsage
from loresmith.protos.lore.v1 import lore_pb2 as pb

MAX_MESSAGE_BYTES, MAX_TEXT_BYTES = 800, 2_000
"""gRPC drops a stream whose metadata exceeds 8 KiB, encoding included. The whole text is in the
deltas and in Lookup."""

MAX_RETRY_AFTER_MS = 3_600_000
"""A provider that asks for a longer pause fails the call."""
QUOTA_CODES = (
    *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"),
    *("insufficient_balance", "insufficient_credits", "payment_required"),
)
RATE_LIMIT_CODES = ("rate_limit_exceeded", "rate_limit_error", "rate_limited", "too_many_requests")
BUSY_CODES = (
    *RATE_LIMIT_CODES,
    *("overloaded", "overloaded_error", "server_overloaded", "engine_overloaded"),
    *("service_unavailable", "unavailable", "resource_exhausted", "capacity_exceeded"),
)
"""Codes of a provider that is busy, in lower case."""
BUSY_STATUSES = (429, 503, 529)
UNREACHED_STATUSES = (521, 523, 525, 526, 530)
"""Statuses of a content delivery network that found no connection to the provider's server."""
TOO_LARGE = re.compile(r"request too large|\btokens must be reduced", re.IGNORECASE)
"""Words of a limit that the request alone exceeds, so that waiting does not help."""

AWAY_STATUSES = (401, 402, 403, 404, 405)
"""Statuses of a wrong key, an account without credit, a missing model or address."""
MISSING_MODEL = re.compile(
    r"model\b.{0,80}\bnot (be )?(found|exist)|does not exist|(no such|unknown|invalid) model",
    re.IGNORECASE | re.DOTALL,
)

CANCELLED = "cancelled"
"""Code: the call or its job was cancelled."""
FENCED = "fenced"
"""Code: the job has ended, or another attempt runs it."""


@dataclass(frozen=True)
class CallFailure:
    """Why a call has no result, as its callers and the ledger see it."""

    code: str
    message: str
    retryable: bool = False
    may_be_bought: bool = False
    """False: certainly nothing was bought."""
    retry_after_ms: int = 0
    reopens_ms: int = 0
    """When our own limit has room again; 0: it does not say."""
    text: str = ""
    usage: ProviderUsage | None = None
    waiting_phase: str = ""
    """The phase of a job that waits until the fault has passed; empty: that of the code."""
    may_try_another: bool = False
    """Whether another model may take the request: this one is away, and nothing was bought."""

    @classmethod
    def of(cls, error: type[JobError], message: str | None = None, **fields: Any) -> Self:
        """Makes the failure of a job error; its docstring is the default message."""
        text = message or str(error())
        return cls(error.code, text, **({"retryable": error.retryable} | fields))

    @classmethod
    def of_row(cls, row: Mapping[str, str], default: "CallFailure") -> "CallFailure":
        """Reads the error, text and usage of a ledger row."""
        failure = cls(**from_json(row["error"])) if row.get("error") else default
        return replace(failure, text=row.get("text", ""), usage=ProviderUsage.of_row(row))

    def as_json(self) -> str:
        """Returns the `error` of a ledger row; text and usage are fields of their own there."""
        names = ("code", "message", "retryable", "may_be_bought", "retry_after_ms", "waiting_phase")
        another = {"may_try_another": True} if self.may_try_another else {}
        return to_json({name: getattr(self, name) for name in names} | another).decode()

    def as_message(self) -> pb.LoreError:
        return pb.LoreError(
            code=self.code,
            message=truncated(self.message, MAX_MESSAGE_BYTES),
            retryable=self.retryable,
            may_be_bought=self.may_be_bought,
            retry_after_ms=self.retry_after_ms,
            reopens_ms=self.reopens_ms,
            text=truncated(self.text, MAX_TEXT_BYTES),
            usage=self.usage.as_message() if self.usage else None,
            waiting_phase=self.waiting_phase,
        )


class CallError(Exception):
    """A call ended without a result."""

    def __init__(self, failure: CallFailure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class VersionMismatch(CallError):
    """This lore_service does not know the model call, or another version of it."""

    def __init__(self, name: str) -> None:
        message = (
            f"The lore service does not know the worker's version of model call {name!r}. "
            "Run both from the same release."
        )
        phase = Phase.WAITING_VERSION
        super().__init__(replace(unavailable(message), waiting_phase=phase))


def truncated(text: str, max_bytes: int) -> str:
    """Cuts a text to a number of UTF-8 bytes and marks the cut with …."""
    encoded = text.encode()
    if len(encoded) <= max_bytes:
        return text
    return encoded[: max_bytes - 3].decode(errors="ignore") + "…"


@dataclass
class ProviderProblem(Exception):
    """The provider failed."""

    message: str
    status: int | None = None
    """HTTP status; None when there was no response, or it broke off."""
    sent: bool = True
    """False: the request certainly did not reach the provider. With a status we refuse it: the
    provider has no form for it.
    """
    no_completion: bool = False
    """Whether it answered 200 with something else than a completion, which is not bought."""
    code: str = ""
    retry_after_ms: int = 0
    limits: tuple[RateLimit, ...] = ()
    """What the headers of the answer say."""


def is_model_away(problem: ProviderProblem) -> bool:
    """Whether the model cannot be used now, or by this account, and another one may.

    Not after a request that the provider found wrong: another provider would be sent the same.
    """
    if not problem.sent or problem.status in AWAY_STATUSES or problem.code in QUOTA_CODES:
        return True
    is_rejection = problem.status is not None and 400 <= problem.status < 500
    return is_busy(problem) or bool(is_rejection and MISSING_MODEL.search(problem.message))


@dataclass(frozen=True)
class FailureVerdict:
    """The ledger state and the failure that a problem leads to."""

    state: Literal["released", "unknown"]
    failure: CallFailure


def is_busy(problem: ProviderProblem) -> bool:
    """Whether the provider says that it did not take the request, and may take it later.

    Its words count with any status, except those of a request that it took for too long, or that
    is larger than its limit.
    """
    if problem.status == 413 or TOO_LARGE.search(problem.message):
        return False
    if problem.status in (*BUSY_STATUSES, *UNREACHED_STATUSES):
        return True
    is_answer = problem.no_completion or problem.status not in (None, 408, 504)
    return is_answer and problem.code in BUSY_CODES


def classify(problem: ProviderProblem) -> FailureVerdict:
    """Decides whether a problem proves that nothing was bought."""
    match problem:
        case ProviderProblem(sent=False, status=int()):
            return _released(problem, CallFailed, retryable=False)
        case ProviderProblem(sent=False):
            return _released(problem, ServiceUnavailable)
        case ProviderProblem(status=429 | None, code=code) if code in QUOTA_CODES:
            return _released(problem, QuotaExhausted)
        case ProviderProblem(status=402):
            return _released(problem, QuotaExhausted)
        case _ if is_busy(problem):
            return _wait(problem)
        case ProviderProblem(no_completion=True):
            return _released(problem, CallFailed)
        case ProviderProblem(status=int(status)) if 300 <= status < 500 and status != 408:
            return _released(problem, CallFailed, retryable=False)
        case _:
            # After a 408, a 5xx or a broken stream the generation may have been finished.
            return FailureVerdict("unknown", unknown(problem.message))


def _wait(problem: ProviderProblem) -> FailureVerdict:
    """Releases a call that may be sent again, unless the provider asks for a very long pause."""
    if problem.retry_after_ms <= MAX_RETRY_AFTER_MS:
        is_limit = problem.status == 429 or problem.code in RATE_LIMIT_CODES
        phase = Phase.RATE_LIMITED if is_limit else Phase.WAITING_PROVIDER
        return _released(problem, ServiceUnavailable, waiting_phase=phase)
    pause = in_words(problem.retry_after_ms / 1000)
    message = f"{problem.message} It can be asked again in {pause}."
    failure = replace(problem, message=message, retry_after_ms=MAX_RETRY_AFTER_MS)
    return _released(failure, ServiceUnavailable, retryable=False)


def _released(problem: ProviderProblem, error: type[JobError], **fields: Any) -> FailureVerdict:
    failure = CallFailure.of(
        error,
        problem.message,
        retry_after_ms=problem.retry_after_ms,
        may_try_another=is_model_away(problem),
        **fields,
    )
    return FailureVerdict("released", failure)


def unknown(reason: str = "") -> CallFailure:
    """The call may have been bought, and its response is lost."""
    message = f"{reason.rstrip('.')}. {OutcomeUnknown()}" if reason else None
    return CallFailure.of(OutcomeUnknown, message, may_be_bought=True)


def fenced() -> CallFailure:
    """The caller no longer runs the job."""
    return CallFailure(FENCED, "The job has ended, or another attempt runs it. Nothing was bought.")


def cancelled(*, may_be_bought: bool) -> CallFailure:
    """The call or its job was cancelled."""
    return CallFailure(CANCELLED, "The call was cancelled on request.", may_be_bought=may_be_bought)


def unavailable(message: str) -> CallFailure:
    """Nothing was bought, and a retry may succeed."""
    return CallFailure.of(ServiceUnavailable, message)


def invalid(message: str) -> CallFailure:
    """The request itself is wrong; a retry does not help."""
    return CallFailure.of(ValidationFailed, message)
