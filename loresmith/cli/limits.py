"""The commands `loresmith limits`: rate limits of pools, and limits of owners."""

import re
from collections.abc import Mapping
from typing import Any, Final

import click

from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.cost_tables import figures_table
from loresmith.cli.default_group import DefaultGroup
from loresmith.cli.text import literal

FIELDS: Final = ("requests_per_minute", "tokens_per_minute", "concurrency")
POSITIVE: Final = click.IntRange(1)


def _owner(ctx: click.Context, param: click.Parameter, value: str) -> str:
    if not re.match(r"(team|user):.", value):
        raise click.BadParameter(f"{value!r} is not an owner like team:sea or user:mira.")
    return value


OWNER: Final = click.argument("owner", callback=_owner)


@click.group(cls=DefaultGroup)
def limits() -> None:
    """Show and set limits. Needs the key of an admin in LORESMITH_API_KEY.

    A pool is a model at a provider's account. An owner is a team, or a user without one.

    \b
    Examples:
      loresmith limits
      loresmith limits pool openai/gpt-5-mini --rpm 500 --tpm 200000
      loresmith limits owner team:sea --weight 2 --concurrency 10
      loresmith limits rm-pool openai/gpt-5-mini
    """


@limits.command("show")
@with_client
def show_limits(context: CommandContext) -> None:
    """Show the limits of all pools and owners."""
    body = context.client.limits()
    context.show(body, lambda: _show_limits(context, body))


@limits.command("pool")
@click.argument("pool")
@click.option("--rpm", type=POSITIVE, metavar="N", help="Requests a minute.")
@click.option("--tpm", type=POSITIVE, metavar="N", help="Tokens a minute.")
@click.option("--concurrency", type=POSITIVE, metavar="N", help="Model calls at once.")
@with_client
def set_pool(
    context: CommandContext, pool: str, rpm: int | None, tpm: int | None, concurrency: int | None
) -> None:
    """Set the limits of a pool; they replace those that were set before."""
    terms = dict(zip(FIELDS, (rpm, tpm, concurrency), strict=True))
    changed = context.client.set_pool_limits(pool, **terms)
    context.show(changed, lambda: _show_limits(context, {"pools": [changed], "owners": []}))


@limits.command("owner")
@OWNER
@click.option(
    "--weight", type=click.FloatRange(0.01, 1000), default=1.0, show_default=True, metavar="N",
    help="Its share, compared with other owners whose jobs wait.",
)  # fmt: skip
@click.option("--concurrency", type=POSITIVE, metavar="N", help="Jobs at once.")
@with_client
def set_owner(context: CommandContext, owner: str, weight: float, concurrency: int | None) -> None:
    """Set the limits of an owner; they replace those that were set before."""
    changed = context.client.set_owner_limits(owner, weight=weight, concurrency=concurrency)
    context.show(changed, lambda: _show_limits(context, {"pools": [], "owners": [changed]}))


@limits.command("rm-pool")
@click.argument("pool")
@with_client
def delete_pool(context: CommandContext, pool: str) -> None:
    """Remove the limits that were set for a pool; others of it count again."""
    context.client.delete_pool_limits(pool)
    deleted = {"pool": pool, "deleted": True}
    context.show(deleted, lambda: context.note(f"Nothing is set for the pool {pool}."))


@limits.command("rm-owner")
@OWNER
@with_client
def delete_owner(context: CommandContext, owner: str) -> None:
    """Remove the limits of an owner."""
    context.client.delete_owner_limits(owner)
    deleted = {"owner": owner, "deleted": True}
    context.show(deleted, lambda: context.note(f"{owner} has no limits."))


def _show_limits(context: CommandContext, body: Mapping[str, Any]) -> None:
    if body["pools"]:
        table = figures_table("pool", "requests/min", "tokens/min", "at once", "calls", "closed")
        for pool in body["pools"]:
            closed = (pool["closed_until"] or "")[11:19]
            limits = (_limit(pool, field) for field in FIELDS)
            table.add_row(*map(literal, (pool["pool"], *limits, pool["calls"], closed)))
        context.out.print(table, soft_wrap=False)
    if body["owners"]:
        table = figures_table("owner", "weight", "jobs at once")
        for owner in body["owners"]:
            name, weight = f"{owner['scope']}:{owner['id']}", f"{owner['weight']:g}"
            table.add_row(*map(literal, (name, weight, owner["concurrency"] or "")))
        context.out.print(table, soft_wrap=False)
    if not (body["pools"] or body["owners"]):
        context.out.print("No pool was used, and no limit is set.")


def _limit(pool: Mapping[str, Any], field: str) -> str:
    """Returns the limit that counts, and where it comes from."""
    for source in ("set", "file", "learnt"):
        if value := pool[source][field]:
            return f"{value:g} {source}"
    return ""
