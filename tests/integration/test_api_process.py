"""The api as a process: how it starts, stops, and what it refuses; several of them on one Redis."""

import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from loresmith.jobs.store import keys
from tests.integration.api_process import BODY, ROOT, api, environment, new_key, received
from tests.servers import RedisServer, redis_server
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def refused(folder: Path, *options: str, **settings: str) -> str:
    """What an api says that does not start."""
    command = [sys.executable, "-m", "loresmith.api", *options]
    env = environment("redis://127.0.0.1:1/0", folder) | settings
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert done.returncode not in (0, None)
    assert "Traceback" not in done.stderr
    return done.stderr


def test_it_says_its_job_types_and_where_it_listens(server: RedisServer, tmp_path: Path) -> None:
    with api(server.url, tmp_path) as running:
        types, ready = running.log.splitlines()
    assert "job types count=" in types
    assert ready == f"api: ready on http://127.0.0.1:{running.port} (routes: /docs)"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_seconds_when_told(
    server: RedisServer, tmp_path: Path, number: signal.Signals
) -> None:
    """Given an idle connection, a half request and a half body / when it is told to stop
    / I expect it gone in seconds, as no failure.
    """
    with api(server.url, tmp_path) as running, ExitStack() as open_connections:
        half = b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n"
        for sent in (b"", half, half + b"Content-Type: application/json\r\n\r\n{"):
            raw = open_connections.enter_context(running.connection())
            raw.sendall(sent)
        assert running.submit().status == 202
        began = time.monotonic()

        assert running.stop(number) == 0

        assert time.monotonic() - began < 6
        assert "Traceback" not in running.log


def test_an_answer_under_way_is_finished(server: RedisServer, tmp_path: Path) -> None:
    """Given a request whose body is still coming / when it is told to stop / I expect a 202."""
    with api(server.url, tmp_path) as running, running.connection() as raw:
        content = b'{"type":"generate_characters","payload":{"theme":"fantasy"}}'
        head = b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        raw.sendall(head + b"Content-Length: %d\r\n\r\n" % len(content) + content[:10])
        wait_until(lambda: running.ask("GET", "/healthz").status == 200, "it answers")
        running.process.send_signal(signal.SIGTERM)
        wait_until(lambda: refuses(running.port), "it takes no new connection")
        raw.sendall(content[10:])

        assert received(raw).startswith(b"HTTP/1.1 202")


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_other_machines_are_let_in_on_purpose_only(tmp_path: Path, host: str) -> None:
    assert "--public" in refused(tmp_path, "--host", host)


def test_a_public_api_answers_to_its_names(tmp_path: Path) -> None:
    """A Redis of its own: from its first key on, it refuses the other tests' requests."""
    names = {"LORESMITH_HOSTS": "lore.example"}
    with ExitStack() as running_parts:
        redis_url = running_parts.enter_context(redis_server(tmp_path)).url
        new_key(redis_url, tmp_path)
        running = running_parts.enter_context(
            api(redis_url, tmp_path, "--host", "0.0.0.0", "--public", **names)
        )
        assert running.ask("GET", "/healthz", Host="lore.example").status == 200
        assert running.ask("GET", "/healthz", Host="evil.example").status == 421


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("REDIS_URL", "nonsense"),
        ("LORESMITH_RECONCILE_INTERVAL_S", "soon"),
        ("LORESMITH_LEASE_S", "0.1"),
        ("DATABASE_URL", "mysql://x/y"),
    ],
)
def test_a_setting_that_does_not_fit_is_named(tmp_path: Path, variable: str, value: str) -> None:
    assert variable.lower() in refused(tmp_path, **{variable: value}).lower()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        assert "address already in use" in refused(tmp_path, "--port", str(taken.getsockname()[1]))


def test_help_says_what_it_does() -> None:
    command = [sys.executable, "-m", "loresmith.api", "--help"]

    status_text = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=20
    ).stdout

    assert "--port" in status_text
    assert "--public" in status_text


def test_500_creates_on_100_keys_by_two_apis_are_100_jobs(
    server: RedisServer, tmp_path: Path
) -> None:
    """Given two apis / when 100 keys come five times each, all at once, and again where the answer
    was 503 / I expect 100 jobs, each made once and answered five times.
    """
    with api(server.url, tmp_path) as first, api(server.url, tmp_path) as second:

        def create(number: int) -> tuple[str, int, str]:
            key = f"order-{number % 100:04}"
            target = (first, second)[number // 100 % 2]
            body = BODY | {"payload": {"theme": f"theme {key}"}}
            answer = target.ask("POST", "/jobs", body, Idempotency_Key=key)
            while answer.status == 503:  # Redis has not answered in time
                answer = target.ask("POST", "/jobs", body, Idempotency_Key=key)
            assert "id" in answer.json, answer
            return key, answer.status, answer.json["id"]

        with ThreadPoolExecutor(40) as threads:
            answers = list(threads.map(create, range(500)))

        created = Counter(key for key, status, _ in answers if status == 202)
        assert max(created.values()) == 1
        assert {status for _, status, _ in answers} == {200, 202}
        assert len({job_id for _, _, job_id in answers}) == 100
        assert len({(key, job_id) for key, _, job_id in answers}) == 100
        with Redis(port=server.port, decode_responses=True) as redis:
            jobs = {f"{job_id}_1" for _, _, job_id in answers}

            def enqueued() -> bool:
                """Whether each job is enqueued, or waits at the gate."""
                lanes = redis.scan_iter(f"{keys.gate('lore')}:jobs:*")
                waiting = {f"{job_id}_1" for lane in lanes for job_id in redis.zrange(lane, 0, -1)}
                return jobs <= waiting | set(redis.lrange("rq:queue:lore", 0, -1))

            wait_until(enqueued, "all are enqueued or wait")


def test_what_one_api_takes_another_shows(server: RedisServer, tmp_path: Path) -> None:
    with api(server.url, tmp_path) as first, api(server.url, tmp_path) as second:
        job_id = first.submit().json["id"]

        assert second.ask("GET", f"/jobs/{job_id}").json["id"] == job_id
        assert second.ask("POST", f"/jobs/{job_id}/cancel").json["status"] == "cancelled"
        assert first.ask("GET", f"/jobs/{job_id}").json["status"] == "cancelled"


def test_a_job_whose_api_dies_is_enqueued_for_by_another(
    server: RedisServer, tmp_path: Path
) -> None:
    """Given an api that is killed before it rings / I expect another api's reconcile to ring."""
    settings = {
        "LORESMITH_QUEUE": "dies",
        "LORESMITH_RECONCILE_INTERVAL_S": "0.1",
        "LORESMITH_REQUEUE_AFTER_S": "0.2",
    }
    with Redis(port=server.port, decode_responses=True) as redis:
        with api(server.url, tmp_path, **settings) as first:
            job_id = first.submit().json["id"]
            first.process.kill()
            first.process.wait()
        redis.delete("rq:queue:dies")
        with api(server.url, tmp_path, **settings):
            wait_until(
                lambda: f"{job_id}_1" in redis.lrange("rq:queue:dies", 0, -1), "it is enqueued for"
            )
