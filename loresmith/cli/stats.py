"""The command `loresmith stats`."""

from collections.abc import Mapping
from typing import Any

import click

from loresmith.cli.context import CommandContext, with_client
from loresmith.cli.cost_tables import figures_table
from loresmith.cli.pricing import usd
from loresmith.cli.text import literal


@click.command()
@with_client
def stats(context: CommandContext) -> None:
    """Show counts, times and costs of the jobs that have not expired."""
    body = context.client.stats()
    context.show(body, lambda: _show(context, body))


def _show(context: CommandContext, body: Mapping[str, Any]) -> None:
    counts = [f"{status} {number}" for status, number in body["counts"].items() if number]
    lines = [", ".join(counts) or "No jobs."]
    if body["success_rate"] is not None:
        lines.append(f"success rate {body['success_rate']:.0%}")
    for name in ("waiting_s", "running_s"):
        if times := body[name]:
            label = name.removesuffix("_s")
            lines.append(f"{label} p50 {times['p50']:.1f} s, p90 {times['p90']:.1f} s")
    if cost := body["cost"]:
        lines.append(f"cost {usd(cost['total'])}, p50 {usd(cost['p50'])}, p90 {usd(cost['p90'])}")
    for line in lines:
        context.out.print(literal(line))
    if body["by_type"]:
        table = figures_table("type", "ended", "completed", "p50 s", "p90 s")
        for name, each in body["by_type"].items():
            times = each["running_s"] or {}
            seconds = (f"{times[part]:.1f}" if times else "" for part in ("p50", "p90"))
            table.add_row(literal(name), str(each["ended"]), str(each["completed"]), *seconds)
        context.out.print(table, soft_wrap=False)
