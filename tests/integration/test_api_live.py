"""Staying and watching: text as it is written, all jobs in one stream, answers that wait."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.integration.api_process import Api, api, made, pieces, received
from tests.integration.test_api_streams import events
from tests.servers import RedisServer
from tests.store.driver import Store as Scripts
from tests.store.driver import call_id
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def running(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api(server.url, tmp_path_factory.mktemp("api")) as matches:
        wait_until(lambda: matches.ask("HEAD", "/events").status == 200, "it reads")
        yield matches


def publish(scripts: Scripts, job_id: str, *reply: tuple[Any, ...]) -> None:
    """Publishes updates: number, type, count, value."""
    for number, kind, count, value in reply:
        event = {"kind": kind, "step": "generate", "count": count, "value": value}
        scripts.append_event(number, job_id=job_id, **event)


@contextmanager
def following(running: Api, path: str, **headers: str) -> Iterator[socket.socket]:
    """An open stream of which the first bytes have come; they are kept in `head`."""
    lines = "".join(f"{name.replace('_', '-')}: {reply}\r\n" for name, reply in headers.items())
    with running.connection() as raw:
        raw.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n{lines}\r\n".encode())
        yield raw


def read_until(raw: socket.socket, mark: bytes) -> list[dict[str, Any]]:
    """The events up to the one that has `mark`."""
    seen = b""
    while mark not in seen or not seen.endswith(b"\n\n\r\n"):
        piece = raw.recv(65_536)
        assert piece, f"it ended before {mark!r} came: {seen!r}"
        seen += piece
    return [data for _, data in events(seen.split(b"\r\n\r\n", 1)[-1])]


def test_the_text_comes_as_it_is_written(running: Api, scripts: Scripts) -> None:
    """Given a running call / when one watches from the start and one comes in its middle
    / I expect pieces with their places for the one, and all so far in the snapshot of the other.
    """
    job_id = made(running)
    scripts.claim(job_id)
    with following(running, f"/jobs/{job_id}/events") as first:
        read_until(first, b"snapshot")
        publish(scripts, job_id, (1, "step", 0, "started"), (2, "delta", 0, "Once "))
        publish(scripts, job_id, (3, "delta", 5, "upon"), (4, "item", 0, '{"name": "Ada"}'))
        reply = read_until(first, b'"item"')
        with following(running, f"/jobs/{job_id}/events") as late:
            shown = read_until(late, b"snapshot")[0]["job"]["partial_result"]

    assert [(each["type"], each["step"]) for each in reply] == [
        ("step", "generate"),
        ("delta", "generate"),
        ("delta", "generate"),
        ("item", "generate"),
    ]
    assert [(each["offset"], each["text"]) for each in reply[1:3]] == [(0, "Once "), (5, "upon")]
    assert (reply[3]["index"], reply[3]["item"]) == (0, {"name": "Ada"})
    assert shown["text"] == "Once upon"
    assert shown["items"] == [{"name": "Ada"}]


def test_the_cost_grows_with_each_call(running: Api, scripts: Scripts) -> None:
    """Given a running job / when a call with its cost ends, and one without / I expect what it has
    cost so far, then as much more as the second may have cost.
    """
    job_id = made(running)
    scripts.claim(job_id)
    with following(running, f"/jobs/{job_id}/events") as raw:
        read_until(raw, b"snapshot")
        for step, fields in (("lore", {"cost_micros": 4_200}), ("relics", {})):
            scripts.intent(job_id, step=step, max_micros=9_000)
            scripts.settle(call_id(job_id, step), **fields)
        reply = read_until(raw, b'"step":"relics"')

    assert [(each["type"], each["step"], each["cost"]["actual"]) for each in reply] == [
        ("cost", "lore", 0.0042),
        ("cost", "relics", 0.0132),
    ]


def test_a_poll_can_have_the_text_so_far(running: Api, scripts: Scripts) -> None:
    """Given a client that cannot stream / I expect the whole text with a look that asks for it."""
    job_id = made(running)
    scripts.claim(job_id)
    publish(scripts, job_id, (1, "delta", 0, "Once "), (2, "delta", 5, "upon"))

    plain = running.ask("GET", f"/jobs/{job_id}").json
    whole = running.ask("GET", f"/jobs/{job_id}?include=partial").json

    assert plain["partial_result"] is None
    assert whole["partial_result"]["text"] == "Once upon"


def test_the_text_can_be_left_out(running: Api, scripts: Scripts) -> None:
    job_id = made(running)
    scripts.claim(job_id)
    with following(running, f"/jobs/{job_id}/events?deltas=0&starting_after=1") as raw:
        begun = read_until(raw, b"status")
        publish(scripts, job_id, (1, "delta", 0, "Once "), (2, "item", 0, "{}"))
        scripts.finish(job_id)
        reply = [data for _, data in events(received(raw))]

    assert [data["type"] for data in begun + reply] == ["status", "item", "done"]


def test_all_jobs_of_a_session_in_one_stream(running: Api, scripts: Scripts) -> None:
    """Given jobs of two sessions / I expect those of one, its counts, and their changes."""
    mine, other = made(running, session_id="s-1"), made(running, session_id="s-2")
    with following(running, "/events?session_id=s-1") as raw:
        snapshot = read_until(raw, b"snapshot")[0]
        scripts.claim(other)
        scripts.claim(mine)
        changed = read_until(raw, b'"counts"')

    assert [job["id"] for job in snapshot["jobs"]] == [mine]
    assert snapshot["counts"]["pending"] == 1
    assert [(each["type"], each.get("job_id")) for each in changed] == [
        ("status", mine),
        ("counts", None),
    ]
    assert changed[1]["counts"]["processing"] == 1


def test_the_common_stream_goes_on_after_an_id(running: Api, scripts: Scripts) -> None:
    job_id = made(running, session_id="s-3")
    held = [
        entry for entry, fields in scripts.redis.xrange(keys.UPDATES) if fields["job"] == job_id
    ]
    scripts.claim(job_id)
    scripts.finish(job_id)

    with following(running, "/events?session_id=s-3", Last_Event_ID=held[0]) as raw:
        reply = read_until(raw, b'"done"')
    with following(running, "/events?session_id=s-3", Last_Event_ID="1-1") as raw:
        anew = read_until(raw, b"snapshot")

    assert [each["type"] for each in reply] == ["status", "done"]
    assert [each["type"] for each in anew] == ["reset", "snapshot"]
    assert running.ask("GET", "/events?types=gossip").status == 400


def test_a_client_that_does_not_read_is_cut_off(running: Api, scripts: Scripts) -> None:
    """Given a client that reads nothing, and one that reads / when far more comes than a queue
    holds / I expect the one cut off and the other to have it all.
    """
    job_id = made(running)
    scripts.claim(job_id)
    large = "x" * 20_000
    with following(running, f"/jobs/{job_id}/events") as lazy:
        with following(running, f"/jobs/{job_id}/events") as busy:
            read_until(busy, b"snapshot")
            stored = bytearray()
            reader = threading.Thread(target=lambda: [stored.extend(p) for p in pieces(busy)])
            reader.start()
            for number in range(1, 900):
                if not number % 50:  # less than a queue holds
                    ahead = (number - 100) * len(large)
                    wait_until(lambda ahead=ahead: len(stored) > ahead, "the reader keeps up")
                publish(scripts, job_id, (number, "delta", number * 20_000, large))
            scripts.finish(job_id)
            reader.join(100)
        lazy.settimeout(20)
        cut = received(lazy)

    whole = [data["type"] for _, data in events(bytes(stored))]
    assert whole == ["delta"] * 899 + ["done"]
    assert b'"done"' not in cut


def test_a_create_that_waits_for_its_end(running: Api, scripts: Scripts) -> None:
    """Given somebody who asks and waits / when the job ends in time / I expect it in the answer."""
    answers: list[Any] = []
    body = {"type": "generate_relics", "payload": {"theme": "wait"}, "session_id": "waits"}
    asking = threading.Thread(
        target=lambda: answers.append(running.ask("POST", "/jobs", body, Prefer="wait=20"))
    )
    asking.start()
    index = keys.by("session_id", "waits")
    wait_until(lambda: scripts.redis.zcard(index) == 1, "the job is made")
    job_id = scripts.redis.zrange(index, 0, 0)[0]
    scripts.claim(job_id)
    scripts.finish(job_id, result="[]")
    asking.join(20)

    (answer,) = answers
    assert (answer.status, answer.json["status"]) == (200, "completed")
    assert answer.headers["preference-applied"] == "wait=20"
    assert answer.headers["content-location"] == f"/jobs/{job_id}"


def test_a_wait_that_is_over_answers_as_it_is(running: Api) -> None:
    body = {"type": "generate_relics", "payload": {"theme": "salt"}}

    response = running.ask("POST", "/jobs", body, Prefer="wait=0")
    path = f"/jobs/{response.json['id']}"
    known = running.ask("GET", f"{path}?wait=0", If_None_Match=response.headers["etag"])

    assert (response.status, response.json["status"]) == (202, "pending")
    assert known.status == 304


def test_a_look_that_waits_for_news(running: Api, scripts: Scripts) -> None:
    """Given a client that has a version / when the job changes / I expect the next one at once."""
    job_id = made(running)
    known = running.ask("GET", f"/jobs/{job_id}").headers["etag"]
    answers: list[Any] = []
    path = f"/jobs/{job_id}?wait=20&fields=status,progress"
    looking = threading.Thread(target=lambda: answers.append(running.ask("GET", path)), daemon=True)
    waiting = threading.Thread(
        target=lambda: answers.append(
            running.ask("GET", f"/jobs/{job_id}?wait=20", If_None_Match=known)
        )
    )
    waiting.start()
    wait_until(lambda: scripts.claim(job_id).refusal == "", "claimed")
    waiting.join(20)
    assert answers[0].json["status"] == "processing"

    looking.start()
    scripts.finish(job_id, result="[]")
    looking.join(20)
    assert (
        answers[1].json == {"status": "completed", "progress": 21}
        or answers[1].json["status"] == "completed"
    )
    assert set(answers[1].json) == {"status", "progress"}


def test_light_looks(running: Api) -> None:
    job_id = made(running)

    light = running.ask("GET", f"/jobs/{job_id}?fields=status,message")
    whole = running.ask("GET", f"/jobs/{job_id}?include=payload")
    wrong = running.ask("GET", f"/jobs/{job_id}?fields=status,colour")

    assert set(light.json) == {"status", "message"}
    assert whole.json["payload"]["theme"] == "salt"
    assert light.headers["etag"] != whole.headers["etag"]
    tag = light.headers["etag"]
    assert running.ask("GET", f"/jobs/{job_id}", If_None_Match=tag).status == 200
    assert (
        running.ask("GET", f"/jobs/{job_id}?fields=status,message", If_None_Match=tag).status == 304
    )
    assert wrong.status == 400
    assert "colour" in str(wrong.json["errors"])
