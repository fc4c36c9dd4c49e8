"""The commands `loresmith keys`: create, list, rotate and revoke API keys."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from rich import box
from rich.table import Table

from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.exit_codes import FAILED, CommandError
from loresmith.cli.text import literal

STATE_STYLES: Final = {"expiring": "yellow", "expired": "red", "revoked": "dim"}
KEY_ID: Final = click.argument("id")


@click.group()
def keys() -> None:
    """Manage API keys. Needs the key of an admin in LORESMITH_API_KEY.

    A server on loopback without any key asks for none; its first key ends that.

    \b
    Examples:
      loresmith keys create ci --role member --scope jobs:read --scope jobs:write
      loresmith keys create admin --role admin --direct
      loresmith keys rotate 4fQ2xWb9 --overlap 24h
      loresmith keys revoke 4fQ2xWb9
    """


@keys.command()
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(["viewer", "member", "admin"]),
    default="member",
    show_default=True,
    help="What it may do at most.",
)
@click.option("--scope", "scopes", multiple=True, metavar="SCOPE", help="Only this; repeatable.")
@click.option("--user", "user_id", metavar="ID", help="The user that it acts for.")
@click.option("--team", "team_id", metavar="ID", help="The team of that user.")
@click.option("--rpm", type=click.IntRange(1), metavar="N", help="Requests a minute.")
@click.option("--expires-in", default="90d", show_default=True, metavar="AGE", help="Its term.")
@click.option("--direct", is_flag=True, help="Create it in the Redis of REDIS_URL.")
@with_client
def create(context: CommandContext, /, scopes: tuple[str, ...], direct: bool, **terms: Any) -> None:
    """Create a key, and print its secret this once.

    The first key of a server with --public cannot be asked for over HTTP: --direct creates it where
    the server keeps its keys, with the settings of the server (`up` prints one by itself).
    """
    terms |= {"scopes": list(scopes) or None}
    key = _create_directly(terms) if direct else context.client.create_key(**terms)
    context.show(key, lambda: _show_secret(context, key))


@keys.command("list")
@with_client
def list_keys(context: CommandContext) -> None:
    """List all keys, the newest first, without their secrets."""
    api_keys = context.client.keys()
    context.show(api_keys, lambda: _show_keys(context, api_keys))


@keys.command()
@KEY_ID
@click.option("--overlap", default="24h", show_default=True, help="The old secret stays valid.")
@with_client
def rotate(context: CommandContext, id: str, overlap: str) -> None:
    """Give a key a new secret and a new term, and print the secret this once."""
    key = context.client.rotate_key(id, overlap=overlap)
    context.show(key, lambda: _show_secret(context, key))


@keys.command()
@KEY_ID
@with_client
def revoke(context: CommandContext, id: str) -> None:
    """End a key at once."""
    key = context.client.revoke_key(id)
    context.show(key, lambda: context.out.print(literal(f"{key['name']} is revoked.")))


def _create_directly(terms: Mapping[str, Any]) -> dict[str, Any]:
    from loresmith.supervisor.api_keys import create_api_key
    from loresmith.supervisor.errors import SupervisorError

    chosen = {name: value for name, value in terms.items() if value is not None}
    try:
        return create_api_key(chosen, os.environ) or {}
    except SupervisorError as error:
        raise CommandError(str(error), FAILED) from None


def _show_secret(context: CommandContext, key: Mapping[str, Any]) -> None:
    """Prints the secret alone on standard output, for scripts."""
    context.out.print(literal(key["key"]))
    context.note(
        f"{key['role']} key {key['id']} until {_day(key['expires_at'])}; the secret is shown this "
        "once. Use it: export LORESMITH_API_KEY=lore_…"
    )


def _show_keys(context: CommandContext, api_keys: Sequence[Mapping[str, Any]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("key", "name", "role", "state", "expires", "last used"):
        table.add_column(name, no_wrap=name != "name")
    for key in api_keys:
        cells = (
            key["id"], key["name"], key["role"], key["state"], _day(key["expires_at"]),
            _day(key["last_used_at"]),
        )  # fmt: skip
        style = STATE_STYLES.get(key["state"], "")
        table.add_row(*(literal(cell, style) for cell in cells))
    context.out.print(table if api_keys else "No API keys.", soft_wrap=False)


def _day(time: str | None) -> str:
    return (time or "never")[:10]
