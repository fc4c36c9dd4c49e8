"""The exceptions of the client.

    LoresmithError          all of them
      ServerUnreachable     no response in time; a submit is repeated with `key`
      AnswerUnreadable      the response is not one of a Loresmith server
      ProblemError          the request was rejected: status, code, detail, errors, retryable, job
      StillRunning          the timeout of a wait has passed; the job keeps running
      JobEnded              the job ended without a result; see `job`
        JobFailed
        JobCancelled

The first four say nothing about the job: it may still be running.
"""

from collections.abc import Mapping
from typing import Any

from loresmith.client.models import Job


class LoresmithError(Exception):
    """A request failed, or a job ended without a result."""


class ServerUnreachable(LoresmithError):
    """No response within the retry timeout.

    `key` is the idempotency key of a submit. The job may exist: the same submit with the same key
    returns it, or creates it, and never creates a second one.
    """

    def __init__(self, message: str, *, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


class AnswerUnreadable(LoresmithError):
    """The response is not one of a Loresmith server."""


class ProblemError(LoresmithError):
    """The server rejected a request (RFC 9457)."""

    def __init__(self, status: int, members: Mapping[str, Any], *, job: Job | None = None) -> None:
        self.status = status
        self.code = str(members.get("code") or f"http-{status}")
        """Stable; switch on it."""
        self.detail = str(members.get("detail") or members.get("title") or f"HTTP {status}")
        """The cause or the remedy, for people."""
        self.errors: list[dict[str, str]] = list(members.get("errors") or [])
        """Invalid inputs, each with `detail` and one of `pointer`, `header`, `parameter`."""
        self.retryable = bool(members.get("retryable", status >= 500))
        """Whether the same request may succeed later."""
        self.members = members
        """The whole problem document."""
        self.job = job
        """The job, where the server sends it."""
        self.key: str | None = None
        """The idempotency key of a rejected submit; it can be used again."""
        super().__init__(f"{self.detail} ({self.code})")


class StillRunning(LoresmithError):
    """The timeout of a wait has passed; the job keeps running and can be waited for again."""

    def __init__(self, job: Job) -> None:
        super().__init__(f"job {job.id} is still {job.status}, at {job.progress} %")
        self.job = job


class JobEnded(LoresmithError):
    """The job ended without a result."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.error or job.message)
        self.job = job


class JobFailed(JobEnded):
    """The job failed: see `job.error_detail`, and `job.partial_result` for its output so far."""


class JobCancelled(JobEnded):
    """The job was cancelled, or skipped."""
