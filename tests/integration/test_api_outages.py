"""Before, during and after an outage of Redis: what an api answers, logs, and says of itself."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.api_process import Api, api
from tests.servers import RedisServer, redis_server
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
def running(server: RedisServer, tmp_path: Path) -> Iterator[Api]:
    with api(server.url, tmp_path, LORESMITH_RECONCILE_INTERVAL_S="0.1") as started:
        yield started


def readiness(running: Api) -> int:
    return running.ask("GET", "/readyz").status


def test_no_connection_of_before_costs_a_request(running: Api, server: RedisServer) -> None:
    """Given an api with idle connections / when Redis is killed and is back
    / I expect the first requests to succeed already, on all connections.
    """
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda _: running.submit(), range(48)))
        for _ in range(3):
            server.kill()
            server.start()
            answers = [answer.status for answer in pool.map(lambda _: running.submit(), range(12))]
            assert answers == [202] * 12


def test_an_outage_is_one_line_in_the_log(running: Api, server: RedisServer) -> None:
    """Given an outage / I expect its beginning and its end logged once, whatever failed in it."""
    running.submit()
    server.kill()
    for _ in range(20):
        assert running.submit().status == 503
    server.start()
    wait_until(lambda: "Redis is available again" in running.log, "its end is noticed")

    lines = [line for line in running.log.splitlines() if " WARNING " in line]
    assert [line.split("loresmith.redis: ")[1][:20] for line in lines] == [
        "Redis is unavailable",
        "Redis is available a",
    ]


@pytest.mark.parametrize(
    ("refuse", "relent"),
    [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
        ("CONFIG SET appendonly no", "CONFIG SET appendonly yes"),
    ],
)
def test_a_redis_that_accepts_no_job_makes_the_api_unready(
    running: Api, server: RedisServer, refuse: str, relent: str
) -> None:
    wait_until(lambda: readiness(running) == 200, "it is ready")
    with Redis(port=server.port) as redis:
        redis.execute_command(*refuse.split())
        assert readiness(running) == 503
        redis.execute_command(*relent.split())

    wait_until(lambda: readiness(running) == 200, "it is ready again")


def test_a_refused_password_is_named(running: Api, server: RedisServer) -> None:
    """Given a password that is set while the api runs / I expect it named, and no settings "ok"."""
    with Redis(port=server.port) as redis:
        redis.config_set("requirepass", "secret")
        redis.client_kill_filter(_type="normal", skipme=True)
        checks = running.ask("GET", "/readyz").json["checks"]
        redis.config_set("requirepass", "")

    assert "refuses the user name or the password" in checks["redis"]["detail"]
    assert not checks["redis_settings"]["ok"]
    assert "unknown" in checks["redis_settings"]["detail"]


def test_a_process_that_cannot_look_after_due_jobs_is_not_ready(
    running: Api, server: RedisServer
) -> None:
    """Given a queue that breaks every round of maintenance / I expect that to be said."""
    wait_until(lambda: readiness(running) == 200, "it is ready")
    with Redis(port=server.port) as redis:
        redis.set("jobs:deadlines", "not a zset")
        wait_until(lambda: readiness(running) == 503, "it is not ready", timeout=30, every=0.2)
        assert b"no round has succeeded" in running.ask("GET", "/readyz").body
        redis.delete("jobs:deadlines")

    wait_until(lambda: readiness(running) == 200, "it is ready again")
