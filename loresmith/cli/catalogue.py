"""Commands about what the server knows: types, worlds, world."""

from collections.abc import Mapping
from typing import Any

import click
from rich import box
from rich.table import Table

from loresmith.cli import cards
from loresmith.cli.arguments import ARTICLES, choices, kinds
from loresmith.cli.exits import REFUSED, Failure
from loresmith.cli.shell import Shell, talks
from loresmith.cli.text import told
from loresmith.job import JobType


@click.command()
@click.argument("type", required=False)
@talks
def types(shell: Shell, type: str | None) -> None:
    """List the job types, or the fields of one."""
    found = [kind for kind in shell.client.types() if type in (None, kind.type)]
    if not found:
        raise Failure(f"There is no job type {type!r}. See `loresmith types`.", REFUSED)
    if shell.as_json:
        shown = [vars(kind) for kind in found]
        shell.json(shown[0] if type else shown)
    elif type:
        _describe(shell, found[0])
    else:
        _list(shell, found)


@click.command()
@click.argument("user_id")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@talks
def worlds(shell: Shell, user_id: str, limit: int) -> None:
    """List a user's saved worlds, newest first."""
    found = shell.client.worlds(user_id, limit=limit)
    if shell.as_json:
        shell.json(found)
        return
    table = _table("world", "made", "title", "theme")
    for world in found:
        made = str(world["created_at"])[:16].replace("T", " ")
        table.add_row(*(told(cell) for cell in (world["id"], made, world["title"], world["theme"])))
    shell.out.print(table if found else f"{user_id} has no worlds.", soft_wrap=False)


@click.command()
@click.argument("id")
@talks
def world(shell: Shell, id: str) -> None:
    """Print a saved world."""
    found = shell.client.world(id)
    if shell.as_json:
        shell.json(found)
    else:
        cards.show(shell.out, found["content"])


def _list(shell: Shell, found: list[JobType]) -> None:
    table = _table("type", "usually", "what it does")
    for kind in found:
        table.add_row(kind.type, f"{kind.expected_s:g} s", told(kind.description))
    shell.out.print(table, soft_wrap=False)
    shell.note(f"Its fields: loresmith types {found[0].type}")


def _describe(shell: Shell, kind: JobType) -> None:
    shell.out.print(told(f"{kind.type}: {kind.description}"), soft_wrap=False)
    table = _table("field", "takes", "")
    required = kind.payload_schema.get("required", ())
    for name, field in kind.payload_schema.get("properties", {}).items():
        star = "*" if name in required else ""
        about = told(field.get("description", ""))
        table.add_row(f"{name}{star}", _takes(field, kind.payload_schema), about)
    shell.out.print(table, soft_wrap=False)
    words = " ".join(f"{name}={value}" for name, value in (kind.example or {}).items())
    shell.note(f"* required. For example: loresmith submit {kind.type} {words} --watch")


def _takes(field: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    """What a field accepts, in a few words."""
    if listed := choices(field, root):
        return ", ".join(map(str, listed))
    named = sorted(kinds(field, root) - {"null"})
    words = " or ".join(ARTICLES.get(kind, kind).split(" ", 1)[-1] for kind in named)
    if "minimum" in field and "maximum" in field:
        words += f", {field['minimum']} to {field['maximum']}"
    if field.get("default") is not None:
        words += f" ({field['default']})"
    return words


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=number == 0)
    return table
