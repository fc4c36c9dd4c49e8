"""Commands about money: budget, usage."""

from collections.abc import Mapping
from typing import Any

import click
from rich.table import Table

from loresmith.cli.shell import Shell, talks
from loresmith.cli.tables import table
from loresmith.cli.text import told

STYLES = {"warning": "yellow", "exhausted": "red"}
SCOPE = click.argument("scope", type=click.Choice(["global", "team", "user", "type", "model"]))
ID = click.argument("id", default="all", required=False)


@click.group()
def budget() -> None:
    """What may be spent, by whom.

    \b
    Examples:
      loresmith budget set global --limit 100
      loresmith budget set user mira --limit 2 --window day --timezone Europe/Berlin
      loresmith budget list
    """


@budget.command("list")
@talks
def list_(shell: Shell) -> None:
    """Show all budgets as they stand now."""
    found = shell.client.budgets()
    if shell.as_json:
        shell.json(found)
    elif found:
        shell.out.print(_budgets(found), soft_wrap=False)
    else:
        shell.out.print("There are none. To set one: loresmith budget set global --limit 100")


@budget.command("set")
@SCOPE
@ID
@click.option("--limit", type=float, required=True, metavar="USD", help="Dollars in the window.")
@click.option("--window", type=click.Choice(["day", "month", "total"]), default="month")
@click.option("--timezone", default="UTC", metavar="ZONE", help="Where days and months begin.")
@click.option("--cap", type=float, metavar="USD", help="Dollars that one job may cost at most.")
@click.option("--soft", is_flag=True, help="Count and warn, refuse nothing.")
@talks
def set_(
    shell: Shell, scope: str, id: str, limit: float, window: str, timezone: str,
    cap: float | None, soft: bool,
) -> None:  # fmt: skip
    """Set a budget, or change its terms."""
    mode = "soft" if soft else "hard"
    terms = {"limit": limit, "window": window, "timezone": timezone, "mode": mode}
    made = shell.client.set_budget(scope, id, **terms, per_job_cap=cap)
    if shell.as_json:
        shell.json(made)
    else:
        shell.out.print(_budgets([made]), soft_wrap=False)


@budget.command()
@SCOPE
@ID
@talks
def rm(shell: Shell, scope: str, id: str) -> None:
    """Take a budget away."""
    shell.client.drop_budget(scope, id)
    shell.note(f"The {scope} budget {id} limits nothing any more.")


@click.command()
@click.option(
    "--by",
    type=click.Choice(["user", "team", "type", "model", "session", "day"]),
    default="day",
    show_default=True,
)
@click.option("--from", "since", metavar="TIME", help="RFC 3339; the first of this month without.")
@click.option("--to", "until", metavar="TIME", help="RFC 3339; now without.")
@talks
def usage(shell: Shell, by: str, since: str | None, until: str | None) -> None:
    """Show what jobs have cost, also those that are gone."""
    time = {name: told for name, told in (("from", since), ("to", until)) if told}
    report = shell.client.usage(by, **time)
    if shell.as_json:
        shell.json(report)
        return
    rows = table(by, "jobs", "calls", "tokens in", "out", "cost", "of which at most", "estimate")
    for row in report["rows"]:
        rows.add_row(told(row["key"] or "(none)"), *_figures(row))
    rows.add_section()
    rows.add_row("total", *_figures(report["total"]))
    shell.out.print(rows, soft_wrap=False)
    if report.get("pending"):
        shell.note(f"{report['pending']} ended jobs are not in the archive yet.")


def _budgets(found: list[dict[str, Any]]) -> Table:
    rows = table("budget", "window", "limit", "spent", "reserved", "left", "resets", "state")
    for each in found:
        name = each["scope"] if each["scope"] == "global" else f"{each['scope']} {each['id']}"
        resets = str(each["resets_at"] or "never")[:16].replace("T", " ")
        amounts = [_usd(each[part]) for part in ("limit", "spent", "reserved", "available")]
        state = each["state"] if each["mode"] == "hard" else f"{each['state']} (soft)"
        style = STYLES.get(each["state"], "")
        rows.add_row(told(name), each["window"], *amounts, resets, told(state, style))
    return rows


def _figures(row: Mapping[str, Any]) -> tuple[str, ...]:
    off = row["estimate_error"]
    return (
        str(row["jobs"]),
        str(row["calls"]),
        str(row["tokens"]["input"]),
        str(row["tokens"]["output"]),
        _usd(row["cost"]),
        _usd(row["unknown_exposure"]),
        "" if off is None else f"{off:+.0%}",
    )


def _usd(dollars: float) -> str:
    """Cents, or more digits where there are less than cents."""
    return f"{dollars:.2f}" if dollars == round(dollars, 2) else f"{dollars:.4f}"
