"""Exit codes, and the words for what went wrong."""

from collections.abc import Mapping
from typing import Final

import click

from loresmith.errors import (
    AnswerUnreadable,
    JobCancelled,
    JobFailed,
    LoresmithError,
    ProblemError,
    ServerUnreachable,
    StillRunning,
)

DONE: Final = 0
FAILED: Final = 1
REFUSED: Final = 2
UNREACHABLE: Final = 3
CANCELLED: Final = 4
TIMED_OUT: Final = 124
INTERRUPTED: Final = 130

MEANINGS: Mapping[int, str] = {
    DONE: "done; of a job that was waited for: completed",
    FAILED: "the job failed",
    REFUSED: "the command, a field, or the request does not fit",
    UNREACHABLE: "no server answers, or not now",
    CANCELLED: "the job was cancelled",
    TIMED_OUT: "--timeout has passed; the job goes on",
    INTERRUPTED: "interrupted; the job goes on",
}


class Failure(click.ClickException):
    """A message for people, and an exit code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]


def failure(error: LoresmithError, url: str) -> Failure:
    """What a command says, and how it exits, when the client raised an error."""
    match error:
        case JobFailed(job=job):
            return Failure(f"Job {job.id} failed: {error}", FAILED)
        case JobCancelled(job=job):
            return Failure(f"Job {job.id} was {job.status}.", CANCELLED)
        case StillRunning():
            return Failure(f"{error}; it goes on.".capitalize(), TIMED_OUT)
        case ServerUnreachable():
            return Failure(_unreachable(error, url), UNREACHABLE)
        case AnswerUnreadable():
            return Failure(f"{url}: {error}", UNREACHABLE)
        case ProblemError():
            code = UNREACHABLE if error.status >= 500 else REFUSED
            return Failure("\n".join(_refusal(error)), code)
        case _:
            return Failure(str(error), FAILED)


def _unreachable(error: ServerUnreachable, url: str) -> str:
    said = f"No answer from {url} ({error})."
    if error.key:
        return (
            f"{said}\nThe job may exist. The same command with --key {error.key} finds it, or "
            "makes it; never a second one."
        )
    return f"{said}\nStart a server with `loresmith up`, or name one with --url."


def _refusal(problem: ProblemError) -> list[str]:
    """The fields that do not fit, by the names they have on the command line."""
    if not problem.errors:
        return [problem.detail]
    return [_fault(fault) for fault in problem.errors]


def _fault(fault: Mapping[str, str]) -> str:
    place = fault.get("pointer") or fault.get("header") or fault.get("parameter") or ""
    name = place.removeprefix("/payload").removeprefix("/options").strip("/").replace("/", ".")
    return f"{name}: {fault.get('detail', '')}" if name else fault.get("detail", "")
