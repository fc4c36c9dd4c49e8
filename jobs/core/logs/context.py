"""The ids that a line is about without naming them: of the request, the job and the call."""

from contextvars import ContextVar

REQUEST_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the HTTP request that is served; empty outside of one."""
JOB_ID: ContextVar[str] = ContextVar("job_id", default="")
"""The id of the job that this thread or task runs."""
CALL_ID: ContextVar[str] = ContextVar("call_id", default="")
"""The id of the model call that this task makes."""
ATTEMPT: ContextVar[int] = ContextVar("attempt", default=0)
"""The attempt of the job; 0 outside of one."""


def bound() -> dict[str, str | int]:
    """Returns the ids that are known here, by field."""
    variables: tuple[ContextVar[str] | ContextVar[int], ...] = (
        JOB_ID, CALL_ID, ATTEMPT, REQUEST_ID,
    )  # fmt: skip
    return {variable.name: value for variable in variables if (value := variable.get())}
