"""The commands `loresmith audit` and `loresmith erase-user`."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from rich import box
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.exit_codes import FAILED, CommandError
from loresmith.cli.text import literal

POLL_INTERVAL_S: Final = 1.0
"""Between two requests while jobs are being cancelled."""
COUNTS: Final = ("jobs", "cached_responses", "worlds")


@click.command()
@click.option("--actor", metavar="ID", help="Who did it, for example key:4fQ2xWb9.")
@click.option("--action", metavar="NAME", help="What was done, for example job.cancel.")
@click.option("--object", metavar="NAME", help="To what, for example 'budget user:anna'.")
@click.option("--from", "since", metavar="TIME", help="Since then: 2026-11-23T10:00:00Z.")
@click.option("--to", "until", metavar="TIME", help="Before then.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Records.")
@click.option("--csv", "as_csv", is_flag=True, help="Print all matching records as CSV.")
@click.option("--check", is_flag=True, help="Check that no row was changed or removed.")
@with_client
def audit(
    context: CommandContext,
    /,
    since: str | None,
    until: str | None,
    limit: int,
    as_csv: bool,
    check: bool,
    **names: str | None,
) -> None:
    """Show who changed what. Needs the key of an admin in LORESMITH_API_KEY.

    \b
    Examples:
      loresmith audit --action budget.put
      loresmith audit --from 2026-11-01T00:00:00Z --csv > november.csv
      loresmith audit --check
    """
    if check:
        return _check(context)
    chosen = names | {"from": since, "to": until}
    filters = {name: value for name, value in chosen.items() if value is not None}
    if as_csv:
        return click.echo(context.client.audit_csv(**filters), nl=False)
    records = context.client.audit(limit=limit, **filters)
    context.show(records, lambda: _show_records(context, records))


@click.command("erase-user")
@click.argument("id")
@click.option("--cancel", is_flag=True, help="Cancel unfinished jobs first.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_client
def erase_user(context: CommandContext, id: str, cancel: bool, yes: bool) -> None:
    """Erase the content of a user: jobs, cached responses and worlds. What they cost stays.

    \b
    Example:
      loresmith erase-user ann --cancel
    """
    if not yes:
        click.confirm(f"Erase all jobs, cached responses and worlds of {id}?", abort=True, err=True)
    erased = _erase(context, id, cancel=cancel)
    text = f"Erased {erased['jobs']} jobs, {erased['cached_responses']} cached responses and "
    text += f"{erased['worlds']} worlds of {id}."
    context.show(erased, lambda: context.out.print(literal(text)))


def _erase(context: CommandContext, user_id: str, *, cancel: bool) -> dict[str, Any]:
    """Repeats the request until nothing remains, and returns the sums."""
    sums: dict[str, Any] = {"user_id": user_id, **dict.fromkeys(COUNTS, 0)}
    columns = (TextColumn("Erasing"), BarColumn(), MofNCompleteColumn(), TextColumn("jobs"))
    with Progress(*columns, console=context.err, transient=True) as bar:
        task = bar.add_task("", total=None)
        while True:
            page = context.client.erase_user(user_id, cancel=cancel)
            sums |= {name: sums[name] + page[name] for name in COUNTS}
            bar.update(task, completed=sums["jobs"], total=sums["jobs"] + page["remaining"])
            if not page["remaining"]:
                return sums
            if not page["jobs"]:
                time.sleep(POLL_INTERVAL_S)


def _check(context: CommandContext) -> None:
    outcome = context.client.check_audit()
    rows = f"{outcome['rows']} row{'' if outcome['rows'] == 1 else 's'} fit"
    text = f"{rows}. Keep the last hash elsewhere: {outcome['last_hash']}"
    context.show(outcome, lambda: context.out.print(literal(text)) if outcome["intact"] else None)
    if not outcome["intact"]:
        raise CommandError(f"{rows}; row {outcome['broken_at']} was changed or removed.", FAILED)


def _show_records(context: CommandContext, records: Sequence[Mapping[str, Any]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("time", "actor", "action", "object"):
        table.add_column(name, no_wrap=name != "object")
    for record in records:
        at = str(record["at"])[:19].replace("T", " ")
        cells = (at, record["actor"], record["action"], record["object"])
        table.add_row(*(literal(cell) for cell in cells))
    context.out.print(table if records else "No records.", soft_wrap=False)
