"""The estimate of a job, the confirmation of its cost, and its actual cost."""

from types import SimpleNamespace
from typing import Any

import pytest

from loresmith.cli import pricing
from loresmith.cli.context import CommandContext
from loresmith.client import ProblemError
from tests.unit.loresmith.cli.mock_server import PLAN, MockServer, run, submit
from tests.unit.loresmith.client.network import job

URL = "http://127.0.0.1:8080"
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
PROBLEM = {
    "code": "cost-confirmation-required", "status": 428, "detail": "It may cost $0.6000.",
    "estimate": ESTIMATE, "alternatives": ALTERNATIVES,
}  # fmt: skip


def priced(**cost: Any) -> dict[str, Any]:
    base = {"estimate": 0.0036, "estimate_max": 0.6, "actual": None, "state": "reserved"}
    return {"currency": "USD", **base, **cost}


def test_the_estimate_is_shown_before_and_the_cost_after(server: MockServer) -> None:
    usage = {"input_tokens": 434, "output_tokens": 812, "cached_tokens": 30, "calls": 1}
    completed = job("completed", result=[], usage=usage, cost=priced(actual=0.0042, state="final"))
    server.on("POST /jobs", (202, job("pending", cost=priced())))
    server.on("GET /jobs/j1", (200, completed))

    text = submit("--wait").stderr

    assert "Estimate: about $0.0036, up to $0.6000." in text
    assert "Cost: $0.0042 (estimate $0.0036)." in text
    assert "434 input tokens (30 cached), 812 output tokens, 1 call." in text


@pytest.mark.parametrize(
    ("cost", "usage", "text"),
    [
        (priced(actual=0.5, state="upper_bound"), {"calls": 2}, "Cost: up to $0.5000"),
        (priced(actual=None, state="final"), {"calls": 1}, "no price known"),
        (priced(actual=0, state="final"), {"cache_hits": 1}, "Cached result from an identical job"),
    ],
)
def test_costs_that_are_bounded_unknown_or_cached(
    server: MockServer, cost: dict[str, Any], usage: dict[str, Any], text: str
) -> None:
    server.on("POST /jobs", (202, job("pending", cost=cost)))
    server.on("GET /jobs/j1", (200, job("completed", result=[], usage=usage, cost=cost)))

    assert text in submit("--wait").stderr


def test_an_unknown_price(server: MockServer) -> None:
    cost = priced(estimate=None, estimate_max=None)
    server.on("POST /jobs", (202, job("pending", cost=cost)))

    assert "unknown (no price known for this model)" in submit().stderr


def test_a_high_cost_needs_confirmation(server: MockServer) -> None:
    """Given a server that requires confirmation / I expect the cost and the alternatives, and with
    --yes the same request under the same key with the confirmed cost.
    """
    server.on("POST /jobs", (428, PROBLEM))
    rejected = submit()
    assert rejected.exit_code == 2
    for expected in ("It may cost $0.6000.", "--yes", "count=2", "--cache only: no charge"):
        assert expected in rejected.stderr

    server.requests.clear()
    server.on("POST /jobs", (428, PROBLEM), (202, job("pending", cost=priced())))
    confirmed = submit("--yes")

    assert confirmed.exit_code == 0
    first, second = (each for each in server.requests if each.method == "POST")
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert server.bodies("POST")[1]["options"] == {"confirm_cost": 0.6}


def test_a_cost_above_the_cap_is_rejected_with_alternatives(server: MockServer) -> None:
    server.on("POST /jobs", (400, PROBLEM | {"code": "cost-cap-exceeded", "detail": "Too much."}))

    result = submit("--max-cost", "0.1", "--yes")

    assert result.exit_code == 2
    assert "Too much." in result.stderr
    assert "count=2: about $0.0036, up to $0.4000" in result.stderr
    assert server.bodies("POST")[0]["options"] == {"max_cost": 0.1}


