"""Money through every process: what jobs say they cost is what the provider bills."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jobs import keys
from tests.stack import Stack, request, stack
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


@pytest.fixture
def system(tmp_path: Path) -> Iterator[Stack]:
    """The offline model bills 3 and 7 dollars a million tokens, and LORE_PRICES says the same."""
    short = {"LORESMITH_LEASE_S": "2", "LORESMITH_BEAT_S": "0.2", "LORESMITH_SWEEP_S": "0.2"}
    env = short | {"LORE_CONFIRM_ABOVE": "2"}
    with stack(tmp_path, seconds=0.3, prices=(3, 7), env=env) as running:
        yield running


def fault(system: Stack, kind: str, theme: str, **told: Any) -> None:
    status, answer = request(
        "PUT", f"{system.offline_url}/faults", {"fault": kind, "match": theme, **told}
    )
    assert status == 200, answer


def calls(system: Stack, job: dict[str, Any]) -> list[dict[str, Any]]:
    return list(system.get(f"/jobs/{job['id']}/calls")[1]["calls"])


def billed(system: Stack, call_id: str) -> int:
    """What the offline model wants for a call, in micro-dollars."""
    return int(request("GET", f"{system.offline_url}/counters?call_id={call_id}")[1]["micros"])


def micros(dollars: float) -> int:
    return round(dollars * 1_000_000)


def test_jobs_ledger_and_the_providers_own_bill_agree_to_the_micro_dollar(system: Stack) -> None:
    """Given a plain job, a whole world, one whose answer is repaired, one that is told to wait,
    and one whose worker dies in the middle of the call / when all have ended
    / I expect the sum of the jobs to be that of their calls, and the provider's bill.
    """
    fault(system, "badjson", "salt", times=1)
    fault(system, "rate", "patience", times=2, retry_after_s=0.1)
    themes = ("plain", "salt", "patience", "slowly fault:slow")
    ids = [system.submit("generate_relics", theme=theme) for theme in themes]
    ids.append(system.submit("create_world", user_id="mira"))
    wait_until(lambda: system.bills().get(f"{ids[3]}/generate/0"), "the slow call is under way")
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
        bounds = [int(system.redis.hget(keys.call(row["call_id"]), "max_micros")) for row in each]
        assert all(micros(row["cost"]) < most for row, most in zip(each, bounds, strict=True))
        assert job["usage"]["calls"] == len(each)
    total = request("GET", f"{system.offline_url}/counters")[1]["total"]["micros"]
    assert sum(micros(job["cost"]["actual"]) for job in jobs) == total


def test_an_unknown_outcome_is_said_to_cost_at_most_its_maximum(system: Stack) -> None:
    """Given a call whose connection breaks in the middle / I expect its maximum, above its bill."""
    fault(system, "cut", "broken")

    job = system.wait_for(system.submit("generate_relics", theme="broken"), "failed")

    (row,) = calls(system, job)
    assert (row["state"], row["cost"]) == ("unknown", None)
    assert job["cost"]["state"] == "at_most"
    assert job["cost"]["actual"] == row["at_most"] <= job["cost"]["estimate_max"]
    assert micros(row["at_most"]) >= billed(system, row["call_id"]) > 0


def test_what_was_not_bought_costs_nothing(system: Stack) -> None:
    fault(system, "quota", "poor")

    job = system.wait_for(system.submit("generate_relics", theme="poor"), "failed")

    assert (job["cost"]["actual"], job["cost"]["state"]) == (0, "final")
    assert [(row["cost"], row["requests"]) for row in calls(system, job)] == [(0, 0)]


def test_a_retry_pays_for_what_is_new_only(system: Stack) -> None:
    """Given a job whose two answers are of no use / when it is retried
    / I expect all three calls on its bill, as on the provider's.
    """
    fault(system, "badjson", "twice", times=2)
    failed = system.wait_for(system.submit("generate_relics", theme="twice"), "failed")
    assert failed["cost"]["actual"] > 0

    assert system.post(f"/jobs/{failed['id']}/retry", {})[0] == 202
    job = system.wait_for(failed["id"], "completed")

    rows = calls(system, job)
    assert len(rows) == 3
    assert micros(job["cost"]["actual"]) == sum(billed(system, row["call_id"]) for row in rows)
    assert job["cost"]["actual"] > failed["cost"]["actual"]
