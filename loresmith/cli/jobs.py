"""Commands about jobs: submit, watch, show, result, cancel, retry, rm."""

import click
from rich.text import Text

from loresmith.cli import cards
from loresmith.cli.arguments import ArgumentError, payload
from loresmith.cli.exits import REFUSED, Failure
from loresmith.cli.shell import Shell, talks
from loresmith.cli.telling import accepted, facts, finish, told_of
from loresmith.cli.text import plain, told
from loresmith.errors import ProblemError
from loresmith.job import JobType
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
@click.option("--team", metavar="NAME", help="The team whose budget it comes under.")
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
    team: str | None,
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
        job = shell.client.submit(
            type, given, key=key, session_id=session, team_id=team, options=options
        )
    except ValueError as error:
        raise Failure(f"--key: {error}", REFUSED) from None
    if job.reused:
        shell.note("The same was asked for with this key before; this is that job.")
    if watch or wait:
        finish(shell, shell.watch(job.id, timeout=timeout, silent=not watch))
    else:
        accepted(shell, job)


@click.command()
@click.argument("id")
@timeout
@talks
def watch(shell: Shell, id: str, timeout: float | None) -> None:
    """Show a job's progress until it ends, then its result.

    Ctrl-C leaves; the job goes on.
    """
    finish(shell, shell.watch(id, timeout=timeout))


@click.command()
@click.argument("id")
@talks
def show(shell: Shell, id: str) -> None:
    """Show a job as it is now."""
    job = shell.client.get(id)
    if shell.as_json:
        shell.json(job.raw)
        return
    for name, value in facts(job):
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
    made = shell.client.result(id)
    if shell.as_json:
        shell.json(made)
    else:
        cards.show(shell.out, made)


@click.command()
@click.argument("id")
@click.option("--reason", default="", metavar="TEXT", help="For people who look at the job.")
@talks
def cancel(shell: Shell, id: str, reason: str) -> None:
    """Stop a job: no model call of it starts any more."""
    job = shell.client.cancel(id, reason=reason)
    told_of(shell, job, "is cancelled" if job.ended else "is being cancelled")


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
        finish(shell, shell.watch(job.id, timeout=timeout))
    else:
        told_of(shell, job, f"runs again (attempt {job.attempt})")


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
