"""The commands over a server that is played: outputs and exit codes."""

import json
from functools import partial
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner, Result

from jobs.kinds import KINDS
from loresmith import Client
from loresmith.cli import main, shell
from loresmith.cli.exits import MEANINGS
from tests.unit.loresmith.network import job

RELIC = [{"name": "The Bell", "price": "Each use costs a brother."}]
DONE = job("completed", 3, id="j1", progress=100, result=RELIC, message="Done")
PRICE = {"expected": 0.02, "max": 0.05}
PLAN = {"allowed": True, "reused_steps": [], "will_buy": ["generate"], "cost": PRICE}


class Played:
    """A server: each path answers with its next (status, body), the last one for ever."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, Any]]] = {
            "GET /job-types": [(200, {"job_types": [entry(name) for name in KINDS]})]
        }
        self.asked: list[httpx2.Request] = []

    def on(self, route: str, *answers: tuple[int, Any]) -> None:
        self.answers[route] = list(answers)

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        route = f"{request.method} {request.url.path}"
        answers = self.answers.get(f"{route}?{request.url.query.decode()}", self.answers.get(route))
        if answers is None:
            raise httpx2.ConnectError("connection refused")
        status, body = answers.pop(0) if len(answers) > 1 else answers[0]
        return httpx2.Response(status, json=body)

    def bodies(self, method: str) -> list[Any]:
        return [json.loads(ask.content) for ask in self.asked if ask.method == method]


def entry(name: str) -> dict[str, Any]:
    kind = KINDS[name]
    return {
        "type": name, "title": kind.title, "description": kind.description,
        "expected_s": kind.expected_s, "timeout_s": kind.timeout_s, "example": kind.example,
        "payload_schema": kind.payload.model_json_schema(), "result_schema": {},
    }  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Played:
    played = Played()
    monkeypatch.setattr(shell, "Client", partial(Client, transport=httpx2.MockTransport(played)))
    monkeypatch.setattr(shell, "PATIENCE_S", 0.0)
    monkeypatch.setattr(shell, "POLL_S", 0.0)
    return played


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words, prog_name="loresmith")


def submit(*words: str) -> Result:
    return run("submit", "generate_relics", "theme=salt", *words)


def test_submit_prints_the_id_and_returns(server: Played) -> None:
    server.on("POST /jobs", (202, job("pending")))

    done = submit("count=2", "--key", "order-4711", "--session", "s", "--model", "m")

    assert (done.exit_code, done.stdout) == (0, "j1\n")
    assert "Key order-4711" in done.stderr
    assert "loresmith watch j1" in done.stderr
    assert server.bodies("POST") == [
        {
            "type": "generate_relics",
            "payload": {"theme": "salt", "count": 2},
            "session_id": "s",
            "options": {"model": "m"},
        }
    ]
    assert server.asked[-1].headers["idempotency-key"] == '"order-4711"'


def test_submit_and_watch(server: Played) -> None:
    server.on("POST /jobs", (202, job("pending")))
    server.on("GET /jobs/j1", (200, job(version=2, progress=41)), (200, DONE))

    done = submit("--watch")

    assert done.exit_code == 0
    assert "41 %" in done.stderr
    assert "The Bell" in done.stdout
    assert "%" not in done.stdout, "the bar does not go where the result goes"


def test_wait_is_silent_and_json_is_for_machines(server: Played) -> None:
    server.on("POST /jobs", (202, job("pending")))
    server.on("GET /jobs/j1", (200, job(version=2, progress=41)), (200, DONE))

    done = submit("--wait", "--json")

    assert json.loads(done.stdout) == DONE
    assert "41 %" not in done.stderr


@pytest.mark.parametrize(
    ("ended", "code", "told"),
    [
        (job("failed", error="The model refused.", error_detail={"code": "llm_refused"}),
         1, "The model refused. (llm_refused)"),
        (job("cancelled", message="Job cancelled"), 4, "Job cancelled"),
    ],
)  # fmt: skip
def test_how_a_job_ended_is_the_exit_code(
    server: Played, ended: dict[str, Any], code: int, told: str
) -> None:
    server.on("GET /jobs/j1", (200, ended | {"partial_result": RELIC}))

    done = run("watch", "j1")

    assert done.exit_code == code
    assert told in done.stderr
    assert "loresmith retry j1" in done.stderr
    assert "The Bell" in done.stdout, "what there is, is shown"
    assert json.loads(run("watch", "j1", "--json").stdout)["status"] == ended["status"]


def test_a_timeout_leaves_the_job_alone(server: Played) -> None:
    server.on("GET /jobs/j1", (200, job(progress=41)))

    done = run("watch", "j1", "--timeout", "0")

    assert done.exit_code == 124
    assert "still processing, at 41 %; it goes on" in done.stderr


def test_ctrl_c_leaves_the_job_and_says_how_to_come_back(
    server: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Client, "wait", interrupted)

    done = run("watch", "j1", "--url", "http://lore.example")

    assert done.exit_code == 130
    assert "Come back: loresmith watch j1 --url http://lore.example" in done.stderr
    assert not [ask for ask in server.asked if ask.url.path.endswith("/cancel")]


def test_no_server(server: Played) -> None:
    done = run("show", "j1")

    assert done.exit_code == 3
    assert "No answer from http://127.0.0.1:8080 (connection refused)" in done.stderr
    assert "loresmith up" in done.stderr


def test_a_lost_submit_says_how_to_send_it_again(server: Played) -> None:
    done = submit("--key", "order-4711")

    assert done.exit_code == 3
    assert "--key order-4711" in done.stderr
    assert "The job may exist" in done.stderr


def test_a_server_in_trouble(server: Played) -> None:
    server.on("GET /jobs/j1", (503, {"code": "temporary-reduced-capacity", "detail": "Redis?"}))

    done = run("show", "j1")

    assert (done.exit_code, done.stderr.splitlines()[-1]) == (3, "Error: Redis?")


def test_a_field_that_the_server_refuses_is_named(server: Played) -> None:
    errors = [{"pointer": "/payload/count", "detail": "must be at most 10"}]
    problem = {"code": "validation-error", "detail": "x", "errors": errors}
    server.on("POST /jobs", (400, problem))

    done = submit("count=11")

    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, "Error: count: must be at most 10")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["submit", "generate_relicts"], "The types are create_world, generate_characters"),
        (["submit", "generate_relics", "count=x"], "count: must be a whole number"),
        (["submit", "generate_relics"], "theme: is required"),
        (["submit", "generate_relics", "theme=x", "--key", "short"], "--key: an idempotency key"),
        (["show", "j1", "--url", "localhost:8080"], "not the URL of a server"),
        (["types", "x"], "no job type"),
        (["watch"], "Missing argument"),
        (["wach"], "No such command"),
    ],
)
def test_what_does_not_fit_exits_with_two(server: Played, words: list[str], told: str) -> None:
    done = run(*words)

    assert done.exit_code == 2
    assert told in done.stderr
    assert server.bodies("POST") == []


def test_show_tells_what_is_known(server: Played) -> None:
    usage = {"input_tokens": 10, "calls": 1}
    server.on("GET /jobs/j1", (200, DONE | {"usage": usage, "created_at": "2026-01-10T12:00:00Z"}))

    done = run("show", "j1")

    assert done.exit_code == 0
    for told in ("completed", "2026-01-10", "input tokens 10, calls 1", "The Bell"):
        assert told in done.stdout


def test_result_cancel_retry_rm(server: Played) -> None:
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


def test_a_retry_that_may_pay_again_asks_first(server: Played) -> None:
    server.on("GET /jobs/j1", (200, job("failed")))
    server.on("POST /jobs/j1/retry?dry_run=true", (200, PLAN))
    server.on("POST /jobs/j1/retry", (428, {"code": "may-pay-again", "detail": "Perhaps twice."}))

    done = run("retry", "j1")

    assert done.exit_code == 2
    assert "Perhaps twice.\nAdd --accept-duplicate-charge" in done.stderr


def test_types_and_their_fields(server: Played) -> None:
    assert all(name in run("types").stdout for name in KINDS)
    assert len(json.loads(run("types", "--json").stdout)) == len(KINDS)

    one = run("types", "generate_relics").stdout
    assert "theme*" in one
    assert "whole number, 1 to 10 (3)" in one


def test_worlds(server: Played) -> None:
    world = {"id": "w1", "title": "Salt", "theme": "sea", "created_at": "2026-01-10T12:00:00Z"}
    server.on("GET /worlds", (200, {"worlds": [world], "next_cursor": None}))
    server.on("GET /worlds/w1", (200, world | {"content": {"title": "Salt"}}))

    assert "w1" in run("worlds", "me").stdout
    assert "Salt" in run("world", "w1").stdout


def test_help_names_every_exit_code_and_command() -> None:
    shown = run("--help").stdout

    for code, meaning in MEANINGS.items():
        assert f"{code}  {meaning}" in shown
    for name in main.commands:
        assert f"\n  {name} " in shown
        assert run(name, "--help").exit_code == 0
    assert "..." not in shown.split("Commands:")[1], "every command's line is whole"
