"""The commands about budgets and usage."""

import json
from typing import Any

import pytest

from tests.unit.loresmith.cli.mock_server import MockServer, run, submit

BUDGET: dict[str, Any] = {
    "scope": "user", "id": "mira", "limit": 2.0, "currency": "USD", "window": "day",
    "timezone": "UTC", "mode": "hard", "soft": [0.5], "per_job_cap": None, "spent": 1.25,
    "reserved": 0.0305, "available": 0.7195, "window_start": "2026-11-23T00:00:00.000Z",
    "resets_at": "2026-11-24T00:00:00.000Z", "state": "warning", "crossed": [0.5],
}  # fmt: skip
ROW = {
    "key": "mira", "jobs": 2, "calls": 3, "tokens": {"input": 200, "output": 80}, "cost": 0.014,
    "estimate_error": -0.3, "unknown_exposure": 0, "unpriced_jobs": 1,
}  # fmt: skip


def test_budgets_are_listed_with_their_state(server: MockServer) -> None:
    server.on("GET /budgets", (200, {"budgets": [BUDGET]}))

    text = run("budget", "list").stdout

    for expected in (
        "user mira",
        "day",
        "2.00",
        "1.25",
        "0.0305",
        "0.7195",
        "2026-11-24",
        "warning",
    ):
        assert expected in text
    assert json.loads(run("budget", "list", "--json").stdout) == [BUDGET]


def test_without_budgets_the_list_says_how_to_set_one(server: MockServer) -> None:
    server.on("GET /budgets", (200, {"budgets": []}))

    assert "loresmith budget set" in run("budget", "list").stdout


def test_a_budget_is_set_with_its_terms(server: MockServer) -> None:
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


def test_a_budget_is_deleted(server: MockServer) -> None:
    server.on("DELETE /budgets/team/sea%2Ffog", (204, None))
    server.on("DELETE /budgets/team/sea/fog", (204, None))

    result = run("budget", "rm", "team", "sea/fog")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "Budget team sea/fog is deleted." in result.stderr
    assert server.requests[0].url.raw_path == b"/budgets/team/sea%2Ffog"
    deleted = json.loads(run("budget", "rm", "team", "sea/fog", "--json").stdout)
    assert deleted == {"scope": "team", "id": "sea/fog", "deleted": True}


@pytest.mark.parametrize("by", ["day", "user"])
def test_usage_is_shown(server: MockServer, by: str) -> None:
    report = {"rows": [ROW, ROW | {"key": None}], "total": ROW | {"jobs": 4}, "pending": 1}
    server.on("GET /usage", (200, report))

    result = run("usage", "--by", by, "--from", "2026-11-01T00:00:00Z")

    assert result.exit_code == 0, result.output
    for expected in ("mira", "(none)", "0.0140", "-30%", "total"):
        assert expected in result.stdout
    assert "1 jobs had no known price" in result.stderr
    assert "1 more finished jobs are being processed" in result.stderr
    query = dict(server.requests[0].url.params)
    assert query == {"group_by": by, "from": "2026-11-01T00:00:00Z"}


def test_a_long_key_is_not_cut_in_eighty_columns(server: MockServer) -> None:
    keys = ("generate_characters", "generate_settings")
    rows = [ROW | {"key": key, "tokens": {"input": 123456, "output": 65432}} for key in keys]
    server.on("GET /usage", (200, {"rows": rows, "total": ROW, "pending": 0}))

    table = run("usage", "--by", "type").stdout

    assert "…" not in table
    assert max(map(len, table.splitlines())) <= 80


@pytest.mark.parametrize("option", ["--from", "--to"])
@pytest.mark.parametrize("time", ["yesterday", "2026-11-01", "2026-11-01T00:00:00"])
def test_an_invalid_time_is_rejected_without_a_request(
    server: MockServer, option: str, time: str
) -> None:
    result = run("usage", option, time)

    assert result.exit_code == 2
    assert f"'{time}' is not a time like 2026-11-23T10:00:00Z." in result.stderr
    assert server.requests == []


def test_a_job_above_its_budget_is_rejected(server: MockServer) -> None:
    problem = {"code": "budget-exceeded", "status": 402, "detail": "The team budget of sea is out."}
    server.on("POST /jobs", (402, problem))

    result = submit("--team", "sea")

    assert result.exit_code == 2
    assert "The team budget of sea is out." in result.stderr
    assert server.bodies("POST")[0]["team_id"] == "sea"


@pytest.mark.parametrize("team", [[], ["--team", "sea"]])
def test_a_job_of_another_user_names_that_user(server: MockServer, team: list[str]) -> None:
    submit("--on-behalf-of", "mira", *team)
    run("estimate", "generate_relics", "theme=salt", "--on-behalf-of", "mira", *team)

    owner = {"user_id": "mira"} | ({"team_id": "sea"} if team else {})
    bodies = server.bodies("POST")
    assert [body["on_behalf_of"] for body in bodies] == [owner, owner]
    assert all("team_id" not in body for body in bodies)
