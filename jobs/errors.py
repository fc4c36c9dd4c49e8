"""Everything that can go wrong with a job, as a tree.

    JobError                      a job ends as failed; carries code, retryable, detail
      ValidationFailed            validation            its payload does not fit its type
      TimedOut                    timeout               over its time
      CallFailed                  llm_error             the provider answered with an error
        CallRefused               llm_refused           the model refused, or a filter stopped it
        QuotaExhausted            llm_quota             no money or quota at the provider
        OutputUnusable            output_schema         the answer does not fit the schema
        NotCached                 not_cached            only a kept answer would do; there is none
        OutcomeUnknown            llm_outcome_unknown   it may have been bought; nobody can know
        ServiceUnavailable        llm_unavailable       nothing was bought; try later
      SinkFailed                  sink_error            the result could not be saved
      WorkerLost                  worker_lost           its workers died, time after time
      ExpiredBeforeStart          expired_before_start  no worker took it in time
      Internal                    internal              a fault of ours
    JobStopped                    not failures: how a running job learns it must stop
      JobCancelled                cancelled on request
      JobLost                     another worker has it now; write nothing more

The docstring of an error is its message when none is given.
"""

from typing import Any, ClassVar


class JobError(Exception):
    """The job failed."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False
    """Whether trying the same job again may help."""

    def __init__(self, message: str | None = None, **detail: Any) -> None:
        super().__init__(message or (self.__doc__ or "").strip().splitlines()[0])
        self.detail = {name: value for name, value in detail.items() if value is not None}

    def as_detail(self) -> dict[str, Any]:
        """The `error_detail` of the job: code, message, retryable and what else is known."""
        return {
            "code": self.code,
            "message": str(self),
            "retryable": self.retryable,
            **self.detail,
        }


class ValidationFailed(JobError):
    """The payload does not fit the job type."""

    code = "validation"


class TimedOut(JobError):
    """The job took longer than its type allows."""

    code = "timeout"
    retryable = True


class CallFailed(JobError):
    """The language model's provider answered with an error."""

    code = "llm_error"
    retryable = True


class CallRefused(CallFailed):
    """The model refused to answer, or a content filter stopped it."""

    code = "llm_refused"
    retryable = False


class QuotaExhausted(CallFailed):
    """The provider account has no quota or money left; trying again does not help."""

    code = "llm_quota"
    retryable = False


class OutputUnusable(CallFailed):
    """The model's answer does not fit the schema, also after one repair attempt."""

    code = "output_schema"
    retryable = True


class NotCached(CallFailed):
    """Only a kept answer was to be used (`cache`: `only`) and there is none; nothing was bought."""

    code = "not_cached"
    retryable = False


class OutcomeUnknown(CallFailed):
    """The call may have been bought, but its answer was lost; it is not bought again unasked."""

    code = "llm_outcome_unknown"
    retryable = True


class ServiceUnavailable(CallFailed):
    """The lore service or the provider cannot be reached; nothing was bought."""

    code = "llm_unavailable"
    retryable = True


class SinkFailed(JobError):
    """The result was made but could not be saved; it is kept, and a retry only saves it."""

    code = "sink_error"
    retryable = True


class WorkerLost(JobError):
    """Its workers died while running it, time after time."""

    code = "worker_lost"
    retryable = True


class ExpiredBeforeStart(JobError):
    """No worker took the job before its start deadline."""

    code = "expired_before_start"
    retryable = True


class Internal(JobError):
    """A fault of ours; the log of the worker has the details."""

    code = "internal"
    retryable = True


class JobStopped(Exception):
    """The running job must stop; not a failure."""


class JobCancelled(JobStopped):
    """The job was cancelled on request."""


class JobLost(JobStopped):
    """Another worker has the job now, or it is gone."""


def _subclasses(cls: type[JobError]) -> list[type[JobError]]:
    return [cls] + [deeper for sub in cls.__subclasses__() for deeper in _subclasses(sub)]


BY_CODE: dict[str, type[JobError]] = {error.code: error for error in _subclasses(JobError)}
"""From the code on the wire or in a record back to the class. One code, one class."""