def test_an_estimate(server: MockServer) -> None:
    body = {
        "estimate": ESTIMATE, "cached": True, "allowed": True, "violations": [],
        "requires_confirmation": True, "alternatives": ALTERNATIVES, "budget": {"available": 1.5},
    }  # fmt: skip
    server.on("POST /jobs/estimate", (200, body))

    result = run("estimate", "generate_relics", "theme=salt", "--model", "m-1")

    assert result.exit_code == 0, result.output
    assert "m-1: about $0.0036, up to $0.6000; 30 to 45 s" in result.stdout
    for expected in ("no charge", "(--yes)", "Available in its budgets: $1.50", "count=2"):
        assert expected in result.stderr


def test_the_calls_of_a_job(server: MockServer) -> None:
    call = {
        "call_id": "j1/generate/0", "step": "generate", "model": "m-1", "state": "done",
        "attempt": 1, "usable": True, "cached": False, "requests": 1, "cost": 0.0042,
        "tokens": {"input": 434, "output": 812, "cached": 0, "reasoning": 0}, "upper_bound": 0.0042,
    }  # fmt: skip
    unknown = call | {"state": "unknown", "cost": None, "upper_bound": 0.6, "tokens": None}
    repair = unknown | {"step": "generate~repair", "state": "intent"}
    calls = [call, unknown, repair, call | {"cached": True}]
    server.on("GET /jobs/j1/calls", (200, {"calls": calls}))

    text = run("calls", "j1").stdout

    for expected in ("generate", "434", "812", "$0.0042", "up to $0.6000", "running", "cached"):
        assert expected in text


def test_a_retry_shows_its_plan(server: MockServer) -> None:
    server.on("POST /jobs/j1/retry?dry_run=true", (200, PLAN))
    server.on("GET /jobs/j1", (200, job("failed")))
    server.on("POST /jobs/j1/retry", (202, job("pending", attempt=2)))

    text = run("retry", "j1").stderr

    assert "Reused: none. Will run: generate (about $0.0200, up to $0.0500)." in text


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A person at a terminal, who gives `answer` to each question."""
    person = SimpleNamespace(answer=True, questions=[])

    def confirm(question: str, **options: Any) -> Any:
        person.questions.append(question)
        return person.answer

    stdin = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(pricing, "sys", SimpleNamespace(stdin=stdin))
    monkeypatch.setattr(pricing.click, "confirm", confirm)
    return person


def test_the_question_on_a_terminal_names_the_cost(terminal: SimpleNamespace) -> None:
    """Given a person at a terminal who confirms / I expect the job to be sent."""
    problem = ProblemError(428, PROBLEM)

    options = pricing.confirmed_options(CommandContext(URL, as_json=False), problem, yes=False)

    assert options == {"confirm_cost": 0.6}
    assert terminal.questions == ["This job could cost up to $0.6000. Continue?"]


@pytest.mark.parametrize(
    ("max_cost", "words", "question"),
    [
        (0.05, [], "This retry could cost up to $0.0500. Continue?"),
        (None, [], "This retry could cost an unknown amount. Continue?"),
        (0, [], None),
        (0.05, ["--yes"], None),
        (0.05, ["--accept-duplicate-charge"], None),
    ],
)
def test_a_retry_asks_on_a_terminal_before_it_may_cost(
    server: MockServer,
    terminal: SimpleNamespace,
    max_cost: float | None,
    words: list[str],
    question: str | None,
) -> None:
    """Given a person at a terminal / I expect the question, and no retry after a no."""
    plan = PLAN | {"cost": {"expected": max_cost, "max": max_cost}}
    server.on("POST /jobs/j1/retry?dry_run=true", (200, plan))
    server.on("GET /jobs/j1", (200, job("failed")))
    server.on("POST /jobs/j1/retry", (202, job("pending", attempt=2)))
    terminal.answer = False

    declined = run("retry", "j1", *words)

    assert terminal.questions == ([question] if question else [])
    assert ("Not retried. Nothing was charged." in declined.stderr) == bool(question)
    assert (declined.exit_code == 2) == bool(question)
    terminal.answer = True
    assert run("retry", "j1", *words).exit_code == 0
