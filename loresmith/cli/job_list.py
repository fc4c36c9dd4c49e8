"""The command `loresmith jobs`."""

import time
from collections.abc import Mapping
from typing import Final

import click
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from loresmith.cli.context import PRIORITIES, CommandContext, with_client
from loresmith.cli.text import literal
from loresmith.client import Job
from loresmith.client.models import JobList

REFRESH_INTERVAL_S: Final = 1.0
COLOURS: Final = {
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
    "processing": "cyan",
}
BAR_WIDTH: Final = 12
PAGE_WORDS: Final = {"waiting": "pending", "running": "processing", "done": "completed"}
"""The words of the page for a status, which the command takes as well."""


@click.command("jobs")
@click.option(
    "--status",
    multiple=True,
    metavar="STATUS",
    help="Only this status; also active, terminal, or a word of the page.",
)
@click.option("--type", metavar="TYPE", help="Only jobs of this type.")
@click.option("--session", metavar="NAME", help="Only jobs of this session.")
@click.option("--user", metavar="ID", help="Only jobs of this user.")
@click.option("--priority", type=PRIORITIES, help="Only jobs of this priority.")
@click.option("--tag", multiple=True, metavar="TAG", help="Only jobs with this tag.")
@click.option("-q", "search", metavar="TEXT", help="Only jobs with these words or id prefix.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number."
)
@click.option("--watch", is_flag=True, help="Refresh until Ctrl-C.")
@with_client
def list_jobs(
    context: CommandContext,
    status: tuple[str, ...],
    type: str | None,
    session: str | None,
    user: str | None,
    priority: str | None,
    tag: tuple[str, ...],
    search: str | None,
    limit: int,
    watch: bool,
) -> None:
    """List jobs, newest first.

    \b
    Examples:
      loresmith jobs --status active --watch
      loresmith jobs --status failed --type create_world
    """
    statuses = [PAGE_WORDS.get(word, word) for word in status]
    options = {
        "status": statuses,
        "type": type,
        "session_id": session,
        "user_id": user,
        "priority": priority,
        "tag": tag,
        "q": search,
    }
    filters = {name: value for name, value in options.items() if value}
    job_list = context.client.jobs(limit=limit, **filters)
    if context.as_json:
        context.json({"jobs": [job.raw for job in job_list.jobs], "counts": job_list.counts})
    elif not watch:
        context.out.print(_render(job_list), soft_wrap=False)
    else:
        with Live(_render(job_list), console=context.out, auto_refresh=False) as live:
            while True:
                time.sleep(REFRESH_INTERVAL_S)
                job_list = context.client.jobs(limit=limit, **filters)
                live.update(_render(job_list), refresh=True)


def _render(job_list: JobList) -> RenderableType:
    if not job_list.jobs:
        return Text("No matching jobs. Create one: loresmith prompt 'Write a haiku.'")
    lines = [line for job in job_list.jobs for line in _lines(job)]
    return Group(*lines, *([_counts(job_list.counts)] if job_list.counts else []))


def _lines(job: Job) -> tuple[Text, Text]:
    """Formats a job in two lines, so that an id fits on any terminal and can be copied."""
    status = Text(f"{job.status:<10}", style=COLOURS.get(job.status, ""))
    about = Text("  ") + literal(
        f"{job.type}: {job.error or job.cancel_reason or job.title or job.message}", "dim"
    )
    return Text(" ").join([_bar(job), status, Text(job.id)]), about


def _bar(job: Job) -> Text:
    """Draws simulated progress lighter than measured progress."""
    full = round(job.progress * BAR_WIDTH / 100)
    sign = "▒" if job.progress_source == "simulated" else "█"
    return Text(f"{sign * full}{'·' * (BAR_WIDTH - full)} {job.progress:>3} %")


def _counts(counts: Mapping[str, int]) -> Text:
    return Text("  ".join(f"{status} {number}" for status, number in counts.items() if number))
