"""The price before, the yes that it may want, and the bill after, over a server that is played."""

from typing import Any

import pytest

from tests.unit.loresmith.network import job
from tests.unit.loresmith.test_cli_commands import PLAN, Played, run, server, submit

__all__ = ["server"]

COST = {"expected": 0.0036, "max": 0.6, "currency": "USD"}
STEP = {"name": "generate", "input": 434, "output_expected": 1750, "output_max": 3500, "cost": COST}
ESTIMATE: dict[str, Any] = {
    "model": "m-1",
    "tokens": {"input": 434, "output_expected": 1750, "output_max": 3500, "method": "o200k"},
    "cost": COST,
    "duration_s": {"p50": 30.0, "p90": 45.0},
    "steps": [STEP],
}
ALTERNATIVES = [
    {"change": {"payload": {"count": 2}}, "cost": COST | {"max": 0.4}},
    {"change": {"options": {"cache": "only"}}, "cost": {"expected": 0, "max": 0}},
]
REFUSAL = {
    "code": "cost-confirmation-required", "status": 428, "detail": "It may cost $0.6000.",
    "estimate": ESTIMATE, "alternatives": ALTERNATIVES,
}  # fmt: skip


def priced(**cost: Any) -> dict[str, Any]:
    told = {"estimate": 0.0036, "estimate_max": 0.6, "actual": None, "state": "reserved"}
    return {"currency": "USD", **told, **cost}


def test_the_estimate_is_told_before_and_the_bill_after(server: Played) -> None:
    used = {"input_tokens": 434, "output_tokens": 812, "cached_tokens": 30, "calls": 1}
    done = job("completed", result=[], usage=used, cost=priced(actual=0.0042, state="final"))
    server.on("POST /jobs", (202, job("pending", cost=priced())))
    server.on("GET /jobs/j1", (200, done))

    told = submit("--wait").stderr

    assert "Estimate: about $0.0036, at most $0.6000." in told
    assert "Cost: $0.0042 (estimate $0.0036). 434 tokens in (30 cached), 812 out, 1 call." in told


@pytest.mark.parametrize(
    ("cost", "usage", "words"),
    [
        (priced(actual=0.5, state="at_most"), {"calls": 2}, "Cost: at most $0.5000"),
        (priced(actual=None, state="final"), {"calls": 1}, "no known price"),
        (priced(actual=0, state="final"), {"cache_hits": 1}, "Answered from an identical request"),
    ],
)
def test_bills_that_say_more(
    server: Played, cost: dict[str, Any], usage: dict[str, Any], words: str
) -> None:
    server.on("POST /jobs", (202, job("pending", cost=cost)))
    server.on("GET /jobs/j1", (200, job("completed", result=[], usage=usage, cost=cost)))

    assert words in submit("--wait").stderr


def test_a_price_that_is_not_known_is_said(server: Played) -> None:
    cost = priced(estimate=None, estimate_max=None)
    server.on("POST /jobs", (202, job("pending", cost=cost)))

    assert "unknown: the server knows no price" in submit().stderr


def test_much_money_wants_a_yes(server: Played) -> None:
    """Given a server that asks first / I expect the price and the cheaper ways, and with --yes the
    same request under the same key with what was agreed to.
    """
    server.on("POST /jobs", (428, REFUSAL))
    refused = submit()
    assert refused.exit_code == 2
    for words in ("It may cost $0.6000.", "--yes", "count=2", "--cache only: nothing"):
        assert words in refused.stderr

    server.asked.clear()
    server.on("POST /jobs", (428, REFUSAL), (202, job("pending", cost=priced())))
    agreed = submit("--yes")

    assert agreed.exit_code == 0
    first, second = (ask for ask in server.asked if ask.method == "POST")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert server.bodies("POST")[1]["options"] == {"confirm_cost": 0.6}


def test_what_is_too_dear_is_refused_with_what_would_fit(server: Played) -> None:
    server.on("POST /jobs", (400, REFUSAL | {"code": "cost-cap-exceeded", "detail": "Too dear."}))

    done = submit("--max-cost", "0.1", "--yes")

    assert done.exit_code == 2
    assert "Too dear." in done.stderr
    assert "count=2: about $0.0036, at most $0.4000" in done.stderr
    assert server.bodies("POST")[0]["options"] == {"max_cost": 0.1}


def test_an_estimate(server: Played) -> None:
    told = {
        "estimate": ESTIMATE, "kept": True, "allowed": True, "violations": [],
        "needs_confirmation": True, "alternatives": ALTERNATIVES, "budget": {"available": 1.5},
    }  # fmt: skip
    server.on("POST /jobs/estimate", (200, told))

    done = run("estimate", "generate_relics", "theme=salt", "--model", "m-1")

    assert done.exit_code == 0, done.output
    assert "m-1: about $0.0036, at most $0.6000; 30 to 45 s" in done.stdout
    for words in ("would cost nothing", "(--yes)", "Left in its budgets: $1.50", "count=2"):
        assert words in done.stderr


def test_the_calls_of_a_job(server: Played) -> None:
    call = {
        "call_id": "j1/generate/0", "step": "generate", "model": "m-1", "state": "done",
        "attempt": 1, "usable": True, "cached": False, "requests": 1, "cost": 0.0042,
        "tokens": {"input": 434, "output": 812, "cached": 0, "reasoning": 0}, "at_most": 0.0042,
    }  # fmt: skip
    unknown = call | {"state": "unknown", "cost": None, "at_most": 0.6, "tokens": None}
    server.on("GET /jobs/j1/calls", (200, {"calls": [call, unknown, call | {"cached": True}]}))

    shown = run("calls", "j1").stdout

    for words in ("generate", "434", "812", "$0.0042", "at most $0.6000", "from the cache"):
        assert words in shown


def test_a_retry_says_what_it_buys(server: Played) -> None:
    server.on("POST /jobs/j1/retry?dry_run=true", (200, PLAN))
    server.on("GET /jobs/j1", (200, job("failed")))
    server.on("POST /jobs/j1/retry", (202, job("pending", attempt=2)))

    told = run("retry", "j1").stderr

    assert "Kept: nothing. Bought: generate (about $0.0200, at most $0.0500)." in told
