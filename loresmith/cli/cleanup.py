"""The command `loresmith cleanup`."""

from collections.abc import Mapping
from typing import Any

import click

from loresmith.cli.context import CommandContext, with_client


@click.command()
@click.option(
    "--older-than",
    default="24h",
    show_default=True,
    metavar="AGE",
    help="Minimum time since their end, for example 90m, 24h or 7d.",
)
@click.option("--status", multiple=True, metavar="STATUS", help="Only jobs that ended like this.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
@with_client
def cleanup(
    context: CommandContext, older_than: str, status: tuple[str, ...], dry_run: bool
) -> None:
    """Delete ended jobs. They go by themselves when their retention is over.

    \b
    Example:
      loresmith cleanup --older-than 1h --status failed --dry-run
    """
    done = context.client.cleanup(older_than=older_than, status=status, dry_run=dry_run)
    context.show(done, lambda: _show(context, done))


def _show(context: CommandContext, done: Mapping[str, Any]) -> None:
    number = done["matched"] if done["dry_run"] else done["deleted"]
    verb = "Would delete" if done["dry_run"] else "Deleted"
    parts = ", ".join(f"{count} {status}" for status, count in done["by_status"].items())
    ended = str(done["ended_before"])[:16].replace("T", " ")
    jobs = f"{number} job{'' if number == 1 else 's'} that ended before {ended} UTC"
    context.out.print(f"{verb} {jobs}{f': {parts}' if parts else ''}.", markup=False)
    if done["more"]:
        context.note("There are more. Run the command again.")
