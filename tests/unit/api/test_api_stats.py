"""Figures, and why a job waits."""

from typing import Any

from tests.unit.api.harness import ApiHarness


def test_figures_of_what_has_ended(api: ApiHarness) -> None:
    for outcome in ("completed", "completed", "completed", "failed"):
        api.create_ended(outcome)
    api.create()

    stats = api.get("/jobs/stats").json()

    assert (stats["counts"]["completed"], stats["counts"]["pending"]) == (3, 1)
    assert stats["success_rate"] == 0.75
    assert stats["sample"] == 4
    assert stats["by_type"]["generate_characters"]["completed"] == 3
    assert 0 <= stats["running_s"]["p50"] <= stats["running_s"]["p99"] < 60
    assert stats["recovered"] == {"jobs": 0, "completed": 0}


def test_what_jobs_cost_and_how_far_the_estimates_were(api: ApiHarness) -> None:
    """Given jobs of 80, 100 and 150 that were estimated at 100, and one without a price
    / I expect the three, and errors of 20, 0 and 50 per cent.
    """
    for spent in (80, 100, 150, None):
        job_id = api.create_ended("completed", result="[]")
        figures = {"spent_micros": spent or 0, "unpriced": int(spent is None)}
        api.scripts.redis.hset(f"job:{job_id}", mapping=figures | {"estimate_micros": 100})

    stats = api.get("/jobs/stats").json()

    assert stats["cost"] == {"total": 0.00033, "p50": 0.0001, "p90": 0.00015}
    assert stats["estimate_error"] == {"p50": 0.2, "p90": 0.5, "sample": 3}


def test_nothing_has_happened_yet(api: ApiHarness) -> None:
    stats = api.get("/jobs/stats").json()

    assert (stats["success_rate"], stats["waiting_s"], stats["sample"]) == (None, None, 0)
    assert (stats["cost"], stats["estimate_error"]) == (None, None)


def test_a_waiting_job_says_why_and_its_place(api: ApiHarness) -> None:
    """Given three that wait without a worker / when one is there, and takes the first
    / I expect each to say why it waits and its place, and a running one nothing.
    """
    first, _, third = api.create(), api.create(), api.create()
    assert waiting(api, third) == {
        "reason": "no_worker",
        "position": 3,
        "expected_start_in_s": None,
    }

    api.scripts.heartbeat()
    api.scripts.claim(first)

    is_next = waiting(api, third)
    assert (is_next["reason"], is_next["position"]) == ("queued", 2)
    assert is_next["expected_start_in_s"] > 0
    assert waiting(api, first) is None


def waiting(api: ApiHarness, job_id: str) -> Any:
    return api.get(f"/jobs/{job_id}").json()["waiting"]
