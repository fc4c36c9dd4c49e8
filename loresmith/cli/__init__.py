"""The command line."""

import sys
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper

import click

from loresmith.cli.catalogue import types, world, worlds
from loresmith.cli.exits import INTERRUPTED, MEANINGS
from loresmith.cli.jobs import calls, cancel, estimate, result, retry, rm, show, submit, watch
from loresmith.cli.listing import jobs
from loresmith.cli.money import budget, usage
from loresmith.cli.stack import demo, up


class Commands(click.Group):
    """The commands in the order in which they are met, and what an interruption means."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)


def _version() -> str:
    try:
        return version("loresmith")
    except PackageNotFoundError:
        return "(not installed)"


CODES = "\n".join(f"  {code:>3}  {words}" for code, words in MEANINGS.items())


@click.group(
    cls=Commands,
    epilog=f"\b\nExit codes:\n{CODES}",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(_version(), prog_name="loresmith")
def main() -> None:
    """A job server for long language-model generations.

    An accepted job is never lost, and a model call is never bought twice.

    \b
    Examples:
      loresmith demo
      loresmith up
      loresmith submit generate_characters theme=fantasy count=3 --watch
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a letter shows ?


of_jobs = (estimate, submit, watch, jobs, show, result, calls, cancel, retry, rm)
for command in (up, demo, *of_jobs, budget, usage, types, worlds, world):
    main.add_command(command)
