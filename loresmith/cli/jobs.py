"""Commands about jobs: submit, estimate, watch, show, result, calls, cancel, retry, rm."""

from typing import Any

import click

from loresmith.cli.arguments import ArgumentError, parse_payload
from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.cost_tables import show_calls_table, show_estimate_table
from loresmith.cli.exit_codes import INVALID, CommandError
from loresmith.cli.output import show_accepted, show_change, show_finished, show_job
from loresmith.cli.pricing import confirmed, price_range
from loresmith.cli.render import show_result
from loresmith.cli.submission import (
    SubmitOptions,
    behalf_option,
    model_option,
    owner_of,
    submission_options,
)
from loresmith.cli.text import plain
from loresmith.client import JobTypeInfo, ProblemError

timeout = click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Stop waiting after this time; the job keeps running.",
)
watch_flag = click.option("--watch", is_flag=True, help="Show the progress, then the result.")


@click.command()
@click.argument("type")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@watch_flag
@click.option("--wait", is_flag=True, help="Wait without output, then print the result.")
@timeout
@submission_options
@with_client
def submit(
    context: CommandContext,
    type: str,
    fields: tuple[str, ...],
    watch: bool,
    wait: bool,
    timeout: float | None,
    submission: SubmitOptions,
) -> None:
    """Submit a job.

    It runs in the background: the command prints its id and returns, unless --watch or --wait is
    given. The same key with the same fields returns the same job.

    NAME=VALUE is text, a number or yes/no, as the job type requires. NAME:=JSON is raw JSON,
    NAME=@FILE the text of a file, NAME:=@FILE the JSON of a file. `loresmith types TYPE` lists the
    fields.

    \b
    Examples:
      loresmith submit generate_characters theme=fantasy count=5 --watch
      loresmith submit generate_relics theme="drowned city" world=@world.txt --wait --json
      id=$(loresmith submit create_world theme=desert user_id=me)
    """
    job = submission.send(context, type, _payload(context, type, fields))
    if watch or wait:
        show_finished(context, context.watch(job.id, timeout=timeout, silent=not watch))
    else:
        show_accepted(context, job)


@click.command()
@click.argument("type")
@click.argument("fields", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--team", metavar="NAME", help="Team whose budget would pay for the job.")
@behalf_option
@model_option
@with_client
def estimate(
    context: CommandContext,
    type: str,
    fields: tuple[str, ...],
    team: str | None,
    on_behalf_of: str | None,
    model: str | None,
) -> None:
    """Estimate time and cost without running the job.

    \b
    Example:
      loresmith estimate create_world theme=desert user_id=me
    """
    payload, options = _payload(context, type, fields), {"model": model} if model else None
    owner = owner_of(on_behalf_of, team)
    body = context.client.estimate(type, payload, **owner, options=options)
    context.show(body, lambda: show_estimate_table(context, body))


@click.command()
@click.argument("id")
@with_client
def calls(context: CommandContext, id: str) -> None:
    """Show the model calls of a job and their cost."""
    model_calls = context.client.calls(id)
    context.show(model_calls, lambda: show_calls_table(context, model_calls))


@click.command()
@click.argument("id")
@timeout
@with_client
def watch(context: CommandContext, id: str, timeout: float | None) -> None:
    """Show a job's progress, then its result.

    Ctrl-C stops watching; the job keeps running.
    """
    show_finished(context, context.watch(id, timeout=timeout))


@click.command()
@click.argument("id")
@with_client
def show(context: CommandContext, id: str) -> None:
    """Show a job."""
    show_job(context, context.client.get(id))


@click.command()
@click.argument("id")
@with_client
def result(context: CommandContext, id: str) -> None:
    """Print the result of a completed job."""
    value = context.client.result(id)
    context.show(value, lambda: show_result(context.out, value))


@click.command()
@click.argument("id")
@click.option("--reason", default="", metavar="TEXT", help="Reason, shown with the job.")
@with_client
def cancel(context: CommandContext, id: str, reason: str) -> None:
    """Cancel a job: no further model call starts."""
    job = context.client.cancel(id, reason=reason)
    show_change(context, job, "is cancelled" if job.ended else "is being cancelled")


@click.command()
@click.argument("id")
@click.option(
    "--accept-duplicate-charge",
    is_flag=True,
    help="Repeat calls with unknown outcome; may be charged twice.",
)
@click.option("--yes", is_flag=True, help="Do not ask before steps that cost something.")
@watch_flag
@timeout
@with_client
def retry(
    context: CommandContext,
    id: str,
    accept_duplicate_charge: bool,
    yes: bool,
    watch: bool,
    timeout: float | None,
) -> None:
    """Run a failed or cancelled job again.

    Finished steps are reused and not paid again. On a terminal, it asks before others run.
    """
    _confirm_plan(context, id, yes=yes or accept_duplicate_charge)
    try:
        job = context.client.retry(id, accept_duplicate_charge=accept_duplicate_charge)
    except ProblemError as problem:
        if problem.code != "duplicate-charge-possible":
            raise
        remedy = "Add --accept-duplicate-charge to approve a possible second charge."
        raise CommandError(f"{problem.detail}\n{remedy}", INVALID) from None
    if watch:
        show_finished(context, context.watch(job.id, timeout=timeout))
    else:
        show_change(context, job, f"runs again (attempt {job.attempt})")


@click.command()
@click.argument("id")
@click.option("--cancel", is_flag=True, help="Cancel the job first if it is not finished.")
@with_client
def rm(context: CommandContext, id: str, cancel: bool) -> None:
    """Delete a finished job, its payload and result."""
    try:
        context.client.delete(id, cancel=cancel)
    except ProblemError as problem:
        if problem.code != "not-finished":
            raise
        message = f"Job {plain(id)} is not finished. Add --cancel to cancel it first."
        raise CommandError(message, INVALID) from None
    context.show({"id": id, "deleted": True}, lambda: context.note(f"Job {id} is deleted."))


def _confirm_plan(context: CommandContext, id: str, *, yes: bool) -> None:
    """Prints the steps that a retry will reuse and run; on a terminal, asks if they may cost.

    Raises CommandError when the retry is declined.
    """
    plan = context.client.retry_plan(id)
    if not plan["allowed"]:
        return
    if not context.as_json:
        reused, run = (", ".join(plan[name]) or "none" for name in ("cached_steps", "steps_to_run"))
        parts = ", ".join(
            f"{part['count']} of {part['total']} items of {part['step']}"
            for part in plan["kept_items"]
        )
        note = f" Kept: {parts}." if parts else ""
        context.note(f"Reused: {reused}. Will run: {run} ({price_range(plan['cost'])}).{note}")
    is_free = plan["cost"]["max"] == 0 or not plan["steps_to_run"]
    if not (yes or is_free or confirmed(plan["cost"]["max"], "This retry", scripts=True)):
        raise CommandError("Not retried. Nothing was charged.", INVALID)


def _payload(context: CommandContext, type: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """Converts the fields of a command to a payload. Raises CommandError."""
    job_type = _find(context.client.types(), type)
    try:
        return parse_payload(fields, job_type.payload_schema)
    except ArgumentError as error:
        raise CommandError(f"{error}\nSee `loresmith types {type}`.", INVALID) from None


def _find(types: list[JobTypeInfo], name: str) -> JobTypeInfo:
    for job_type in types:
        if job_type.type == name:
            return job_type
    known = ", ".join(job_type.type for job_type in types)
    raise CommandError(f"No job type {plain(name)!r}. Job types: {known}.", INVALID)
