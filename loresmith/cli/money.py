"""Commands about money: budget, usage."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import click

from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.cost_tables import figures_table
from loresmith.cli.text import literal

STATE_STYLES: Final = {"warning": "yellow", "exhausted": "red"}
SCOPES = ["global", "team", "user", "key", "type", "model"]
SCOPE = click.argument("scope", type=click.Choice(SCOPES))
ID = click.argument("id", default="all", required=False)


def _rfc3339(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Accepts a time with its offset from UTC, and passes it on as written."""
    if value is None:
        return None
    try:
        valid = datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        valid = False
    if not valid:
        raise click.BadParameter(f"{value!r} is not a time like 2026-11-23T10:00:00Z.")
    return value


@click.group()
def budget() -> None:
    """Manage budgets.

    \b
    Examples:
      loresmith budget set global --limit 100
      loresmith budget set user mira --limit 2 --window day --timezone Europe/Berlin
      loresmith budget list
    """


@budget.command("list")
@with_client
def list_budgets(context: CommandContext) -> None:
    """Show all budgets and what is left of them."""
    budgets = context.client.budgets()
    context.show(budgets, lambda: _show_budgets(context, budgets))


@budget.command("set")
@SCOPE
@ID
@click.option("--limit", type=float, required=True, metavar="USD", help="Dollars per window.")
@click.option(
    "--window", type=click.Choice(["day", "month", "total"]), default="month", show_default=True
)
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="Time zone in which days and months begin.",
)
@click.option("--cap", type=float, metavar="USD", help="Maximum cost of one job.")
@click.option("--soft", is_flag=True, help="Count and warn, but reject no job.")
@with_client
def set_budget(
    context: CommandContext,
    scope: str,
    id: str,
    limit: float,
    window: str,
    timezone: str,
    cap: float | None,
    soft: bool,
) -> None:
    """Set or change a budget."""
    mode = "soft" if soft else "hard"
    terms = {"limit": limit, "window": window, "timezone": timezone, "mode": mode}
    changed = context.client.set_budget(scope, id, **terms, per_job_cap=cap)
    context.show(changed, lambda: _show_budgets(context, [changed]))


@budget.command("rm")
@SCOPE
@ID
@with_client
def delete_budget(context: CommandContext, scope: str, id: str) -> None:
    """Delete a budget."""
    context.client.delete_budget(scope, id)
    deleted = {"scope": scope, "id": id, "deleted": True}
    context.show(deleted, lambda: context.note(f"Budget {scope} {id} is deleted."))


@click.command()
@click.option(
    "--by",
    type=click.Choice(["user", "team", "type", "model", "session", "day"]),
    default="day",
    show_default=True,
)
@click.option(
    "--from",
    "since",
    callback=_rfc3339,
    metavar="TIME",
    help="Start time, RFC 3339 (default: first day of this month).",
)
@click.option(
    "--to", "until", callback=_rfc3339, metavar="TIME", help="End time, RFC 3339 (default: now)."
)
@with_client
def usage(context: CommandContext, by: str, since: str | None, until: str | None) -> None:
    """Show cost by day, user, … (deleted jobs included)."""
    period = {name: time for name, time in (("from", since), ("to", until)) if time}
    report = context.client.usage(by, **period)
    context.show(report, lambda: _show_usage(context, by, report))


def _show_usage(context: CommandContext, by: str, report: Mapping[str, Any]) -> None:
    table = figures_table(by, "jobs", "calls", "tokens in", "out", "cost", "uncertain", "estimate")
    for row in report["rows"]:
        table.add_row(literal(row["key"] or "(none)"), *_figures(row))
    table.add_section()
    table.add_row("total", *_figures(report["total"]))
    context.out.print(table, soft_wrap=False)
    if unpriced := report["total"].get("unpriced_jobs"):
        context.note(f"{unpriced} jobs had no known price: what they cost is not in the table.")
    if report.get("pending"):
        context.note(f"{report['pending']} more finished jobs are being processed.")


def _show_budgets(context: CommandContext, budgets: list[dict[str, Any]]) -> None:
    if not budgets:
        context.out.print("No budgets. Set one: loresmith budget set global --limit 100")
        return
    table = figures_table(
        "budget", "window", "limit", "spent", "reserved", "left", "resets", "state"
    )
    for each in budgets:
        name = each["scope"] if each["scope"] == "global" else f"{each['scope']} {each['id']}"
        resets = str(each["resets_at"] or "never")[:16].replace("T", " ")
        amounts = [_usd(each[part]) for part in ("limit", "spent", "reserved", "available")]
        state = each["state"] if each["mode"] == "hard" else f"{each['state']} (soft)"
        style = STATE_STYLES.get(each["state"], "")
        table.add_row(literal(name), each["window"], *amounts, resets, literal(state, style))
    context.out.print(table, soft_wrap=False)


def _figures(row: Mapping[str, Any]) -> tuple[str, ...]:
    error = row["estimate_error"]
    return (
        str(row["jobs"]),
        str(row["calls"]),
        str(row["tokens"]["input"]),
        str(row["tokens"]["output"]),
        _usd(row["cost"]),
        _usd(row["unknown_exposure"]),
        "" if error is None else f"{error:+.0%}",
    )


def _usd(dollars: float) -> str:
    """Formats cents, or four digits for smaller amounts."""
    return f"{dollars:.2f}" if dollars == round(dollars, 2) else f"{dollars:.4f}"
