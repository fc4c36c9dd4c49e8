"""Money before a job: estimates, caps, and the question before a large bill."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import call_id
from tests.unit.api.harness import BODY, ApiHarness, api_harness

PRICES = {"own": {"input_per_mtok": 10, "output_per_mtok": 20}}
LOCAL: dict[str, Any] = {"model": "own", "base_url": "http://127.0.0.1:1/v1"}
KEY = {"Idempotency_Key": "a-key-of-mine"}


@pytest.fixture
def dear(tmp_path: Path) -> Iterator[ApiHarness]:
    """A api whose usual model costs 10 and 20 dollars for a million tokens: three characters are
    0.04 dollars, and at most 0.21.
    """
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(PRICES))
    with api_harness(tmp_path, **LOCAL, prices=str(path), confirm_cost_above=0.3) as api:
        yield api


def asked(count: int = 3, **options: Any) -> dict[str, Any]:
    return BODY | {"payload": {"theme": "fantasy", "count": count}, "options": options}


def test_a_job_says_what_it_will_cost(dear: ApiHarness) -> None:
    cost = dear.submit(asked()).json()["cost"]

    assert 0.03 < cost["estimate"] < 0.05
    assert 0.15 < cost["estimate_max"] < 0.3
    assert (cost["actual"], cost["state"], cost["currency"]) == (None, "estimated", "USD")


def test_an_estimate_makes_nothing(dear: ApiHarness) -> None:
    """Given a request / when it is estimated / I expect the figures that the job will show."""
    reply = dear.post("/jobs/estimate", asked()).json()

    assert not list(dear.scripts.redis.scan_iter("job:*"))
    cost = dear.submit(asked()).json()["cost"]
    assert reply["estimate"]["cost"] == {
        "expected": cost["estimate"],
        "max": cost["estimate_max"],
        "currency": "USD",
    }
    assert reply["estimate"]["tokens"]["output_max"] == 3_500
    assert reply["estimate"]["duration_s"]["p50"] == 30
    assert [step["name"] for step in reply["estimate"]["steps"]] == ["generate"]
    assert (reply["allowed"], reply["violations"], reply["requires_confirmation"]) == (
        True,
        [],
        False,
    )
    assert reply["budget"] == {"available": None}


def test_a_retry_says_its_price_first(dear: ApiHarness) -> None:
    """Given a failed job / I expect a dry run to say what its missing call costs, and nothing for
    one that is there already.
    """
    job_id = dear.submit(asked()).json()["id"]
    dear.scripts.claim(job_id)
    dear.scripts.finish(job_id, outcome="failed")
    estimate = dear.get(f"/jobs/{job_id}").json()["cost"]
    plan = f"/jobs/{job_id}/retry?dry_run=true"

    assert dear.post(plan).json()["cost"] == {
        "expected": estimate["estimate"],
        "max": estimate["estimate_max"],
        "currency": "USD",
    }
    dear.scripts.redis.hset(keys.steps(job_id), "generate", "{}")
    assert dear.post(plan).json()["cost"]["max"] == 0


def test_a_job_comes_under_the_budget_of_the_model_that_answers(dear: ApiHarness) -> None:
    """Given a budget of the server's own model / I expect it to bound jobs that name none."""
    terms = {"limit": 0.01, "window": "total"}
    assert dear.client.put("/budgets/model/own", json=terms).status_code == 200

    assert dear.submit(asked()).status_code == 402
    assert dear.submit(asked(model="free-of-it", allow_unknown_price=True)).status_code == 202


def test_an_estimate_says_what_its_budget_has_left(dear: ApiHarness) -> None:
    dear.client.put("/budgets/global/all", json={"limit": 1.5})

    assert dear.post("/jobs/estimate", asked()).json()["budget"] == {"available": 1.5}


def test_a_bad_request_cannot_be_estimated(dear: ApiHarness) -> None:
    answer = dear.post("/jobs/estimate", BODY | {"payload": {"theme": ""}})

    assert (answer.status_code, answer.json()["code"]) == (400, "validation-error")


def test_above_its_own_cap_a_job_is_refused_with_what_would_fit(dear: ApiHarness) -> None:
    """Given a cap of 12 cents / I expect the estimate, the cap, and the largest count that fits."""
    answer = dear.submit(asked(max_cost=0.12))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (400, "cost-cap-exceeded")
    assert problem["cap"] == 0.12
    assert problem["estimate"]["cost"]["max"] > 0.12
    fewer = problem["alternatives"][0]
    assert fewer["change"] == {"payload": {"count": 1}}
    assert fewer["cost"]["max"] <= 0.12
    assert dear.submit(asked(count=1, max_cost=0.12)).status_code == 202


