"""The commands about the queue, limits and workers."""

import json
from typing import Any

import pytest

from tests.unit.loresmith.cli.mock_server import MockServer, run
from tests.unit.loresmith.client.network import job

PAUSE = {"scope": "pool", "name": "gpt-9", "by": "key:a1 (ops)", "at": "2026-11-29T20:00:00Z",
         "reason": "too dear"}  # fmt: skip
POOL = {"pool": "gpt-9", "waiting": 12, "running": 3, "reason": "closed", "closed_reason": "429",
        "closed_until": "2026-11-29T20:01:02.000Z", "limits": {}}  # fmt: skip
OWNER = {"owner": "team:sea", "waiting": 12, "running": 1, "weight": 2.5, "concurrency": 4,
         "longest_wait_s": 61.2}  # fmt: skip
WORKER = {"name": "w1", "slots": 20, "free": 17, "queues": ["lore"]}
STATUS = {"paused": [PAUSE], "waiting": 12, "admitted": 1, "running": 3, "workers": [WORKER],
          "wanted_workers": 1, "pools": [POOL], "owners": [OWNER], "more_owners": True,
          "types": []}  # fmt: skip
NONE = {"requests_per_minute": None, "tokens_per_minute": None, "concurrency": None}
LIMITED = {"pool": "openai/gpt-9", "set": NONE | {"concurrency": 5}, "file": NONE,
           "learnt": NONE | {"requests_per_minute": 59.4, "concurrency": 9}, "calls": 2,
           "closed_until": None, "closed_reason": None}  # fmt: skip


def last_body(server: MockServer) -> Any:
    return json.loads(server.requests[-1].content)


def test_the_queue_is_shown(server: MockServer) -> None:
    server.on("GET /queue", (200, STATUS))

    text = run("queue").output

    assert "waiting 12  admitted 1  running 3  wanted workers 1 of 1" in text
    assert "Paused: pool gpt-9 by key:a1 (ops): too dear" in text
    assert "gpt-9" in text
    assert "20:01:02" in text
    assert "team:sea" in text
    assert "61 s" in text
    assert "more owners" in text
    assert json.loads(run("queue", "--json").stdout) == STATUS


@pytest.mark.parametrize(
    ("words", "body"),
    [
        ((), {"scope": "all", "name": None, "reason": ""}),
        (("pool", "gpt-9", "--reason", "x"), {"scope": "pool", "name": "gpt-9", "reason": "x"}),
    ],
)
def test_the_queue_is_paused_and_resumed(
    server: MockServer, words: tuple[str, ...], body: dict[str, Any]
) -> None:
    server.on("POST /queue/pause", (200, {"paused": [PAUSE]}))
    server.on("POST /queue/resume", (200, {"paused": []}))

    assert "Paused: pool gpt-9" in run("queue", "pause", *words).output
    assert last_body(server) == body
    assert "Nothing is paused" in run("queue", "resume", *words[:2]).output
    assert last_body(server) == {name: body[name] for name in ("scope", "name")}


def test_the_workers_are_shown_with_their_jobs(server: MockServer) -> None:
    job = {"id": "j1", "type": "create_world", "message": "Outlining", "progress": 40}
    server.on("GET /workers", (200, {"workers": [WORKER | {"jobs": [job]}]}))

    text = run("workers").output

    assert "w1  3 of 20 slots in use  queues lore" in text
    assert "j1   40 %  create_world: Outlining" in text


def test_a_worker_is_drained(server: MockServer) -> None:
    server.on("POST /workers/a/b/drain", (202, {"name": "a/b", "draining": True}))

    result = run("workers", "drain", "a/b")

    assert (result.exit_code, server.requests[-1].url.raw_path) == (0, b"/workers/a%2Fb/drain")


def test_limits_say_where_they_come_from(server: MockServer) -> None:
    owner = {"scope": "team", "id": "sea", "weight": 2.0, "concurrency": None}
    server.on("GET /limits", (200, {"pools": [LIMITED], "owners": [owner]}))

    text = run("limits").output

    assert "59.4 learnt" in text
    assert "5 set" in text
    assert "team:sea" in text


def test_limits_are_set_and_removed(server: MockServer) -> None:
    server.on("PUT /limits/pools/openai/gpt-9", (200, LIMITED))
    owner = {"scope": "team", "id": "sea", "weight": 2.0, "concurrency": 3}
    server.on("PUT /limits/owners/team/sea", (200, owner))
    server.on("DELETE /limits/pools/openai/gpt-9", (204, None))
    server.on("DELETE /limits/owners/team/sea", (204, None))

    run("limits", "pool", "openai/gpt-9", "--rpm", "60", "--concurrency", "5")
    assert last_body(server) == NONE | {"requests_per_minute": 60, "concurrency": 5}
    run("limits", "owner", "team:sea", "--weight", "2", "--concurrency", "3")
    assert last_body(server) == {"weight": 2.0, "concurrency": 3}
    assert run("limits", "rm-pool", "openai/gpt-9").exit_code == 0
    assert run("limits", "rm-owner", "team:sea").exit_code == 0
    assert [each.method for each in server.requests[-2:]] == ["DELETE", "DELETE"]


def test_an_owner_is_a_team_or_a_user(server: MockServer) -> None:
    result = run("limits", "owner", "sea")

    assert (result.exit_code, server.requests) == (2, [])
    assert "team:sea" in result.output


def test_a_waiting_job_says_why_and_for_how_long(server: MockServer) -> None:
    waiting = {"reason": "pool_requests", "position": 3, "expected_start_in_s": 41.6}
    server.on("GET /jobs/j1", (200, job("pending", id="j1", waiting=waiting)))

    text = run("show", "j1").output

    assert "pool_requests, position 3, starts in about 42 s" in text
