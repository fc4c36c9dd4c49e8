"""docs/cli.md and docs/client.md name everything there is, and nothing there is not."""

import inspect
import re
from pathlib import Path

import click
import pytest

import loresmith
from loresmith import Client, errors
from loresmith.cli import main
from loresmith.cli.exits import MEANINGS

DOCS = Path(__file__).parents[3] / "docs"
CLI = (DOCS / "cli.md").read_text()
CLIENT = (DOCS / "client.md").read_text()


def test_every_command_is_described() -> None:
    described = re.findall(r"^\| `(\w+)[^|]*` \|", CLI.partition("## Fields")[0], re.MULTILINE)

    assert described == list(main.commands)


def test_every_option_that_is_named_exists() -> None:
    known = {
        option
        for command in main.commands.values()
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in parameter.opts
    }

    assert set(re.findall(r"--[a-z][a-z-]+", CLI)) - known == {"--help"}


def test_every_exit_code_is_described() -> None:
    codes = re.findall(r"^\| (\d+) \| (.*) \|$", CLI, re.MULTILINE)

    assert [int(code) for code, _ in codes] == list(MEANINGS)
    for code, words in codes:
        assert words.replace("`", "").startswith(MEANINGS[int(code)]), code


def test_every_method_is_described_with_its_arguments() -> None:
    methods = [name for name in vars(Client) if not name.startswith("_")]
    described = dict(re.findall(r"^\| `(\w+)\(([^)]*)\)` \|", CLIENT, re.MULTILINE))

    assert sorted(described) == sorted(methods)
    for name, arguments in described.items():
        named = [word.strip().rstrip("=") for word in arguments.split(",") if word.strip()]
        assert named == list(inspect.signature(getattr(Client, name)).parameters)[1:], name


def test_the_tree_of_errors_is_that_of_the_module() -> None:
    tree = CLIENT.partition("## Errors")[2].split("```")[1].strip()

    assert tree in inspect.cleandoc(errors.__doc__ or "").replace("\n    ", "\n")


@pytest.mark.parametrize("name", loresmith.__all__)
def test_every_public_name_is_described(name: str) -> None:
    assert re.search(rf"\b{name}\b", CLIENT)
