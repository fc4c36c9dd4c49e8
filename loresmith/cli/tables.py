"""Tables about money: the estimate and the calls of a job, and the empty one to begin with."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.table import Table

from loresmith.cli.price import cheaper, expected, usd
from loresmith.cli.shell import Shell
from loresmith.cli.text import told


def estimate(shell: Shell, said: Mapping[str, Any]) -> None:
    """What a job would take, by step, and whether it would be made."""
    found = said["estimate"]
    rows = table("step", "tokens in", "out", "at most", "cost", "at most")
    for step in found["steps"]:
        sizes = (str(step[name]) for name in ("input", "output_expected", "output_max"))
        costs = (_known(step["cost"][name]) for name in ("expected", "max"))
        rows.add_row(told(step["name"]), *sizes, *costs)
    shell.out.print(rows, soft_wrap=False)
    took = found["duration_s"]
    shell.out.print(
        f"{found['model']}: {expected(found['cost'])}; {took['p50']:.0f} to {took['p90']:.0f} s",
        markup=False,
    )
    for line in _remarks(said):
        shell.note(line)


def calls(shell: Shell, found: Sequence[Mapping[str, Any]]) -> None:
    """The rows of the ledger."""
    rows = table("step", "state", "model", "in", "out", "cached", "cost")
    for call in found:
        tokens = call["tokens"] or {}
        sizes = (str(tokens.get(name, "")) for name in ("input", "output", "cached"))
        state = call["state"] if call["usable"] else f"{call['state']}, of no use"
        state = "from the cache" if call.get("cached") else state
        rows.add_row(told(call["step"]), state, told(call["model"] or ""), *sizes, _cost(call))
    shell.out.print(rows, soft_wrap=False)


def _remarks(said: Mapping[str, Any]) -> list[str]:
    lines = [each["detail"] for each in said["violations"]]
    if said["needs_confirmation"]:
        lines.append("The server asks for a yes before it buys so much (--yes).")
    if said.get("kept"):
        lines.append("The answer to an identical request is kept: it would cost nothing.")
    if (left := said["budget"]["available"]) is not None:
        lines.append(f"Left in its budgets: {usd(left)}.")
    return lines + (["Cheaper:", *cheaper(said)] if said["alternatives"] else [])


def _known(dollars: float | None) -> str:
    return "unknown" if dollars is None else usd(dollars)


def _cost(call: Mapping[str, Any]) -> str:
    if call["cost"] is not None:
        return usd(call["cost"])
    return "unknown" if call["at_most"] is None else f"at most {usd(call['at_most'])}"


def table(*columns: str) -> Table:
    """An empty one; all columns but the first are figures."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, name in enumerate(columns):
        made.add_column(name, justify="left" if number == 0 else "right")
    return made
