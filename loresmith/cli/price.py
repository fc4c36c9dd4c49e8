"""Prices in words: what a job would cost, what it did cost, and a yes where one is wanted."""

import sys
from collections.abc import Mapping
from typing import Any

import click

from loresmith.cli.exits import REFUSED, Failure
from loresmith.cli.shell import Shell
from loresmith.errors import ProblemError
from loresmith.job import Job

CONFIRM = "cost-confirmation-required"
TOO_DEAR = "cost-cap-exceeded"


def usd(dollars: float | None) -> str:
    """Dollars with as many digits as say something."""
    if dollars is None:
        return "a price that is not known"
    return f"${dollars:.2f}" if dollars >= 1 or dollars == 0 else f"${dollars:.4f}"


def expected(cost: Mapping[str, Any]) -> str:
    """An estimate; `cost` has `expected` and `max`."""
    if cost.get("max") is None:
        return "unknown: the server knows no price of this model"
    if not cost["max"]:
        return "nothing"
    return f"about {usd(cost.get('expected'))}, at most {usd(cost['max'])}"


def before(shell: Shell, job: Job) -> None:
    """The estimate of a job that was just accepted."""
    cost = job.cost
    if cost and not job.reused:
        told = expected({"expected": cost.get("estimate"), "max": cost.get("estimate_max")})
        shell.note(f"Estimate: {told}.")


def bill(shell: Shell, job: Job) -> None:
    """What a job has cost."""
    if job.cost:
        shell.note(f"Cost: {_actual(job)}. {_used(job.usage or {})}".rstrip())


def agreed(shell: Shell, refused: ProblemError, *, yes: bool) -> dict[str, Any]:
    """The option that answers a server which wants a yes. Asks a person, if there is one.

    Raises Failure: the job is too dear, or nobody said yes.
    """
    if refused.code != CONFIRM:
        raise Failure("\n".join([refused.detail, *cheaper(refused.members)]), REFUSED) from None
    most = refused.members["estimate"]["cost"]["max"]
    if not yes and sys.stdin.isatty():
        yes = click.confirm(f"The job may cost {usd(most)}. Buy it?", err=True)
    if not yes:
        words = [refused.detail, "Add --yes to agree.", *cheaper(refused.members)]
        raise Failure("\n".join(words), REFUSED) from None
    return {"confirm_cost": most}


def cheaper(told: Mapping[str, Any]) -> list[str]:
    """The alternatives that a server proposes, a line each."""
    return [
        f"  {_change(each['change'])}: {expected(each['cost'])}"
        for each in told.get("alternatives") or []
    ]


def _change(change: Mapping[str, Any]) -> str:
    """As it is said on the command line."""
    options = dict(change.get("options") or {})
    fields = [f"{name}={value}" for name, value in (change.get("payload") or {}).items()]
    return " ".join([*fields, *(f"--{name} {value}" for name, value in options.items())])


def _actual(job: Job) -> str:
    cost = job.cost or {}
    if cost.get("actual") is None:
        return "not known, because the model has no known price"
    most = "at most " if cost.get("state") == "at_most" else ""
    guess = cost.get("estimate")
    return f"{most}{usd(cost['actual'])}" + (f" (estimate {usd(guess)})" if guess else "")


def _used(usage: Mapping[str, Any]) -> str:
    if usage.get("cache_hits") and not usage.get("calls"):
        return "Answered from an identical request; --cache skip buys it anew."
    if not usage.get("calls"):
        return ""
    cached = f" ({usage['cached_tokens']} cached)" if usage.get("cached_tokens") else ""
    calls = "1 call" if usage["calls"] == 1 else f"{usage['calls']} calls"
    tokens = (
        f"{usage.get('input_tokens', 0)} tokens in{cached}, {usage.get('output_tokens', 0)} out"
    )
    return f"{tokens}, {calls}."
