"""The errors of a job, as a tree; docs/errors.md lists their codes and remedies.

    JobError                      ends a job as failed; has code, retryable, remedy, detail
      ValidationFailed            validation            its payload does not fit its type
      JobTypeUnknown              job_type_unknown      no worker that took it knows its type
      TimedOut                    timeout               over its time
      CallFailed                  llm_error             the provider answered with an error
        CallRefused               llm_refused           the model or a content filter refused
        QuotaExhausted            llm_quota             no quota or credit at the provider
        OutputUnusable            output_schema         the answer does not fit the schema
        NotCached                 not_cached            no cached response, and no other allowed
        CostLimitReached          cost_limit            it would cost more than its estimate
        OutcomeUnknown            llm_outcome_unknown   it may have been charged; the answer is lost
        ServiceUnavailable        llm_unavailable       nothing was bought; retry later
      StepFailed                  step_failed           the job type's own code gave up
        HttpFailed                http_failed           a request of the job type failed
      SinkFailed                  sink_error            the result could not be saved
      WorkerLost                  worker_lost           it lost its worker too many times
      ExpiredBeforeStart          expired_before_start  no worker took it in time
      InternalError               internal              a bug
    JobStopped                    stops a running job; not a failure
      CancelRequested             cancelled on request
      JobLost                     another worker has the job; write nothing more

The docstring of an error is its message when none is given.
"""

from typing import Any, ClassVar

from loresmith.jobs.core.status import Phase


class JobError(Exception):
    """The job failed."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    """Whether a retry of the same job may help."""
    remedy: ClassVar[str] = "See the log of the worker."
    """What the client can do."""
    waiting_phase: ClassVar[Phase | None] = None
    """The phase of a job that waits until such a fault has passed; None for a real fault."""

    def __init__(self, message: str | None = None, **detail: Any) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])
        self.detail = {name: value for name, value in detail.items() if value is not None}

    def as_detail(self) -> dict[str, Any]:
        """Returns the `error_detail` of the job: code, message, retryable and more."""
        return {
            "code": self.code,
            "message": str(self),
            "retryable": self.retryable,
            **self.detail,
        }


class ValidationFailed(JobError):
    """The payload does not fit the job type."""

    code = "validation"
    remedy = "Submit a new job with a valid payload."


class JobTypeUnknown(JobError):
    """No worker that took the job knows its type."""

    code = "job_type_unknown"
    remedy = "Start workers that have the type (docs/adding-a-job-type.md), then retry."
    retryable = True
    waiting_phase = Phase.WAITING_VERSION


class TimedOut(JobError):
    """The job took longer than its time limit."""

    code = "timeout"
    remedy = "Ask for less in one job, or set a longer options.timeout_s."
    retryable = True


class CallFailed(JobError):
    """The language model's provider answered with an error."""

    code = "llm_error"
    remedy = "Retry. Finished steps are reused."
    retryable = True


class CallRefused(CallFailed):
    """The model refused to answer, or a content filter stopped it."""

    code = "llm_refused"
    remedy = "Change what you ask for."
    retryable = False


class QuotaExhausted(CallFailed):
    """The provider account has no quota or credit left; a retry does not help."""

    code = "llm_quota"
    remedy = "Add credit, then retry."
    retryable = False


class OutputUnusable(CallFailed):
    """The model's answer does not fit the schema, also after one repair attempt."""

    code = "output_schema"
    remedy = "Retry, or use a stronger model."
    retryable = True


class NotCached(CallFailed):
    """No cached response matches, and `cache` is `only`; nothing was bought."""

    code = "not_cached"
    remedy = "Submit the job with options.cache set to use."
    retryable = False


class CostLimitReached(CallFailed):
    """The next model call would exceed what the job may cost; it was not bought."""

    code = "cost_limit"
    remedy = "Read the message; give the api and the lore_service the same prices and providers."
    retryable = False


class OutcomeUnknown(CallFailed):
    """The call may have been bought, but its answer was lost; it is not bought again unasked."""

    code = "llm_outcome_unknown"
    remedy = "Retry with accept_duplicate_charge, which approves a possible second charge."
    retryable = True


class ServiceUnavailable(CallFailed):
    """The lore service or the provider cannot be reached; nothing was bought."""

    code = "llm_unavailable"
    remedy = "Retry later. Finished steps are reused."
    retryable = True
    waiting_phase = Phase.WAITING_PROVIDER


class StepFailed(JobError):
    """The code of the job type cannot go on."""

    code = "step_failed"
    remedy = "Read the message, which is the job type's own."
    retryable = False


class HttpFailed(StepFailed):
    """A request of the job type failed."""

    code = "http_failed"
    remedy = "Retry. Finished steps are reused."
    retryable = True


class SinkFailed(JobError):
    """The result could not be saved; it is kept, and a retry only saves it."""

    code = "sink_error"
    remedy = "Retry. The result is kept and is not generated again."
    retryable = True
    waiting_phase = Phase.WAITING_ARCHIVE


class WorkerLost(JobError):
    """The job lost its worker too many times."""

    code = "worker_lost"
    remedy = "Check the workers and their memory, then retry."
    retryable = True


class ExpiredBeforeStart(JobError):
    """No worker took the job before its start deadline."""

    code = "expired_before_start"
    remedy = "Start a worker, then retry."
    retryable = True


class InternalError(JobError):
    """Internal error; the log of the worker has the details."""

    code = "internal"
    remedy = "See the log of the worker."
    retryable = True


class JobStopped(Exception):
    """The running job must stop; not a failure."""


class CancelRequested(JobStopped):
    """The job was cancelled on request."""


class JobLost(JobStopped):
    """Another worker has the job now, or it is gone."""


def _subclasses(cls: type[JobError]) -> list[type[JobError]]:
    return [cls] + [deeper for sub in cls.__subclasses__() for deeper in _subclasses(sub)]


BY_CODE: dict[str, type[JobError]] = {error.code: error for error in _subclasses(JobError)}
"""The error class of each code."""
