"""The commands about jobs, job types and worlds: outputs and exit codes."""

import json
from typing import Any

import pytest

from loresmith import Client
from loresmith.cli import main
from loresmith.cli.exit_codes import MEANINGS
from loresmith.jobs.types.registry import JOB_TYPES
from tests.unit.loresmith.cli.mock_server import (
    COMPLETED,
    PLAN,
    RELIC,
    MockServer,
    run,
    submit,
)
from tests.unit.loresmith.client.network import job


def test_submit_prints_the_id_and_returns(server: MockServer) -> None:
    server.on("POST /jobs", (202, job("pending")))

    result = submit("count=2", "--key", "order-4711", "--session", "s", "--model", "m")

    assert (result.exit_code, result.stdout) == (0, "j1\n")
    assert "Key: order-4711" in result.stderr
    assert "loresmith watch j1" in result.stderr
    assert server.bodies("POST") == [
        {
            "type": "generate_relics",
            "payload": {"theme": "salt", "count": 2},
            "session_id": "s",
            "options": {"model": "m"},
        }
    ]
    assert server.requests[-1].headers["idempotency-key"] == '"order-4711"'


def test_submit_and_watch(server: MockServer) -> None:
    server.on("POST /jobs", (202, job("pending")))
    server.on("GET /jobs/j1", (200, job(version=2, progress=41)), (200, COMPLETED))

    result = submit("--watch")

    assert result.exit_code == 0
    assert "41 %" in result.stderr
    assert "Show again: loresmith result j1" in result.stderr
    assert "The Bell" in result.stdout
    assert "%" not in result.stdout, "the progress goes to standard error"


def test_wait_prints_no_progress_and_json_prints_the_job(server: MockServer) -> None:
    server.on("POST /jobs", (202, job("pending")))
    server.on("GET /jobs/j1", (200, job(version=2, progress=41)), (200, COMPLETED))

    result = submit("--wait", "--json")

    assert json.loads(result.stdout) == COMPLETED
    assert "41 %" not in result.stderr


@pytest.mark.parametrize(
    ("ended", "code", "message"),
    [
        (job("failed", error="The model refused.", error_detail={"code": "llm_refused"}),
         1, "The model refused. (llm_refused)"),
        (job("cancelled", message="Job cancelled"), 4, "Job cancelled"),
        (job("cancelled", message="Job cancelled", cancel_reason="Too slow"), 4, "Too slow"),
    ],
)  # fmt: skip
def test_the_status_of_a_job_sets_the_exit_code(
    server: MockServer, ended: dict[str, Any], code: int, message: str
) -> None:
    server.on("GET /jobs/j1", (200, ended | {"partial_result": RELIC}))

    result = run("watch", "j1")

    assert result.exit_code == code
    assert message in result.stderr
    assert "loresmith retry j1" in result.stderr
    assert "The Bell" in result.stdout, "the partial output is shown"
    assert json.loads(run("watch", "j1", "--json").stdout)["status"] == ended["status"]


def test_a_timeout_does_not_stop_the_job(server: MockServer) -> None:
    server.on("GET /jobs/j1", (200, job(progress=41)))

    result = run("watch", "j1", "--timeout", "0")

    assert result.exit_code == 124
    assert "still processing, at 41 %; it keeps running" in result.stderr


def test_ctrl_c_does_not_cancel_and_says_how_to_watch_again(
    server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "wait", interrupted)

    result = run("watch", "j1", "--url", "http://lore.example")

    assert result.exit_code == 130
    assert "Watch again: loresmith watch j1 --url http://lore.example" in result.stderr
    assert not [each for each in server.requests if each.url.path.endswith("/cancel")]


def test_an_unreachable_server(server: MockServer) -> None:
    result = run("show", "j1")

    assert result.exit_code == 3
    assert "No response from http://127.0.0.1:8080 (connection refused)" in result.stderr
    assert "loresmith up" in result.stderr


def test_a_lost_submit_says_how_to_repeat_it(server: MockServer) -> None:
    result = submit("--key", "order-4711")

    assert result.exit_code == 3
    assert "--key order-4711" in result.stderr
    assert "The job may exist" in result.stderr


@pytest.mark.parametrize("command", ["show", "watch", "result", "cancel", "retry", "rm", "calls"])
def test_an_unknown_job(server: MockServer, command: str) -> None:
    for route in ("GET /jobs/x", "GET /jobs/x/result", "GET /jobs/x/calls", "DELETE /jobs/x"):
        server.on(route, (404, {"code": "job-not-found", "detail": "?"}))
    for route in ("POST /jobs/x/cancel", "POST /jobs/x/retry"):
        server.on(route, (404, {"code": "job-not-found", "detail": "?"}))

    result = run(command, "x")

    assert (result.exit_code, result.stderr) == (
        2,
        "Error: Job x not found (wrong ID, or expired).\n",
    )


def test_a_busy_server(server: MockServer) -> None:
    server.on("GET /jobs/j1", (503, {"code": "temporary-reduced-capacity", "detail": "Redis?"}))

    result = run("show", "j1")

    assert (result.exit_code, result.stderr.splitlines()[-1]) == (3, "Error: Redis?")


