"""The commands cleanup and stats."""

import json
from typing import Any

import pytest

from tests.unit.loresmith.cli.mock_server import MockServer, run

DONE: dict[str, Any] = {
    "matched": 3,
    "by_status": {"completed": 1, "failed": 2},
    "deleted": 3,
    "more": False,
    "dry_run": False,
    "older_than_s": 3600.0,
    "ended_before": "2026-11-23T10:30:00.000Z",
}


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ({}, "Deleted 3 jobs that ended before 2026-11-23 10:30 UTC: 1 completed, 2 failed."),
        ({"dry_run": True, "deleted": 0}, "Would delete 3 jobs that ended before"),
        ({"deleted": 1, "by_status": {"failed": 1}}, "Deleted 1 job that ended before"),
    ],
)
def test_cleanup_says_what_it_deletes(
    server: MockServer, answer: dict[str, Any], shown: str
) -> None:
    server.on("POST /jobs/cleanup", (200, DONE | answer))

    result = run("cleanup", "--older-than", "1h", "--status", "failed", "--dry-run")

    assert result.exit_code == 0, result.output
    assert shown in result.stdout
    sent = json.loads(server.requests[0].content)
    assert sent == {"older_than": "1h", "status": ["failed"], "dry_run": True}


def test_cleanup_asks_for_a_day_by_default(server: MockServer) -> None:
    server.on("POST /jobs/cleanup", (200, DONE | {"more": True}))

    result = run("cleanup")

    assert "Run the command again" in result.stderr
    sent = json.loads(server.requests[0].content)
    assert sent == {"older_than": "24h", "status": [], "dry_run": False}


def test_stats_shows_counts_times_and_costs(server: MockServer) -> None:
    times = {"p50": 30.0, "p90": 42.5, "p99": 60.0}
    body = {
        "counts": {"pending": 0, "completed": 4, "failed": 1},
        "success_rate": 0.8,
        "waiting_s": None,
        "running_s": times,
        "by_type": {"generate_relics": {"ended": 5, "completed": 4, "running_s": times}},
        "recovered": {"jobs": 0, "completed": 0},
        "cost": {"total": 0.25, "p50": 0.05, "p90": 0.08},
        "estimate_error": None,
        "sample": 5,
    }
    server.on("GET /jobs/stats", (200, body))

    result = run("stats")

    assert result.exit_code == 0, result.output
    for expected in ("completed 4, failed 1", "80%", "p90 42.5 s", "0.25", "generate_relics"):
        assert expected in result.stdout
    assert json.loads(run("stats", "--json").stdout) == body
