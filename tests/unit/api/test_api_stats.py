"""Figures, cleaning up, and why a job waits."""

from typing import Any

import pytest

from tests.unit.api.desk import Desk


def test_figures_of_what_has_ended(desk: Desk) -> None:
    for outcome in ("completed", "completed", "completed", "failed"):
        desk.ended(outcome)
    desk.made()

    stats = desk.get("/jobs/stats").json()

    assert (stats["counts"]["completed"], stats["counts"]["pending"]) == (3, 1)
    assert stats["success_rate"] == 0.75
    assert stats["sample"] == 4
    assert stats["by_type"]["generate_characters"]["completed"] == 3
    assert 0 <= stats["running_s"]["p50"] <= stats["running_s"]["p99"] < 60
    assert stats["recovered"] == {"jobs": 0, "completed": 0}


def test_what_jobs_cost_and_how_far_the_estimates_were(desk: Desk) -> None:
    """Given jobs of 80, 100 and 150 that were estimated at 100, and one without a price
    / I expect the three, and errors of 20, 0 and 50 per cent.
    """
    for spent in (80, 100, 150, None):
        job_id = desk.ended("completed", result="[]")
        figures = {"spent_micros": spent or 0, "unpriced": int(spent is None)}
        desk.scripts.redis.hset(f"job:{job_id}", mapping=figures | {"estimate_micros": 100})

    stats = desk.get("/jobs/stats").json()

    assert stats["cost"] == {"total": 0.00033, "p50": 0.0001, "p90": 0.00015}
    assert stats["estimate_error"] == {"p50": 0.2, "p90": 0.5, "sample": 3}


def test_nothing_has_happened_yet(desk: Desk) -> None:
    stats = desk.get("/jobs/stats").json()

    assert (stats["success_rate"], stats["waiting_s"], stats["sample"]) == (None, None, 0)
    assert (stats["cost"], stats["estimate_error"]) == (None, None)


def cleaned(desk: Desk, **asked: Any) -> dict[str, Any]:
    answer = desk.post("/jobs/cleanup", asked)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_dry_run_deletes_nothing(desk: Desk) -> None:
    done, dead, waiting = desk.ended("completed"), desk.ended("failed"), desk.made()

    assert cleaned(desk, dry_run=True)["matched"] == 2
    assert cleaned(desk, older_than_s=3600)["matched"] == 0
    assert cleaned(desk, status=["failed"])["deleted"] == 1

    assert desk.get(f"/jobs/{dead}").status_code == 404
    assert desk.get(f"/jobs/{done}").status_code == 200
    assert desk.get(f"/jobs/{waiting}").status_code == 200


@pytest.mark.parametrize(
    ("asked", "name"),
    [({"status": ["processing"]}, "status"), ({"older_than_s": -1}, "older_than_s")],
)
def test_what_cannot_be_cleaned_up(desk: Desk, asked: dict[str, Any], name: str) -> None:
    answer = desk.post("/jobs/cleanup", asked)

    assert answer.status_code == 400
    assert name in answer.json()["errors"][0]["pointer"]


def test_a_waiting_job_says_why_and_its_place(desk: Desk) -> None:
    """Given three that wait without a worker / when one is there, and takes the first
    / I expect each to say why it waits and its place, and a running one nothing.
    """
    first, _, third = desk.made(), desk.made(), desk.made()
    assert desk.get(f"/jobs/{third}").json()["waiting"] == {"reason": "no_worker", "position": 3}

    desk.scripts.beat()
    desk.scripts.claim(first)

    assert desk.get(f"/jobs/{third}").json()["waiting"] == {"reason": "queued", "position": 2}
    assert desk.get(f"/jobs/{first}").json()["waiting"] is None
