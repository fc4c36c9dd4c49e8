"""`loresmith jobs`: what goes on, and what has ended."""

import time
from collections.abc import Mapping

import click
from rich.console import Group, RenderableType
from rich.live import Live
from rich.text import Text

from loresmith.cli.shell import Shell, talks
from loresmith.cli.text import told
from loresmith.job import Job, JobList

AGAIN_S = 1.0
COLOURS = {"completed": "green", "failed": "red", "cancelled": "yellow", "processing": "cyan"}
WIDTH = 12
"""Letters of a progress bar."""


@click.command()
@click.option(
    "--status", multiple=True, metavar="STATUS", help="A status, active, terminal or dead."
)
@click.option("--type", metavar="TYPE", help="Only jobs of this type.")
@click.option("--session", metavar="NAME", help="Only jobs of this session.")
@click.option("--tag", multiple=True, metavar="TAG", help="Only jobs with this tag.")
@click.option("-q", "words", metavar="WORDS", help="The beginning of an id, or words of it.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--watch", is_flag=True, help="Go on showing them until Ctrl-C.")
@talks
def jobs(
    shell: Shell,
    status: tuple[str, ...],
    type: str | None,
    session: str | None,
    tag: tuple[str, ...],
    words: str | None,
    limit: int,
    watch: bool,
) -> None:
    """List jobs, the newest first.

    \b
    Examples:
      loresmith jobs --status active --watch
      loresmith jobs --status dead --type create_world
    """
    asked = {"status": status, "type": type, "session_id": session, "tag": tag, "q": words}
    filters = {name: value for name, value in asked.items() if value}
    found = shell.client.jobs(limit=limit, **filters)
    if shell.as_json:
        shell.json({"jobs": [job.raw for job in found.jobs], "counts": found.counts})
    elif not watch:
        shell.out.print(_page(found), soft_wrap=False)
    else:
        with Live(_page(found), console=shell.out, auto_refresh=False) as live:
            while True:
                time.sleep(AGAIN_S)
                live.update(_page(shell.client.jobs(limit=limit, **filters)), refresh=True)


def _page(found: JobList) -> RenderableType:
    if not found.jobs:
        return Text("No such jobs. To make one: loresmith submit generate_relics theme=salt")
    lines = [line for job in found.jobs for line in _lines(job)]
    return Group(*lines, *([_counts(found.counts)] if found.counts else []))


def _lines(job: Job) -> tuple[Text, Text]:
    """Two of them, so that an id fits on any terminal and can be copied."""
    status = Text(f"{job.status:<10}", style=COLOURS.get(job.status, ""))
    about = Text("  ") + told(f"{job.type}: {job.error or job.message}", "dim")
    return Text(" ").join([_bar(job), status, Text(job.id)]), about


def _bar(job: Job) -> Text:
    """A guess by time is drawn lighter than what was counted."""
    full = round(job.progress * WIDTH / 100)
    sign = "▒" if job.progress_source == "simulated" else "█"
    return Text(f"{sign * full}{'·' * (WIDTH - full)} {job.progress:>3} %")


def _counts(counts: Mapping[str, int]) -> Text:
    return Text("  ".join(f"{status} {number}" for status, number in counts.items() if number))
