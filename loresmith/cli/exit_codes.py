"""Exit codes, and the conversion of the client's errors to messages and exit codes."""

from collections.abc import Mapping
from typing import Final

import click

from loresmith.cli.text import plain
from loresmith.client.errors import (
    AnswerUnreadable,
    JobCancelled,
    JobFailed,
    LoresmithError,
    ProblemError,
    ServerUnreachable,
    StillRunning,
)

SUCCESS: Final = 0
FAILED: Final = 1
INVALID: Final = 2
UNREACHABLE: Final = 3
CANCELLED: Final = 4
TIMED_OUT: Final = 124
INTERRUPTED: Final = 130

MEANINGS: Mapping[int, str] = {
    SUCCESS: "success; with --watch or --wait: the job completed",
    FAILED: "the job failed",
    INVALID: "invalid command or input",
    UNREACHABLE: "server unreachable or busy",
    CANCELLED: "the job was cancelled",
    TIMED_OUT: "--timeout has passed; the job keeps running",
    INTERRUPTED: "interrupted; the job keeps running",
}


class CommandError(click.ClickException):
    """A message for people, and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]


def to_command_error(error: LoresmithError, url: str, job_id: object = None) -> CommandError:
    """Converts an error of the client; `job_id` is the job that the command names."""
    match error:
        case JobFailed(job=job):
            return CommandError(f"Job {job.id} failed: {error}", FAILED)
        case JobCancelled(job=job):
            return CommandError(f"Job {job.id} was {job.status}.", CANCELLED)
        case StillRunning():
            return CommandError(f"{error}; it keeps running.".capitalize(), TIMED_OUT)
        case ServerUnreachable():
            return CommandError(_unreachable(error, url), UNREACHABLE)
        case AnswerUnreadable():
            return CommandError(f"{url}: {error}", UNREACHABLE)
        case ProblemError(code="job-not-found") if job_id:
            return CommandError(f"Job {plain(job_id)} not found (wrong ID, or expired).", INVALID)
        case ProblemError(code="unauthorized"):
            return CommandError(f"{error.detail}\nThe key is read from LORESMITH_API_KEY.", INVALID)
        case ProblemError():
            code = UNREACHABLE if error.status >= 500 else INVALID
            return CommandError("\n".join(_problem_lines(error)), code)
        case _:
            return CommandError(str(error), FAILED)


def _unreachable(error: ServerUnreachable, url: str) -> str:
    message = f"No response from {url} ({error})."
    remedy = "Start a server with `loresmith up`, or choose one with --url."
    if error.key:
        remedy += (
            f"\nThe job may exist if a server was running. Repeat the command with --key "
            f"{error.key}: it returns that job or creates it, but never a second one."
        )
    return f"{message}\n{remedy}"


def _problem_lines(problem: ProblemError) -> list[str]:
    """Names each invalid field as on the command line."""
    if not problem.errors:
        return [problem.detail]
    return [_error_line(error) for error in problem.errors]


def _error_line(error: Mapping[str, str]) -> str:
    place = error.get("pointer") or error.get("header") or error.get("parameter") or ""
    name = place.removeprefix("/payload").removeprefix("/options").strip("/").replace("/", ".")
    return f"{name}: {error.get('detail', '')}" if name else error.get("detail", "")
