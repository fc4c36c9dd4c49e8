"""Everything that the client raises, as a tree.

    LoresmithError          all of them
      ServerUnreachable     nobody answered in time; `key` is how to send a submit again
      AnswerUnreadable      somebody answered who is no Loresmith server
      ProblemError          the server refused: status, code, detail, errors, retryable, job
      StillRunning          the timeout of a wait has passed; the job goes on
      JobEnded              the job ended without a result; `job` is how
        JobFailed
        JobCancelled

None of the first four says anything about a job: it may be running all the same.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from loresmith.job import Job


class LoresmithError(Exception):
    """Something went wrong between this client and the server, or with a job."""


class ServerUnreachable(LoresmithError):
    """Nobody answered, for as long as the client's patience lasts.

    `key` is the idempotency key of a submit whose answer was lost. The job may exist; submitting
    the same with the same key finds it, or makes it, and never makes a second one.
    """

    def __init__(self, message: str, *, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


class AnswerUnreadable(LoresmithError):
    """The answer is not what a Loresmith server sends."""


class ProblemError(LoresmithError):
    """The server refused a request (RFC 9457)."""

    def __init__(
        self, status: int, members: Mapping[str, Any], *, job: "Job | None" = None
    ) -> None:
        self.status = status
        self.code = str(members.get("code") or f"http-{status}")
        """Switch on this."""
        self.detail = str(members.get("detail") or members.get("title") or f"HTTP {status}")
        """For people: names the field or the cure."""
        self.errors: list[dict[str, str]] = list(members.get("errors") or [])
        """What does not fit, each with `detail` and one of `pointer`, `header`, `parameter`."""
        self.retryable = bool(members.get("retryable", status >= 500))
        """Whether the same request may succeed later."""
        self.members = members
        """Everything the server said."""
        self.job = job
        """The job as it is, where the server shows it."""
        self.key: str | None = None
        """The idempotency key of a submit that was refused; it is not used up."""
        super().__init__(f"{self.detail} ({self.code})")


class StillRunning(LoresmithError):
    """The timeout of a wait has passed; the job goes on and can be waited for again."""

    def __init__(self, job: "Job") -> None:
        super().__init__(f"job {job.id} is still {job.status}, at {job.progress} %")
        self.job = job


class JobEnded(LoresmithError):
    """The job ended without a result."""

    def __init__(self, job: "Job") -> None:
        super().__init__(job.error or job.message)
        self.job = job


class JobFailed(JobEnded):
    """The job failed; `job.error_detail` says why, `job.partial_result` keeps what there was."""


class JobCancelled(JobEnded):
    """The job was cancelled, or skipped."""
