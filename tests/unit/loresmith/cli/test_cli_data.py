"""The commands audit and erase-user, and how long a submitted job is kept."""

import json
from typing import Any

import pytest

from loresmith.cli import data
from tests.unit.loresmith.cli.mock_server import MockServer, run

RECORD: dict[str, Any] = {
    "number": 1, "at": "2026-11-23T10:30:00.000Z", "actor": "key:4fQ2", "action": "budget.put",
    "object": "budget user:anna", "before": None, "after": {"limit": 5},
}  # fmt: skip
PAGE: dict[str, Any] = {"user_id": "ann", "cached_responses": 0, "worlds": 0, "unfinished": 0}


def test_audit_lists_who_did_what(server: MockServer) -> None:
    server.on("GET /audit", (200, {"records": [RECORD], "next_cursor": None, "pending": 0}))

    result = run("audit", "--action", "budget.put", "--from", "2026-11-23T10:00:00Z")

    assert result.exit_code == 0, result.output
    assert "2026-11-23 10:30:00" in result.stdout
    assert "budget user:anna" in result.stdout
    assert "action=budget.put" in str(server.requests[0].url)
    assert "from=2026-11-23" in str(server.requests[0].url)


@pytest.mark.parametrize(("intact", "code"), [(True, 0), (False, 1)])
def test_a_check_of_the_audit_fails_where_a_row_was_changed(
    server: MockServer, intact: bool, code: int
) -> None:
    outcome = {"rows": 2, "intact": intact, "broken_at": None if intact else 3, "last_hash": "ab"}
    server.on("GET /audit/check", (200, outcome))

    result = run("audit", "--check")

    assert result.exit_code == code
    assert ("2 rows fit. Keep" in result.stdout) == intact
    assert ("row 3 was changed" in result.stderr) != intact


def test_a_user_is_erased_until_nothing_remains(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a user with more jobs than one request erases, one of which still stops
    / I expect requests until none remains, and the sums.
    """
    monkeypatch.setattr(data, "POLL_INTERVAL_S", 0.0)
    pages = [(500, 101, 1), (100, 1, 1), (0, 1, 1), (1, 0, 0)]
    answers = [
        (202 if left else 200, PAGE | {"jobs": jobs, "remaining": left, "unfinished": unfinished})
        for jobs, left, unfinished in pages
    ]
    server.on("DELETE /users/ann/data", *answers)

    result = run("erase-user", "ann", "--cancel", "--yes", "--json")

    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["jobs"] == 601
    assert all("cancel=true" in str(request.url) for request in server.requests)


def test_erasing_asks_first(server: MockServer) -> None:
    assert run("erase-user", "ann").exit_code != 0
    assert server.requests == []


def test_options_of_submit_are_options_of_the_job(server: MockServer) -> None:
    types = [{"type": "t", "title": "T", "description": "", "expected_s": 1, "timeout_s": 1,
              "steps": [], "payload_schema": {"properties": {}}, "result_schema": {},
              "example": None}]  # fmt: skip
    server.on("GET /job-types", (200, {"job_types": types}))
    server.on("POST /jobs", (400, {"code": "validation-error", "title": "x"}))

    run("submit", "t", "--retention", "7d", "--no-store", "--redact", "email,phone",
        "--priority", "batch")  # fmt: skip

    sent = json.loads(server.requests[-1].content)
    data = {"retention": "7d", "store": False, "redact": ["email", "phone"]}
    assert sent["options"] == data | {"priority": "batch"}
