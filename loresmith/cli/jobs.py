"""Commands about jobs: submit, watch, show, result, cancel, retry, rm."""

import sys
from typing import Any

import click
from rich.text import Text

from loresmith.cli import cards
from loresmith.cli.arguments import ArgumentError, payload
from loresmith.cli.exits import CANCELLED, DONE, FAILED, REFUSED, Failure
from loresmith.cli.shell import Shell, talks
from loresmith.cli.text import label, plain, told
from loresmith.errors import ProblemError
from loresmith.job import Job, JobType
from loresmith.operations import new_key

seconds = click.FloatRange(min=0)
timeout = click.option(
    "--timeout", type=seconds, metavar="SECONDS", help="Stop waiting after this; the job goes on."
)
watch_flag = click.option("--watch", is_flag=True, help="Show the progress, then the result.")


@click.command()
@click.argument("type")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@watch_flag
@click.option("--wait", is_flag=True, help="Wait in silence, then show the result.")
@timeout
@click.option("--key", metavar="KEY", help="Idempotency key; a new one is made without it.")
@click.option("--session", metavar="NAME", help="A name of your own, to find its jobs by.")
@click.option("--model", metavar="MODEL", help="Language model; the server's own without it.")
@talks
def submit(
    shell: Shell,
    type: str,
    fields: tuple[str, ...],
    watch: bool,
    wait: bool,
    timeout: float | None,
    key: str | None,
    session: str | None,
    model: str | None,
) -> None:
    """Have something written; the job runs in the background.

    Values are typed by the job type: NAME=VALUE is text, a number or yes/no. NAME:=JSON is raw
    JSON, NAME=@FILE the text of a file, NAME:=@FILE the JSON of one. `loresmith types TYPE` lists
    the fields.

    Alone it prints the job's id and returns at once. The same key and the same fields are the same
    job, however often they are sent.

    \b
    Examples:
      loresmith submit generate_characters theme=fantasy count=5 --watch
      loresmith submit generate_relics theme="drowned city" world=@world.txt --wait --json
      id=$(loresmith submit create_world theme=desert user_id=me)
    """
    kind = _find(shell.client.types(), type)
    try:
        given = payload(fields, kind.payload_schema)
    except ArgumentError as error:
        raise Failure(f"{error}\nSee `loresmith types {type}`.", REFUSED) from None
    key = key or new_key()
    shell.note(f"Key {key}")
    try:
        options = {"model": model} if model else None
        job = shell.client.submit(type, given, key=key, session_id=session, options=options)
    except ValueError as error:
        raise Failure(f"--key: {error}", REFUSED) from None
    if job.reused:
        shell.note("The same was asked for with this key before; this is that job.")
    if watch or wait:
        _finish(shell, shell.watch(job.id, timeout=timeout, silent=not watch))
    else:
        _accepted(shell, job)


@click.command()
@click.argument("id")
@timeout
@talks
def watch(shell: Shell, id: str, timeout: float | None) -> None:
    """Show a job's progress until it ends, then its result.

    Ctrl-C leaves; the job goes on.
    """
    _finish(shell, shell.watch(id, timeout=timeout))


@click.command()
@click.argument("id")
@talks
def show(shell: Shell, id: str) -> None:
    """Show a job as it is now."""
    job = shell.client.get(id)
    if shell.as_json:
        shell.json(job.raw)
        return
    for name, value in _facts(job):
        shell.out.print(Text.assemble((f"{name:<10}", "dim"), told(value)))
    made = job.result if job.completed else job.partial_result
    if made is not None:
        shell.out.print()
        cards.show(shell.out, made)


@click.command()
@click.argument("id")
@talks
def result(shell: Shell, id: str) -> None:
    """Print the result of a completed job."""
    _print(shell, shell.client.result(id))


@click.command()
@click.argument("id")
@click.option("--reason", default="", metavar="TEXT", help="For people who look at the job.")
@talks
def cancel(shell: Shell, id: str, reason: str) -> None:
    """Stop a job: no model call of it starts any more."""
    job = shell.client.cancel(id, reason=reason)
    _tell(shell, job, "cancelled" if job.ended else "being cancelled")


@click.command()
@click.argument("id")
@click.option(
    "--accept-duplicate-charge",
    is_flag=True,
    help="Buy a model call again whose outcome nobody knows.",
)
@watch_flag
@timeout
@talks
def retry(
    shell: Shell, id: str, accept_duplicate_charge: bool, watch: bool, timeout: float | None
) -> None:
    """Run a failed or cancelled job again.

    Steps that were finished are not bought again.
    """
    try:
        job = shell.client.retry(id, accept_duplicate_charge=accept_duplicate_charge)
    except ProblemError as error:
        if error.code != "may-pay-again":
            raise
        cure = "Add --accept-duplicate-charge to do so."
        raise Failure(f"{error.detail}\n{cure}", REFUSED) from None
    if watch:
        _finish(shell, shell.watch(job.id, timeout=timeout))
    else:
        _tell(shell, job, f"runs again (attempt {job.attempt})")


@click.command()
@click.argument("id")
@click.option("--cancel", is_flag=True, help="Stop it first if it has not ended.")
@talks
def rm(shell: Shell, id: str, cancel: bool) -> None:
    """Erase a job that has ended, with its payload and its result."""
    shell.client.delete(id, cancel=cancel)
    if shell.as_json:
        shell.json({"id": id, "deleted": True})
    else:
        shell.note(f"Job {id} is deleted.")


def _find(types: list[JobType], name: str) -> JobType:
    """The job type of a name. Raises Failure."""
    for kind in types:
        if kind.type == name:
            return kind
    known = ", ".join(kind.type for kind in types)
    raise Failure(f"There is no job type {plain(name)!r}. The types are {known}.", REFUSED)


def _accepted(shell: Shell, job: Job) -> None:
    if shell.as_json:
        shell.json(job.raw)
        return
    shell.out.print(job.id, markup=False)
    shell.note(f"It is {job.status}. Watch it: loresmith watch {job.id}{shell.elsewhere}")


def _finish(shell: Shell, job: Job) -> None:
    """Prints how a job ended, and exits accordingly."""
    if shell.as_json:
        shell.json(job.raw)
    elif job.completed:
        cards.show(shell.out, job.result)
        shell.note(f"Again: loresmith result {job.id}{shell.elsewhere}")
    else:
        _explain(shell, job)
    sys.exit(DONE if job.completed else FAILED if job.status == "failed" else CANCELLED)


def _explain(shell: Shell, job: Job) -> None:
    """Why there is no result, what there is, and what to do."""
    code = f" ({job.error_detail['code']})" if job.error_detail else ""
    shell.err.print(told(f"Job {job.id} {job.status}: {job.error or job.message}{code}", "red"))
    if job.partial_result is not None:
        shell.note("What there is:")
        cards.show(shell.out, job.partial_result)
    shell.note(f"Try again: loresmith retry {job.id} --watch{shell.elsewhere}")


def _tell(shell: Shell, job: Job, what: str) -> None:
    if shell.as_json:
        shell.json(job.raw)
    else:
        shell.note(f"Job {job.id} is {what}. Watch it: loresmith watch {job.id}{shell.elsewhere}")


def _print(shell: Shell, value: Any) -> None:
    if shell.as_json:
        shell.json(value)
    else:
        cards.show(shell.out, value)


def _facts(job: Job) -> list[tuple[str, str]]:
    how = " (estimated)" if job.estimated else ""
    facts = {
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
    return [(name, str(value)) for name, value in facts.items() if value]