def test_a_field_that_the_server_rejects_is_named(server: MockServer) -> None:
    errors = [{"pointer": "/payload/theme", "detail": "is blank"}]
    server.on("POST /jobs", (400, {"code": "validation-error", "detail": "x", "errors": errors}))

    result = submit()

    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, "Error: theme: is blank")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["submit", "generate_relicts"], "create_world, generate_characters"),
        (["submit", "generate_relics", "count=x"], "count: must be a whole number"),
        (["submit", "generate_relics"], "theme: required"),
        (["submit", "generate_relics", "theme=x", "--key", "short"], "--key: an idempotency key"),
        (["show", "j1", "--url", "localhost:8080"], "not the URL of a server"),
        (["types", "x"], "No job type 'x'"),
        (["watch"], "Missing argument"),
        (["wach"], "No such command"),
    ],
)
def test_invalid_input_exits_with_two(server: MockServer, words: list[str], message: str) -> None:
    result = run(*words)

    assert result.exit_code == 2
    assert message in result.stderr
    assert server.bodies("POST") == []


def test_every_invalid_field_is_named(server: MockServer) -> None:
    """Given an unknown field, one out of range and one missing / I expect a line for each, then
    the fields that there are.
    """
    result = run("submit", "generate_relics", "foo=1", "count=99")

    lines = result.stderr.splitlines()
    assert lines[:3] == [
        "Error: foo: unknown field",
        "count: must be at most 10",
        "theme: required",
    ]
    assert lines[3].startswith("Fields (* required): theme*, ")


def test_show_prints_the_fields_and_the_result(server: MockServer) -> None:
    usage = {"input_tokens": 10, "calls": 1}
    created = "2026-01-10T12:00:00Z"
    server.on("GET /jobs/j1", (200, COMPLETED | {"usage": usage, "created_at": created}))

    result = run("show", "j1")

    assert result.exit_code == 0
    for expected in ("completed", "2026-01-10", "input tokens 10, calls 1", "The Bell"):
        assert expected in result.stdout


def test_show_of_a_failed_job_prints_its_status_once_its_code_and_its_cost(
    server: MockServer,
) -> None:
    detail = {"code": "llm_refused"}
    cost = {"actual": 0.25, "state": "final", "estimate": None}
    failed = job(
        "failed", phase="failed", error="The model refused.", error_detail=detail, cost=cost
    )
    server.on("GET /jobs/j1", (200, failed))

    lines = [line.split() for line in run("show", "j1").stdout.splitlines()]

    assert ["status", "failed"] in lines
    assert ["cost", "$0.2500"] in lines
    assert ["error", "The", "model", "refused.", "(llm_refused)"] in lines


def test_result_cancel_retry_rm(server: MockServer) -> None:
    server.on("GET /jobs/j1/result", (200, RELIC))
    server.on("POST /jobs/j1/cancel", (202, job(phase="cancelling")))
    server.on("GET /jobs/j1", (200, job("failed", attempt=2)))
    server.on("POST /jobs/j1/retry?dry_run=true", (200, PLAN))
    server.on("POST /jobs/j1/retry", (202, job("pending", attempt=3)))
    server.on("DELETE /jobs/j1", (204, None))

    assert json.loads(run("result", "j1", "--json").stdout) == RELIC
    assert "is being cancelled" in run("cancel", "j1", "--reason", "slow").stderr
    assert "runs again (attempt 3)" in run("retry", "j1").stderr
    assert json.loads(run("rm", "j1", "--json").stdout) == {"id": "j1", "deleted": True}


def test_rm_of_a_running_job_names_the_option_of_the_command(server: MockServer) -> None:
    """Given a server whose remedy is a query parameter / I expect the remedy of the command."""
    problem = {"code": "not-finished", "detail": "cancel it first, or add ?cancel=true."}
    server.on("DELETE /jobs/j1", (409, problem))

    result = run("rm", "j1")

    assert result.exit_code == 2
    assert result.stderr == "Error: Job j1 is not finished. Add --cancel to cancel it first.\n"


def test_a_possible_duplicate_charge_needs_consent(server: MockServer) -> None:
    server.on("GET /jobs/j1", (200, job("failed")))
    server.on("POST /jobs/j1/retry?dry_run=true", (200, PLAN))
    server.on(
        "POST /jobs/j1/retry",
        (428, {"code": "duplicate-charge-possible", "detail": "Perhaps twice."}),
    )

    result = run("retry", "j1")

    assert result.exit_code == 2
    assert "Perhaps twice.\nAdd --accept-duplicate-charge" in result.stderr


def test_types_and_their_fields(server: MockServer) -> None:
    assert all(name in run("types").stdout for name in JOB_TYPES)
    assert len(json.loads(run("types", "--json").stdout)) == len(JOB_TYPES)

    fields = run("types", "generate_relics").stdout
    assert "theme*" in fields
    assert "whole number, 1 to 10 (3)" in fields


def test_worlds(server: MockServer) -> None:
    world = {"id": "w1", "title": "Salt", "theme": "sea", "created_at": "2026-01-10T12:00:00Z"}
    server.on("GET /worlds", (200, {"worlds": [world], "next_cursor": None}))
    server.on("GET /worlds/w1", (200, world | {"content": {"title": "Salt"}}))

    assert "w1" in run("worlds", "me").stdout
    assert "Salt" in run("world", "w1").stdout


def test_help_names_every_exit_code_and_command() -> None:
    text = run("--help").stdout

    for code, meaning in MEANINGS.items():
        assert f"{code}  {meaning}" in text
    for name in main.commands:
        assert f"\n  {name} " in text
        assert run(name, "--help").exit_code == 0
    assert "..." not in text.split("Commands:")[1], "no description is cut"
