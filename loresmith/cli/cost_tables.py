"""Tables of estimates and model calls."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from loresmith.cli.context import CommandContext
from loresmith.cli.pricing import alternatives, price_range, usd
from loresmith.cli.text import literal


def show_estimate_table(context: CommandContext, body: Mapping[str, Any]) -> None:
    """Prints an estimate by step, and whether the job would be accepted."""
    estimate = body["estimate"]
    table = figures_table("step", "tokens in", "out", "max out", "cost", "max cost")
    for step in estimate["steps"]:
        sizes = (str(step[name]) for name in ("input", "output_expected", "output_max"))
        costs = (usd(step["cost"][name]) for name in ("expected", "max"))
        table.add_row(literal(step["name"]), *sizes, *costs)
    context.out.print(table, soft_wrap=False)
    duration = estimate["duration_s"]
    context.out.print(
        f"{estimate['model']}: {price_range(estimate['cost'])}; "
        f"{duration['p50']:.0f} to {duration['p90']:.0f} s",
        markup=False,
    )
    for line in _notes(body):
        context.note(line)


def show_calls_table(context: CommandContext, calls: Sequence[Mapping[str, Any]]) -> None:
    """Prints the model calls of a job."""
    if not calls:
        context.out.print("No model calls.")
        return
    table = figures_table("step", "state", "model", "in", "out", "cached", "cost")
    for call in calls:
        tokens = call["tokens"] or {}
        sizes = (str(tokens.get(name, "")) for name in ("input", "output", "cached"))
        model = literal(call["model"] or "")
        step = literal(str(call["step"]).replace("~repair", " (repair)"))
        table.add_row(step, _state(call), model, *sizes, _call_cost(call))
    context.out.print(table, soft_wrap=False)


def figures_table(*columns: str) -> Table:
    """Returns an empty table of figures; its first column folds long names instead of cutting."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    first, *figures = columns
    table.add_column(first, overflow="fold")
    for name in figures:
        table.add_column(name, justify="right")
    return table


def _notes(body: Mapping[str, Any]) -> list[str]:
    lines = [violation["detail"] for violation in body["violations"]]
    if body["requires_confirmation"]:
        lines.append("The server requires confirmation of this cost (--yes).")
    if body.get("cached"):
        lines.append("An identical job has a cached result: --cache use costs nothing.")
    if (available := body["budget"]["available"]) is not None:
        lines.append(f"Available in its budgets: {usd(available)}.")
    return lines + (["Cheaper:", *alternatives(body)] if body["alternatives"] else [])


def _state(call: Mapping[str, Any]) -> str:
    if call.get("cached"):
        return "cached"
    state = "running" if call["state"] == "intent" else str(call["state"])
    return state if call["usable"] else f"{state}, unusable"


def _call_cost(call: Mapping[str, Any]) -> str:
    if call["cost"] is not None:
        return usd(call["cost"])
    return "unknown" if call["upper_bound"] is None else f"up to {usd(call['upper_bound'])}"
