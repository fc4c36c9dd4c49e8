"""Jobs followed as they run, over a real server: nothing is missed, nothing comes twice."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.integration.api_process import Api, api, received
from tests.servers import RedisServer, redis_server
from tests.store.driver import Store as Scripts
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


@pytest.fixture
def running(server: RedisServer, tmp_path: Path) -> Iterator[Api]:
    with api(server.url, tmp_path) as matches:
        wait_until(
            lambda: matches.ask("HEAD", f"/jobs/{made(matches)}/events").status == 200, "reads"
        )
        yield matches


def made(running: Api) -> str:
    return str(running.submit().json["id"])


def events(body: bytes) -> list[tuple[str, dict[str, Any]]]:
    """The id and the data of each event."""
    matches = []
    for block in body.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in lines:
            matches.append((lines.get("id", ""), json.loads(lines["data"])))
    return matches


def request(job_id: str) -> bytes:
    return f"GET /jobs/{job_id}/events HTTP/1.0\r\nHost: localhost\r\n\r\n".encode()


def claim_and_finish(scripts: Scripts, job_id: str, outcome: str = "completed") -> None:
    attempt = int(scripts.redis.hget(keys.job(job_id), "attempt"))
    scripts.claim(job_id, attempt)
    scripts.finish(job_id, attempt, outcome=outcome)


def ended(running: Api, scripts: Scripts) -> str:
    job_id = made(running)
    scripts.claim(job_id)
    scripts.finish(job_id)
    return job_id


def test_a_job_from_its_creation_to_its_end(
    running: Api, server: RedisServer, scripts: Scripts, tmp_path: Path
) -> None:
    """Given clients of two apis / when the job runs and ends
    / I expect both to see the same: a snapshot, each change once, and the close.
    """
    job_id = made(running)
    with api(server.url, tmp_path) as other:
        path = f"/jobs/{job_id}/events"
        wait_until(lambda: other.ask("HEAD", path).status == 200, "the other one reads")
        with running.connection() as first, other.connection() as second:
            begun = []
            for raw in (first, second):
                raw.sendall(request(job_id))
                seen = b""
                while b"}\n\n" not in seen:
                    seen += raw.recv(65_536)
                begun.append(seen)
            scripts.claim(job_id)
            scripts.finish(job_id)
            reply = [begun[0] + received(first), begun[1] + received(second)]

    assert b"cache-control: no-cache, no-transform" in reply[0].lower()
    assert b"retry: 3000\n\n" in reply[0]
    assert events(reply[0].split(b"\r\n\r\n", 1)[1]) == events(reply[1].split(b"\r\n\r\n", 1)[1])
    matches = events(reply[0].split(b"\r\n\r\n", 1)[1])
    assert [data["type"] for _, data in matches] == ["snapshot", "status", "done"]
    assert [data["seq"] for _, data in matches] == [1, 2, 3]
    assert matches[0][1]["job"]["id"] == job_id


def test_resuming_anywhere(running: Api, scripts: Scripts) -> None:
    """Given a job that had many updates / when a client comes back with any id, 1,000 times
    / I expect exactly what came after it, and 204 after the last.
    """
    job_id = made(running)
    for _ in range(10):
        claim_and_finish(scripts, job_id, "failed")
        answer = running.ask("POST", f"/jobs/{job_id}/retry")
        assert answer.status == 202
    claim_and_finish(scripts, job_id)
    held = event_ids(scripts, job_id)
    chance = random.Random(7)

    for _ in range(1_000):
        place = chance.randrange(len(held))
        answer = running.ask("GET", f"/jobs/{job_id}/events", Last_Event_ID=held[place])
        assert [entry for entry, _ in events(answer.body)] == held[place + 1 :]
        assert answer.status == (204 if place == len(held) - 1 else 200)


def event_ids(scripts: Scripts, job_id: str) -> list[str]:
    """The ids of the events of a job, with that of its creation, which is not in its own stream."""
    stored = (fields for _, fields in scripts.redis.xrange(keys.UPDATES))
    return [fields["entry"] for fields in stored if fields["job"] == job_id]


@pytest.mark.parametrize("by", ["id", "seq"])
def test_resuming_after_the_creation(running: Api, scripts: Scripts, by: str) -> None:
    """Given a client that has the snapshot of a new job / when it comes back after the job's end
    / I expect each later event, and no reset.
    """
    job_id = made(running)
    known = event_ids(scripts, job_id)[0] if by == "id" else "1"
    claim_and_finish(scripts, job_id)

    answer = running.ask("GET", f"/jobs/{job_id}/events", Last_Event_ID=known)

    assert [data["seq"] for _, data in events(answer.body)] == [2, 3]


def test_the_snapshot_of_a_new_job_has_the_id_of_its_creation(
    running: Api, scripts: Scripts
) -> None:
    job_id = made(running)

    with running.connection() as raw:
        raw.sendall(request(job_id))
        seen = b""
        while b"}\n\n" not in seen:
            seen += raw.recv(65_536)

    (snapshot,) = events(seen.split(b"\r\n\r\n", 1)[1])
    assert [snapshot[0]] == event_ids(scripts, job_id)


@pytest.mark.parametrize("left", [0, 1])
def test_the_creation_is_no_place_to_resume_once_events_are_trimmed(
    running: Api, scripts: Scripts, left: int
) -> None:
    job_id = ended(running, scripts)
    scripts.redis.xtrim(keys.updates(job_id), maxlen=left, approximate=False)

    answer = running.ask("GET", f"/jobs/{job_id}/events", Last_Event_ID="1")

    assert [data["type"] for _, data in events(answer.body)][:2] == ["reset", "snapshot"]


@pytest.mark.parametrize("known", ["1-0", "nonsense", "99999999"])
def test_an_id_that_is_not_held(running: Api, scripts: Scripts, known: str) -> None:
    job_id = ended(running, scripts)

    answer = running.ask("GET", f"/jobs/{job_id}/events", Last_Event_ID=known)

    assert [data["type"] for _, data in events(answer.body)] == ["reset", "snapshot", "done"]


def test_resuming_by_number(running: Api, scripts: Scripts) -> None:
    job_id = ended(running, scripts)

    answer = running.ask("GET", f"/jobs/{job_id}/events?starting_after=2")

    assert [data["seq"] for _, data in events(answer.body)] == [3]


def test_no_such_job(running: Api) -> None:
    path = "/jobs/0190c1d2-0000-7000-8000-000000000000/events"
    assert running.ask("GET", path).json["code"] == "job-not-found"
    assert running.ask("HEAD", path).status == 404


def test_redis_dies_and_the_server_stops(running: Api, server: RedisServer) -> None:
    """Given open streams / when Redis goes, then when the server stops / I expect them closed."""
    job_id = made(running)
    with running.connection() as raw:
        raw.sendall(request(job_id))
        assert raw.recv(65_536)
        server.kill()
        received(raw)
    answer = running.ask("GET", f"/jobs/{job_id}/events")
    assert (answer.status, answer.json["code"]) == (503, "temporary-reduced-capacity")

    server.start()
    wait_until(lambda: running.ask("HEAD", f"/jobs/{job_id}/events").status == 200, "it reads on")
    with running.connection() as raw:
        raw.sendall(request(job_id))
        assert raw.recv(65_536)
        assert running.stop(timeout=2) == 0
    assert "Traceback" not in running.log


def test_a_stream_with_the_result_is_the_last_read_of_an_unstored_job(
    running: Api, scripts: Scripts
) -> None:
    """Given a job that is not stored / when a stream that saw it run ends
    / I expect its result to stay, and to go with the stream that begins with it.
    """
    body = {"type": "generate_characters", "payload": {"theme": "fantasy"}}
    unstored = body | {"options": {"store": False}}
    job_id = running.ask("POST", "/jobs", unstored).json["id"]
    scripts.claim(job_id)
    with running.connection() as raw:
        raw.sendall(request(job_id))
        begun = raw.recv(65_536)
        scripts.finish(job_id, result='["gold"]')
        assert b'"done"' in begun + received(raw)
    assert scripts.record(job_id)["result"] == '["gold"]'

    (_, snapshot), *_ = events(running.ask("GET", f"/jobs/{job_id}/events").body)

    assert snapshot["job"]["result"] == ["gold"]
    wait_until(lambda: "result" not in scripts.record(job_id), "it is removed")
