"""The commands `loresmith queue` and `loresmith workers`."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import click

from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.cost_tables import figures_table
from loresmith.cli.default_group import DefaultGroup
from loresmith.cli.text import literal

SCOPE: Final = click.argument(
    "scope", type=click.Choice(["all", "pool", "type", "owner"]), default="all", required=False
)
NAME: Final = click.argument("name", required=False)
Rows = Sequence[Mapping[str, Any]]


@click.group(cls=DefaultGroup)
def queue() -> None:
    """Look at the queue, pause and resume it. Needs the key of an admin in LORESMITH_API_KEY.

    \b
    Examples:
      loresmith queue
      loresmith queue pause --reason "moving the database"
      loresmith queue pause pool openai/gpt-5-mini
      loresmith queue resume
    """


@queue.command("show")
@with_client
def show_queue(context: CommandContext) -> None:
    """Show what waits, what holds it back, and the workers."""
    status = context.client.queue()
    context.show(status, lambda: _show_queue(context, status))


@queue.command()
@SCOPE
@NAME
@click.option("--reason", default="", metavar="TEXT", help="Reason, shown to people.")
@with_client
def pause(context: CommandContext, scope: str, name: str | None, reason: str) -> None:
    """Let jobs wait: all, or those of a pool, a job type, or an owner like team:sea.

    Running jobs go on, and new ones are accepted.
    """
    paused = context.client.pause_queue(scope, name, reason=reason)
    context.show(paused, lambda: _show_paused(context, paused))


@queue.command()
@SCOPE
@NAME
@with_client
def resume(context: CommandContext, scope: str, name: str | None) -> None:
    """End the pause of exactly this part."""
    paused = context.client.resume_queue(scope, name)
    context.show(paused, lambda: _show_paused(context, paused))


@click.group(cls=DefaultGroup)
def workers() -> None:
    """List the workers and drain one. Needs the key of an admin in LORESMITH_API_KEY.

    \b
    Examples:
      loresmith workers
      loresmith workers drain 5f2c9d
    """


@workers.command("show")
@with_client
def show_workers(context: CommandContext) -> None:
    """Show the live workers, their slots and the jobs that they run."""
    rows = context.client.workers()
    context.show(rows, lambda: _show_workers(context, rows))


@workers.command()
@click.argument("name")
@with_client
def drain(context: CommandContext, name: str) -> None:
    """Ask a worker to finish its jobs and stop.

    It takes no other job. What supervises it, such as `loresmith up`, may start a new one.
    """
    reply = context.client.drain_worker(name)
    context.show(reply, lambda: context.note(f"Worker {name} finishes its jobs and stops."))


def _show_queue(context: CommandContext, status: Mapping[str, Any]) -> None:
    counts = ("waiting", "admitted", "running", "wanted_workers")
    words = (f"{name.replace('_', ' ')} {status[name]}" for name in counts)
    context.out.print(f"{'  '.join(words)} of {len(status['workers'])}", markup=False)
    if status["paused"]:
        _show_paused(context, status["paused"])
    if status["pools"]:
        _show_pools(context, status["pools"])
    if status["owners"]:
        _show_owners(context, status["owners"])
    if status["more_owners"]:
        context.note("Jobs of more owners wait.")


def _show_paused(context: CommandContext, paused: Rows) -> None:
    for pause in paused:
        name = f" {pause['name']}" if pause["name"] else ""
        reason = f": {pause['reason']}" if pause["reason"] else ""
        text = f"Paused: {pause['scope']}{name} by {pause['by']}{reason}"
        context.out.print(literal(text, "yellow"))
    if not paused:
        context.out.print("Nothing is paused.")


def _show_pools(context: CommandContext, pools: Rows) -> None:
    table = figures_table("pool", "waiting", "calls", "held back by", "until")
    for pool in pools:
        until = (pool["closed_until"] or "")[11:19] if pool["reason"] == "closed" else ""
        cells = (pool["pool"], pool["waiting"], pool["running"], pool["reason"] or "", until)
        table.add_row(*map(literal, cells))
    context.out.print(table, soft_wrap=False)


def _show_owners(context: CommandContext, owners: Rows) -> None:
    table = figures_table("owner", "waiting", "running", "at most", "weight", "longest wait")
    for owner in owners:
        wait = f"{owner['longest_wait_s']:.0f} s"
        most, weight = owner["concurrency"] or "", f"{owner['weight']:g}"
        cells = (owner["owner"], owner["waiting"], owner["running"], most, weight, wait)
        table.add_row(*map(literal, cells))
    context.out.print(table, soft_wrap=False)


def _show_workers(context: CommandContext, rows: Rows) -> None:
    if not rows:
        context.out.print("No worker is alive. Start one: python -m loresmith.worker")
    for worker in rows:
        used = worker["slots"] - worker["free"]
        queues = ", ".join(worker["queues"])
        head = f"{worker['name']}  {used} of {worker['slots']} slots in use  queues {queues}"
        context.out.print(literal(head, "bold"))
        for job in worker["jobs"]:
            line = f"  {job['id']}  {job['progress']:>3} %  {job['type']}: {job['message']}"
            context.out.print(literal(line))
