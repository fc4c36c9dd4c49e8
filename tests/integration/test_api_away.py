"""Redis is away, hangs, or refuses to work: 503 within two seconds, and recovery by itself."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from tests.integration.api_process import BODY, Answer, Api, api
from tests.servers import RedisServer, free_port, redis_server
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

ID = "0190c1d2-0000-7000-8000-000000000000"
ROUTES: list[tuple[str, str, Any]] = [
    ("POST", "/jobs", BODY),
    ("PUT", f"/jobs/{uuid4()}", BODY),
    ("GET", f"/jobs/{ID}", None),
    ("GET", f"/jobs/{ID}/result", None),
    ("POST", f"/jobs/{ID}/cancel", None),
    ("POST", f"/jobs/{ID}/retry", None),
    ("DELETE", f"/jobs/{ID}", None),
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
def running(server: RedisServer, tmp_path: Path) -> Iterator[Api]:
    settings = {"LORESMITH_RECONCILE_INTERVAL_S": "0.1", "LORESMITH_REQUEUE_AFTER_S": "0.3"}
    with api(server.url, tmp_path, **settings) as matches:
        yield matches


def assert_away(answer: Answer) -> None:
    assert (answer.status, answer.json["code"]) == (503, "temporary-reduced-capacity")
    assert answer.json["retryable"] is True
    assert int(answer.headers["retry-after"]) >= 1
    assert answer.seconds < 2


def comes_back(running: Api) -> None:
    wait_until(lambda: running.submit().status == 202, "jobs are accepted again", timeout=5)


def client(server: RedisServer) -> "Redis[Any]":
    return Redis(port=server.port, decode_responses=True)


def test_redis_dies_and_comes_back(running: Api, server: RedisServer) -> None:
    job_id = running.submit().json["id"]
    server.kill()

    for method, path, body in ROUTES:
        assert_away(running.ask(method, path, body))
    assert running.ask("GET", "/healthz").status == 200
    ready = running.ask("GET", "/readyz")
    assert (ready.status, ready.json["checks"]["redis"]["ok"]) == (503, False)

    server.start()
    comes_back(running)
    assert running.ask("GET", f"/jobs/{job_id}").json["id"] == job_id
    assert "Traceback" not in running.log


def test_redis_was_never_there(tmp_path: Path) -> None:
    """Given an api that is started first / I expect 503, and 202 once Redis is there."""
    server = RedisServer(free_port(), tmp_path)
    with api(server.url, tmp_path) as running:
        assert_away(running.submit())
        server.start()
        try:
            comes_back(running)
        finally:
            server.stop()


def test_redis_hangs(running: Api, server: RedisServer) -> None:
    """Given a Redis that is stopped in its tracks / I expect no request to wait for it long."""
    running.submit()
    assert server.process
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        for method, path, body in ROUTES:
            assert_away(running.ask(method, path, body))
    finally:
        os.kill(server.process.pid, signal.SIGCONT)
    comes_back(running)


REFUSALS = {
    "out of memory": ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0", 200),
    "read only": ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE", 503),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_redis_refuses_to_write(running: Api, server: RedisServer, name: str) -> None:
    """Given a Redis that takes no writes / I expect 503 and no half job. A full server is read as
    ever; one that has become a replica is left, since another is the primary now.
    """
    job_id = running.submit().json["id"]
    refuse, relent, reading = REFUSALS[name]
    with client(server) as redis:
        before = sorted(redis.scan_iter("job:*"))
        redis.execute_command(*refuse.split())
        assert_away(running.submit(Idempotency_Key="order-0001"))
        assert running.ask("GET", f"/jobs/{job_id}").status == reading
        redis.execute_command(*relent.split())

        assert sorted(redis.scan_iter("job:*")) == before
        assert running.submit(Idempotency_Key="order-0001").status == 202


def test_redis_wants_a_password_all_of_a_sudden(running: Api, server: RedisServer) -> None:
    running.submit()
    with client(server) as redis:
        redis.config_set("requirepass", "secret")
        redis.client_kill_filter(_type="normal", skipme=True)
        assert_away(running.submit())
        redis.config_set("requirepass", "")
    comes_back(running)


def test_redis_forgets_its_scripts(running: Api, server: RedisServer) -> None:
    running.submit()
    with client(server) as redis:
        redis.script_flush()

    assert running.submit().status == 202


def test_the_queue_is_away(running: Api, server: RedisServer) -> None:
    """Given a queue that cannot be enqueued / when a job comes
    / I expect it accepted, and enqueued for as soon as the queue is back.
    """
    with client(server) as redis:
        redis.set("rq:queue:lore", "not a list")
        answer = running.submit()
        assert answer.status == 202
        wait_until(
            lambda: re.search("cannot enqueue jobs|maintenance failed", running.log),
            "enqueueing failed",
        )

        redis.delete("rq:queue:lore")
        entry = f"{answer.json['id']}_1"
        wait_until(lambda: entry in queue(redis), "the reconciler rings again")


def test_a_lost_ring_is_enqueued_again(running: Api, server: RedisServer) -> None:
    with client(server) as redis:
        entry = f"{running.submit().json['id']}_1"
        wait_until(lambda: entry in queue(redis), "it is enqueued for")
        redis.delete("rq:queue:lore", f"rq:job:{entry}")

        wait_until(lambda: entry in queue(redis), "it is enqueued for again")


def queue(redis: "Redis[Any]") -> list[str]:
    return list(redis.lrange("rq:queue:lore", 0, -1))
