"""The command line `loresmith`: arguments, output, exit codes.

Talks to a server only through `loresmith.client`, and starts one only through
`loresmith.supervisor`.
"""

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from io import TextIOWrapper

import click

from loresmith.cli.catalogue import types, world, worlds
from loresmith.cli.cleanup import cleanup
from loresmith.cli.data import audit, erase_user
from loresmith.cli.exit_codes import FAILED, INTERRUPTED, MEANINGS, CommandError
from loresmith.cli.health import doctor, probe
from loresmith.cli.job_list import list_jobs
from loresmith.cli.jobs import calls, cancel, estimate, result, retry, rm, show, submit, watch
from loresmith.cli.keys import keys
from loresmith.cli.limits import limits
from loresmith.cli.money import budget, usage
from loresmith.cli.prompt.command import prompt
from loresmith.cli.queue import queue, workers
from loresmith.cli.stack import demo, up
from loresmith.cli.stats import stats
from loresmith.supervisor.part_environment import SettingsError, load_env_file


class CommandGroup(click.Group):
    """Lists the commands in the order of their use; Ctrl-C has its own exit code."""

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


EXIT_CODES = "\n".join(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())


@click.group(
    cls=CommandGroup,
    epilog=f"\b\nExit codes:\n{EXIT_CODES}",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(_version(), prog_name="loresmith")
def main() -> None:
    """A job server for long language-model generations.

    An accepted job is never lost, and a model call is never paid twice.

    \b
    Examples:
      loresmith demo
      loresmith up
      loresmith prompt "Write a haiku about rain."
      loresmith submit generate_characters theme=fantasy count=3 --watch
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # shows ? for a letter the terminal lacks
    try:
        load_env_file(os.environ)
    except SettingsError as error:
        raise CommandError(f"{error}.", FAILED) from None


job_commands = (prompt, estimate, submit, watch, list_jobs, show, result, calls, cancel, retry, rm)
for command in (
    up,
    demo,
    doctor,
    probe,
    *job_commands,
    cleanup,
    stats,
    budget,
    usage,
    queue,
    workers,
    limits,
    keys,
    audit,
    erase_user,
    types,
    worlds,
    world,
):
    main.add_command(command)
