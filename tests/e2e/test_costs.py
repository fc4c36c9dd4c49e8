"""The cost of jobs equals the bill of the provider."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.stack import Stack, request, stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Stack]:
    """The offline model bills 3 and 7 dollars a million tokens, as in LORESMITH_PRICES_FILE."""
    short_times = {
        "LORESMITH_LEASE_S": "2",
        "LORESMITH_HEARTBEAT_INTERVAL_S": "0.2",
        "LORESMITH_RECONCILE_INTERVAL_S": "0.2",
    }
    env = short_times | {"LORESMITH_CONFIRM_COST_ABOVE": "2"}
    with stack(tmp_path, seconds=0.3, prices=(3, 7), env=env) as running:
        yield running


def inject(system: Stack, fault: str, theme: str, **options: Any) -> None:
    body = {"fault": fault, "match": theme, **options}
    status, response = request("PUT", f"{system.offline_url}/faults", body)
    assert status == 200, response


def calls(system: Stack, job: dict[str, Any]) -> list[dict[str, Any]]:
    return list(system.get(f"/jobs/{job['id']}/calls")[1]["calls"])


def billed(system: Stack, call_id: str) -> int:
    """Returns what the offline model billed for a call, in micro-dollars."""
    return int(request("GET", f"{system.offline_url}/counters?call_id={call_id}")[1]["micros"])


def micros(dollars: float) -> int:
    return round(dollars * 1_000_000)


def test_jobs_calls_and_the_providers_bill_agree_to_the_micro_dollar(system: Stack) -> None:
    """Given a plain job, a world, one whose answer is repaired, one that is rate limited, and one
    whose worker is killed during its call / when all have ended
    / I expect the cost of each job to be the sum of its calls, and the provider's bill.
    """
    inject(system, "badjson", "salt", times=1)
    inject(system, "rate", "limited", times=2, retry_after_s=0.1)
    themes = ("plain", "salt", "limited", "slowly fault:slow")
    ids = [system.submit("generate_relics", theme=theme) for theme in themes]
    ids.append(system.submit("create_world", user_id="mira"))
    wait_until(lambda: system.bills().get(f"{ids[3]}/generate/0"), "the slow call is running")
    system["worker"].kill()
    system["worker"].start()

    jobs = [system.wait_for(job_id, "completed") for job_id in ids]

    rows = [calls(system, job) for job in jobs]
    assert [len(each) for each in rows] == [1, 2, 1, 1, 7]
    for job, each in zip(jobs, rows, strict=True):
        assert job["cost"]["state"] == "final"
        assert [micros(row["cost"]) for row in each] == [
            billed(system, row["call_id"]) for row in each
        ]
        assert micros(job["cost"]["actual"]) == sum(micros(row["cost"]) for row in each)
        assert 0 < job["cost"]["actual"] <= job["cost"]["estimate_max"]
        max_costs = [
            int(system.redis.hget(keys.call(row["call_id"]), "max_micros")) for row in each
        ]
        assert all(micros(row["cost"]) < limit for row, limit in zip(each, max_costs, strict=True))
        assert job["usage"]["calls"] == len(each)
    total = request("GET", f"{system.offline_url}/counters")[1]["total"]["micros"]
    assert sum(micros(job["cost"]["actual"]) for job in jobs) == total


def test_an_unknown_outcome_costs_its_upper_bound(system: Stack) -> None:
    """Given a call whose connection is cut / I expect its maximum cost, not below its bill."""
    inject(system, "cut", "broken")

    job = system.wait_for(system.submit("generate_relics", theme="broken"), "failed")

    (row,) = calls(system, job)
    assert (row["state"], row["cost"]) == ("unknown", None)
    assert job["cost"]["state"] == "upper_bound"
    assert job["cost"]["actual"] == row["upper_bound"] <= job["cost"]["estimate_max"]
    assert micros(row["upper_bound"]) >= billed(system, row["call_id"]) > 0


def test_a_cancelled_call_shows_its_likely_cost(system: Stack) -> None:
    """Given a call that is cancelled while its text arrives / I expect its likely cost beside its
    maximum, which the budgets hold; the provider's bill is near the likely one.
    """
    inject(system, "slow", "slowly")
    job_id = system.submit("generate_relics", theme="slowly")
    wait_until(lambda: system.bills().get(f"{job_id}/generate/0"), "the call is running")

    system.post(f"/jobs/{job_id}/cancel", {})
    job = system.wait_for(job_id, "cancelled")

    cost, (row,) = job["cost"], calls(system, job)
    assert 0 < cost["likely"] < cost["upper_bound"] == cost["actual"] == row["upper_bound"]
    assert (row["state"], row["likely"], cost["state"]) == (
        "cancelled",
        cost["likely"],
        "upper_bound",
    )


def test_a_rejected_call_costs_nothing(system: Stack) -> None:
    inject(system, "quota", "poor")

    job = system.wait_for(system.submit("generate_relics", theme="poor"), "failed")

    assert (job["cost"]["actual"], job["cost"]["state"]) == (0, "final")
    assert [(row["cost"], row["requests"]) for row in calls(system, job)] == [(0, 0)]


def test_a_retry_adds_only_its_new_calls(system: Stack) -> None:
    """Given a job with two unusable answers / when it is retried
    / I expect the cost of all three calls, as on the provider's bill.
    """
    inject(system, "badjson", "twice", times=2)
    failed = system.wait_for(system.submit("generate_relics", theme="twice"), "failed")
    assert failed["cost"]["actual"] > 0

    assert system.post(f"/jobs/{failed['id']}/retry", {})[0] == 202
    job = system.wait_for(failed["id"], "completed")

    rows = calls(system, job)
    assert len(rows) == 3
    assert micros(job["cost"]["actual"]) == sum(billed(system, row["call_id"]) for row in rows)
    assert job["cost"]["actual"] > failed["cost"]["actual"]
