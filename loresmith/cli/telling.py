"""How a job is told of on the command line: accepted, changed, ended, and as it is."""

import sys

from loresmith.cli import cards, price
from loresmith.cli.exits import CANCELLED, DONE, FAILED
from loresmith.cli.shell import Shell
from loresmith.cli.text import label, told
from loresmith.job import Job


def accepted(shell: Shell, job: Job) -> None:
    """Prints the id of a new job, alone on standard output."""
    if shell.as_json:
        shell.json(job.raw)
        return
    shell.out.print(job.id, markup=False)
    shell.note(f"It is {job.status}. Watch it: loresmith watch {job.id}{shell.elsewhere}")


def finish(shell: Shell, job: Job) -> None:
    """Prints how a job ended, and exits accordingly."""
    if shell.as_json:
        shell.json(job.raw)
    elif job.completed:
        cards.show(shell.out, job.result)
        price.bill(shell, job)
        shell.note(f"Again: loresmith result {job.id}{shell.elsewhere}")
    else:
        _explain(shell, job)
    sys.exit(DONE if job.completed else FAILED if job.status == "failed" else CANCELLED)


def _explain(shell: Shell, job: Job) -> None:
    """Why there is no result, what there is, and what to do."""
    code = f" ({job.error_detail.get('code')})" if job.error_detail else ""
    shell.err.print(told(f"Job {job.id} {job.status}: {job.error or job.message}{code}", "red"))
    if job.partial_result is not None:
        shell.note("What there is:")
        cards.show(shell.out, job.partial_result)
    price.bill(shell, job)
    shell.note(f"Try again: loresmith retry {job.id} --watch{shell.elsewhere}")


def told_of(shell: Shell, job: Job, what: str) -> None:
    """Says what was done to a job."""
    if shell.as_json:
        shell.json(job.raw)
    else:
        shell.note(f"Job {job.id} {what}.")
        if not job.ended:
            shell.note(f"Watch it: loresmith watch {job.id}{shell.elsewhere}")


def facts(job: Job) -> list[tuple[str, str]]:
    """What is known of a job, as names and values."""
    how = " (estimated)" if job.estimated else ""
    known = {
        "id": job.id,
        "type": job.type,
        "status": f"{job.status}, {job.phase}" if job.phase else job.status,
        "progress": f"{job.progress} %{how}  {job.message}",
        "attempt": job.attempt,
        "created": job.created_at and f"{job.created_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "ended": job.completed_at and f"{job.completed_at.astimezone():%Y-%m-%d %H:%M:%S}",
        "model": job.model,
        "session": job.session_id,
        "usage": job.usage and ", ".join(f"{label(k).lower()} {v}" for k, v in job.usage.items()),
        "error": job.error,
    }
    return [(name, str(value)) for name, value in known.items() if value]
