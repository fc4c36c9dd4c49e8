"""Commands about jobs: submit, watch, show, result, cancel, retry, rm."""

from functools import partial
from typing import Any

import click
from rich.text import Text

from loresmith.cli import cards, price, tables
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
@click.option("--max-cost", type=float, metavar="USD", help="Refuse it if it may cost more.")
@click.option("--yes", is_flag=True, help="Agree to the price where the server asks.")
@click.option(
    "--cache",
    type=click.Choice(["use", "skip", "only"]),
    help="Whether the answer to an identical request will do: use it, buy anew, or buy nothing.",
)
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
    max_cost: float | None,
    yes: bool,
    cache: str | None,
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
    given = _payload(shell, type, fields)
    key = key or new_key()
    shell.note(f"Key {key}")
    chosen = {"model": model, "max_cost": max_cost, "cache": cache}
    options = {name: value for name, value in chosen.items() if value is not None}
    send = partial(shell.client.submit, type, given, key=key, session_id=session, team_id=team)
    try:
        job = send(options=options or None)
    except ValueError as error:
        raise Failure(f"--key: {error}", REFUSED) from None
    except ProblemError as refused:
        if refused.code not in (price.CONFIRM, price.TOO_DEAR):
            raise
        job = send(options=options | price.agreed(shell, refused, yes=yes))
    if job.reused:
        shell.note("The same was asked for with this key before; this is that job.")
    price.before(shell, job)
    if watch or wait:
        finish(shell, shell.watch(job.id, timeout=timeout, silent=not watch))
    else:
        accepted(shell, job)


@click.command()
@click.argument("type")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--team", metavar="NAME", help="The team whose budget it would come under.")
@click.option("--model", metavar="MODEL", help="Language model; the server's own without it.")
@talks
def estimate(
    shell: Shell, type: str, fields: tuple[str, ...], team: str | None, model: str | None
) -> None:
    """Say what a job would take and cost; nothing is made or bought.

    \b
    Example:
      loresmith estimate create_world theme=desert user_id=me
    """
    given, options = _payload(shell, type, fields), {"model": model} if model else None
    told = shell.client.estimate(type, given, team_id=team, options=options)
    if shell.as_json:
        shell.json(told)
    else:
        tables.estimate(shell, told)


@click.command()
@click.argument("id")
@talks
def calls(shell: Shell, id: str) -> None:
    """Show the model calls of a job, with what each cost."""
    found = shell.client.calls(id)
    if shell.as_json:
        shell.json(found)
    elif found:
        tables.calls(shell, found)
    else:
        shell.out.print("There are none.")


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
    _plan(shell, id)
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


def _plan(shell: Shell, id: str) -> None:
    """Says what a retry will keep and buy."""
    plan = shell.client.retry_plan(id)
    if plan["allowed"] and not shell.as_json:
        kept, bought = (", ".join(plan[name]) or "nothing" for name in ("reused_steps", "will_buy"))
        shell.note(f"Kept: {kept}. Bought: {bought} ({price.expected(plan['cost'])}).")


def _payload(shell: Shell, type: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """The fields of a command as the job type's payload. Raises Failure."""
    kind = _find(shell.client.types(), type)
    try:
        return payload(fields, kind.payload_schema)
    except ArgumentError as error:
        raise Failure(f"{error}\nSee `loresmith types {type}`.", REFUSED) from None


def _find(types: list[JobType], name: str) -> JobType:
    """The job type of a name. Raises Failure."""
    for kind in types:
        if kind.type == name:
            return kind
    known = ", ".join(kind.type for kind in types)
    raise Failure(f"There is no job type {plain(name)!r}. The types are {known}.", REFUSED)