def test_cheaper_models_are_offered_beside_fewer_items(tmp_path: Path) -> None:
    """Given two cheaper models and a dearer one / I expect the cheaper, the cheapest first, each
    with as many items as fit.
    """
    path = tmp_path / "prices.json"
    others = {name: {"input_per_mtok": price, "output_per_mtok": price * 2}
              for name, price in (("dearer", 50), ("less", 7), ("tenth", 1))}  # fmt: skip
    path.write_text(json.dumps(PRICES | others))

    with api_harness(tmp_path, **LOCAL, prices=str(path)) as api:
        alternatives = api.submit(asked(max_cost=0.12)).json()["alternatives"]

    assert [each["change"] for each in alternatives] == [
        {"payload": {"count": 1}},
        {"options": {"model": "tenth"}},
        {"payload": {"count": 2}, "options": {"model": "less"}},
    ]
    assert all(each["cost"]["max"] <= 0.12 for each in alternatives)


def test_the_servers_cap_holds_also_where_the_client_has_a_higher_one(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(PRICES))

    with api_harness(tmp_path, **LOCAL, prices=str(path), max_job_cost=0.1) as api:
        assert api.submit(asked(max_cost=5)).json()["cap"] == 0.1


def test_a_large_cost_requires_confirmation_with_the_same_key(dear: ApiHarness) -> None:
    """Given a job above the threshold / when it is sent, then again with the price agreed to, then
    as before / I expect a 428 that says the price, the job, and the same job.
    """
    asks = dear.submit(asked(count=8), **KEY)
    assert (asks.status_code, asks.json()["code"]) == (428, "cost-confirmation-required")
    price = asks.json()["estimate"]["cost"]["max"]

    created = dear.submit(asked(count=8, confirm_cost=price), **KEY)
    again = dear.submit(asked(count=8), **KEY)

    assert (created.status_code, again.status_code) == (202, 200)
    assert created.json()["id"] == again.json()["id"]
    assert created.json()["cost"]["estimate_max"] == price


def test_confirming_a_lower_cost_is_not_enough(dear: ApiHarness) -> None:
    assert dear.submit(asked(count=8, confirm_cost=0.01)).status_code == 428
    assert dear.post("/jobs/estimate", asked(count=8)).json()["requires_confirmation"]


def test_an_unknown_price_is_null_and_not_nothing(dear: ApiHarness) -> None:
    cost = dear.submit(asked(model="unheard-of")).json()["cost"]

    assert (cost["estimate"], cost["estimate_max"]) == (None, None)


def test_a_cap_on_an_unknown_price_cannot_be_held(dear: ApiHarness) -> None:
    capped = asked(model="unheard-of", max_cost=0.5)
    answer = dear.submit(capped)

    assert (answer.status_code, answer.json()["code"]) == (400, "price-unknown")
    assert dear.post("/jobs/estimate", capped).json()["violations"][0]["code"] == "price-unknown"
    accepted = asked(model="unheard-of", max_cost=0.5, allow_unknown_price=True)
    assert dear.submit(accepted).status_code == 202


def test_the_offline_model_costs_nothing(dear: ApiHarness) -> None:
    cost = dear.submit(asked(model="offline-lore-1", max_cost=0)).json()["cost"]

    assert (cost["estimate"], cost["estimate_max"]) == (0, 0)


def test_the_calls_of_a_job_are_its_bill(dear: ApiHarness) -> None:
    """Given a call, and its repair in flight / I expect both, the cost where it is known, and the
    sum so far on the job.
    """
    job_id = dear.create()
    dear.scripts.claim(job_id)
    used = {"input_tokens": 5, "output_tokens": 7, "requests": 1}
    for step in ("generate", "generate~repair"):
        dear.scripts.intent(job_id, step=step, max_micros=900)
    first = call_id(job_id, "generate")
    form = {"schema_mode": "tool", "max_tokens_parameter": "max_tokens"}
    dear.scripts.settle(first, usage=json.dumps(used), cost_micros=190, **form)

    reply = dear.get(f"/jobs/{job_id}/calls").json()

    paid, running = reply["calls"]
    assert (paid["call_id"], paid["state"], paid["cost"]) == (first, "done", 0.00019)
    assert paid["tokens"] == {"input": 5, "output": 7, "cached": 0, "reasoning": 0}
    assert (paid["schema_mode"], paid["max_tokens_parameter"]) == ("tool", "max_tokens")
    assert (paid["provider"], running["schema_mode"]) == (None, None)
    assert (running["state"], running["cost"], running["upper_bound"]) == ("intent", None, 0.0009)
    cost = dear.get(f"/jobs/{job_id}").json()["cost"]
    assert (cost["actual"], cost["state"]) == (0.00019, "running")


def test_the_calls_of_an_unknown_job_are_not_found(dear: ApiHarness) -> None:
    assert dear.get("/jobs/00000000-0000-7000-8000-000000000000/calls").status_code == 404


def test_a_job_without_calls_has_none(dear: ApiHarness) -> None:
    assert dear.get(f"/jobs/{dear.create()}/calls").json() == {"calls": [], "currency": "USD"}
