"""Commands about job types and saved worlds: types, worlds, world."""

from collections.abc import Mapping
from typing import Any

import click
from rich import box
from rich.table import Table

from loresmith.cli.arguments import TYPE_NAMES, choices, json_types
from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.exit_codes import INVALID, CommandError
from loresmith.cli.render import show_result
from loresmith.cli.text import literal
from loresmith.client import JobTypeInfo


@click.command()
@click.argument("type", required=False)
@with_client
def types(context: CommandContext, type: str | None) -> None:
    """List the job types, or the fields of one."""
    job_types = [job_type for job_type in context.client.types() if type in (None, job_type.type)]
    if not job_types:
        raise CommandError(f"No job type {type!r}. See `loresmith types`.", INVALID)
    if context.as_json:
        values = [vars(job_type) for job_type in job_types]
        context.json(values[0] if type else values)
    elif type:
        _show_fields(context, job_types[0])
    else:
        _show_types(context, job_types)


@click.command()
@click.argument("user_id", required=False)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="Maximum number."
)
@with_client
def worlds(context: CommandContext, user_id: str | None, limit: int) -> None:
    """List a user's saved worlds, newest first.

    Without USER_ID it lists your own.
    """
    saved_worlds = context.client.worlds(user_id, limit=limit)
    context.show(saved_worlds, lambda: _show_worlds(context, user_id, saved_worlds))


@click.command()
@click.argument("id")
@with_client
def world(context: CommandContext, id: str) -> None:
    """Print a saved world."""
    saved_world = context.client.world(id)
    context.show(saved_world, lambda: show_result(context.out, saved_world["content"]))


def _show_worlds(
    context: CommandContext, user_id: str | None, saved_worlds: list[dict[str, Any]]
) -> None:
    table = _text_table("world", "created", "title", "theme")
    for world in saved_worlds:
        created = str(world["created_at"])[:16].replace("T", " ")
        cells = (world["id"], created, world["title"], world["theme"])
        table.add_row(*(literal(cell) for cell in cells))
    context.out.print(
        table if saved_worlds else f"No worlds of {user_id or 'yours'}.", soft_wrap=False
    )


def _show_types(context: CommandContext, job_types: list[JobTypeInfo]) -> None:
    table = _text_table("type", "usually", "description")
    for job_type in job_types:
        table.add_row(job_type.type, f"{job_type.expected_s:g} s", literal(job_type.description))
    context.out.print(table, soft_wrap=False)
    context.note(f"Fields of a type: loresmith types {job_types[0].type}")


def _show_fields(context: CommandContext, job_type: JobTypeInfo) -> None:
    context.out.print(literal(f"{job_type.type}: {job_type.description}"), soft_wrap=False)
    table = _text_table("field", "value", "description")
    required = job_type.payload_schema.get("required", ())
    for name, field in job_type.payload_schema.get("properties", {}).items():
        star = "*" if name in required else ""
        description = literal(field.get("description", ""))
        table.add_row(f"{name}{star}", _accepted(field, job_type.payload_schema), description)
    context.out.print(table, soft_wrap=False)
    words = " ".join(f"{name}={value}" for name, value in (job_type.example or {}).items())
    context.note(f"* required. Example: loresmith submit {job_type.type} {words} --watch")


def _accepted(field: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """Describes the values that a field accepts."""
    if values := choices(field, schema):
        return ", ".join(map(str, values))
    names = sorted(json_types(field, schema) - {"null"})
    text = " or ".join(_noun(name) for name in names)
    if "minimum" in field and "maximum" in field:
        text += f", {field['minimum']} to {field['maximum']}"
    if field.get("default") is not None:
        text += f" ({field['default']})"
    return text


def _text_table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=number == 0)
    return table


def _noun(json_type: str) -> str:
    return TYPE_NAMES.get(json_type, json_type).removeprefix("a ").removeprefix("an ")
