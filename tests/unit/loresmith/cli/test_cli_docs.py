"""docs/cli.md describes every command, option and exit code, and no others."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from loresmith.cli import main
from loresmith.cli.exit_codes import MEANINGS

DOCS = (Path(__file__).parents[4] / "docs/cli.md").read_text()


def test_every_command_is_described() -> None:
    described = re.findall(r"^\| `([\w-]+)[^|]*` \|", DOCS.partition("## Fields")[0], re.MULTILINE)

    assert described == list(main.commands)


def commands(group: click.Group) -> Iterator[click.Command]:
    """Yields the commands of a group, and those of the groups in it."""
    for command in group.commands.values():
        yield command
        if isinstance(command, click.Group):
            yield from commands(command)


def test_every_option_that_is_named_exists() -> None:
    known = {
        option
        for command in commands(main)
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }

    assert set(re.findall(r"--[a-z][a-z-]+", DOCS)) - known == {"--help"}


def test_every_exit_code_is_described() -> None:
    codes = re.findall(r"^\| (\d+) \| (.*) \|$", DOCS, re.MULTILINE)

    assert [int(code) for code, _ in codes] == list(MEANINGS)
    for code, words in codes:
        assert words.replace("`", "").startswith(MEANINGS[int(code)]), code
