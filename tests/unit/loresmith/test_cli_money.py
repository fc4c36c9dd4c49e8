"""The commands about money over a server that is played."""

import json
from typing import Any

import pytest

from tests.unit.loresmith.test_cli_commands import Played, run, server, submit

__all__ = ["server"]

BUDGET: dict[str, Any] = {
    "scope": "user", "id": "mira", "limit": 2.0, "currency": "USD", "window": "day",
    "timezone": "UTC", "mode": "hard", "soft": [0.5], "per_job_cap": None, "spent": 1.25,
    "reserved": 0.0305, "available": 0.7195, "window_start": "2026-11-23T00:00:00.000Z",
    "resets_at": "2026-11-24T00:00:00.000Z", "state": "warning", "crossed": [0.5],
}  # fmt: skip
ROW = {
    "key": "mira", "jobs": 2, "calls": 3, "tokens": {"input": 200, "output": 80}, "cost": 0.014,
    "estimate_error": -0.3, "unknown_exposure": 0,
}  # fmt: skip


def test_budgets_are_listed_as_they_stand(server: Played) -> None:
    server.on("GET /budgets", (200, {"budgets": [BUDGET]}))

    shown = run("budget", "list").stdout

    for words in ("user mira", "day", "2.00", "1.25", "0.0305", "0.7195", "2026-11-24", "warning"):
        assert words in shown
    assert json.loads(run("budget", "list", "--json").stdout) == [BUDGET]


def test_without_budgets_the_list_says_how_to_set_one(server: Played) -> None:
    server.on("GET /budgets", (200, {"budgets": []}))

    assert "loresmith budget set" in run("budget", "list").stdout


def test_a_budget_is_set_with_its_terms(server: Played) -> None:
    server.on("PUT /budgets/user/mira", (200, BUDGET))
    server.on("PUT /budgets/global/all", (200, BUDGET | {"scope": "global"}))

    words = ("--limit", "2", "--window", "day", "--cap", "0.5", "--soft")
    assert run("budget", "set", "user", "mira", *words).exit_code == 0
    assert run("budget", "set", "global", "--limit", "2").exit_code == 0

    common = {"limit": 2, "timezone": "UTC"}
    assert server.bodies("PUT") == [
        common | {"window": "day", "mode": "soft", "per_job_cap": 0.5},
        common | {"window": "month", "mode": "hard", "per_job_cap": None},
    ]


def test_a_budget_is_taken_away(server: Played) -> None:
    server.on("DELETE /budgets/team/sea%2Ffog", (204, None))
    server.on("DELETE /budgets/team/sea/fog", (204, None))

    done = run("budget", "rm", "team", "sea/fog")

    assert (done.exit_code, done.stdout) == (0, "")
    assert server.asked[0].url.raw_path == b"/budgets/team/sea%2Ffog"


@pytest.mark.parametrize("by", ["day", "user"])
def test_a_bill_is_shown(server: Played, by: str) -> None:
    report = {"rows": [ROW, ROW | {"key": None}], "total": ROW | {"jobs": 4}, "pending": 1}
    server.on("GET /usage", (200, report))

    done = run("usage", "--by", by, "--from", "2026-11-01T00:00:00Z")

    assert done.exit_code == 0, done.output
    for words in ("mira", "(none)", "0.0140", "-30%", "total"):
        assert words in done.stdout
    assert "1 ended jobs are not in the archive yet" in done.stderr
    asked = dict(server.asked[0].url.params)
    assert asked == {"group_by": by, "from": "2026-11-01T00:00:00Z"}


def test_a_job_without_room_is_refused_in_plain_words(server: Played) -> None:
    refusal = {"code": "budget-exceeded", "status": 402, "detail": "The team budget of sea is out."}
    server.on("POST /jobs", (402, refusal))

    done = submit("--team", "sea")

    assert done.exit_code == 2
    assert "The team budget of sea is out." in done.stderr
    assert server.bodies("POST")[0]["team_id"] == "sea"
