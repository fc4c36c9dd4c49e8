"""Prices as text: estimates, actual cost, alternatives; and the confirmation of a price."""

import sys
from collections.abc import Mapping
from typing import Any, Final

import click

from loresmith.cli.context import CommandContext
from loresmith.cli.exit_codes import INVALID, CommandError
from loresmith.client import Job, ProblemError

CONFIRMATION_REQUIRED: Final = "cost-confirmation-required"
COST_CAP_EXCEEDED: Final = "cost-cap-exceeded"


def usd(dollars: float | None) -> str:
    """Formats dollars with as many digits as matter."""
    if dollars is None:
        return "unknown"
    return f"${dollars:.2f}" if dollars >= 1 or dollars == 0 else f"${dollars:.4f}"


def price_range(cost: Mapping[str, Any]) -> str:
    """Formats an estimate with `expected` and `max`."""
    if cost.get("max") is None:
        return "unknown (no price known for this model)"
    if not cost["max"]:
        return "no charge"
    return f"about {usd(cost.get('expected'))}, up to {usd(cost['max'])}"


def show_estimate(context: CommandContext, job: Job) -> None:
    """Prints the estimate of a new job."""
    cost = job.cost
    if cost and not job.reused:
        estimate = {"expected": cost.get("estimate"), "max": cost.get("estimate_max")}
        context.note(f"Estimate: {price_range(estimate)}.")


def show_cost(context: CommandContext, job: Job) -> None:
    """Prints the actual cost and the tokens of a job."""
    if job.cost:
        context.note(f"Cost: {actual_cost(job)}. {_usage(job.usage or {})}".rstrip())


def confirmed_options(
    context: CommandContext, problem: ProblemError, *, yes: bool
) -> dict[str, Any]:
    """Returns the option that confirms the price, after asking on a terminal.

    Raises CommandError when the price is above a cap, or is not confirmed.
    """
    if problem.code == COST_CAP_EXCEEDED:
        lines = [problem.detail, *alternatives(problem.members)]
        raise CommandError("\n".join(lines), INVALID) from None
    max_cost = problem.members["estimate"]["cost"]["max"]
    if not (yes or confirmed(max_cost, "This job", scripts=False)):
        lines = [problem.detail, "Add --yes to confirm.", *alternatives(problem.members)]
        raise CommandError("\n".join(lines), INVALID) from None
    return {"confirm_cost": max_cost}


def confirmed(max_cost: float | None, what: str, *, scripts: bool) -> bool:
    """Asks on a terminal whether to spend up to a cost; elsewhere, returns `scripts`."""
    if not sys.stdin.isatty():
        return scripts
    limit = "an unknown amount" if max_cost is None else f"up to {usd(max_cost)}"
    return click.confirm(f"{what} could cost {limit}. Continue?", err=True)


def alternatives(body: Mapping[str, Any]) -> list[str]:
    """Formats the cheaper requests that a server proposes, a line each."""
    return [
        f"  {_arguments(each['change'])}: {price_range(each['cost'])}"
        for each in body.get("alternatives") or []
    ]


def _arguments(change: Mapping[str, Any]) -> str:
    """Formats a changed request as arguments of the command line."""
    options = dict(change.get("options") or {})
    fields = [f"{name}={value}" for name, value in (change.get("payload") or {}).items()]
    return " ".join([*fields, *(f"--{name} {value}" for name, value in options.items())])


def actual_cost(job: Job) -> str:
    """Formats the cost of a job so far, with its estimate."""
    cost = job.cost or {}
    if cost.get("actual") is None:
        return "unknown (no price known for this model)"
    bound = "up to " if cost.get("state") == "upper_bound" else ""
    estimate = cost.get("estimate")
    if (likely := cost.get("likely")) is not None and likely != cost["actual"]:
        bound = f"about {usd(likely)}, {bound}"
    return f"{bound}{usd(cost['actual'])}" + (f" (estimate {usd(estimate)})" if estimate else "")


def _usage(usage: Mapping[str, Any]) -> str:
    if usage.get("cache_hits") and not usage.get("calls"):
        return "Cached result from an identical job; without --cache use a new one is generated."
    if not usage.get("calls"):
        return ""
    cached = f" ({usage['cached_tokens']} cached)" if usage.get("cached_tokens") else ""
    calls = "1 call" if usage["calls"] == 1 else f"{usage['calls']} calls"
    tokens_in, tokens_out = usage.get("input_tokens", 0), usage.get("output_tokens", 0)
    return f"{tokens_in} input tokens{cached}, {tokens_out} output tokens, {calls}."
