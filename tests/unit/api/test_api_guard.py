"""What every request and answer goes through, and what no route answers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from api.guard import Guard
from tests.unit.api.desk import BODY, Desk
from tests.unit.api.desk import desk as opened

PATHS = ["/healthz", "/docs", "/jobs/x", "/nope", "/job-types"]


@pytest.mark.parametrize("path", PATHS)
def test_answers_carry_the_safe_headers(desk: Desk, path: str) -> None:
    headers = desk.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_a_request_has_an_id_and_a_problem_names_it(desk: Desk) -> None:
    answers = [desk.get("/nope") for _ in range(3)]

    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 3
    assert ids == {answer.json()["request_id"] for answer in answers}


def test_a_plain_id_of_the_clients_own_is_kept(desk: Desk) -> None:
    assert desk.get("/nope", X_Request_Id="abc-1.2").json()["request_id"] == "abc-1.2"


@pytest.mark.parametrize("given", [b"a b", b"x" * 65, b"\xff", b""])
def test_another_id_is_not_repeated(desk: Desk, given: bytes) -> None:
    answer = desk.client.get("/nope", headers={"X-Request-Id": given})

    assert answer.headers["x-request-id"].encode("latin-1") != given


HERE = ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "127.1.2.3", "[::1]:8080"]
ELSEWHERE = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]", "", "a b"]


@pytest.mark.parametrize("host", HERE)
def test_loopback_names_are_answered(desk: Desk, host: str) -> None:
    assert desk.get("/healthz", Host=host).status_code == 200


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_page_cannot_reach_the_server_under_its_own_name(desk: Desk, host: str) -> None:
    """Given a name that its owner has lead to loopback (DNS rebinding) / I expect nothing told."""
    answer = desk.client.post("/jobs", json=BODY, headers={"Host": host})

    assert (answer.status_code, answer.json()["code"]) == (421, "wrong-host")
    assert desk.keys == []


def test_a_public_server_is_called_what_it_likes(tmp_path: Path) -> None:
    with opened(tmp_path, public=True) as desk:
        assert desk.get("/healthz", Host="lore.example").status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_changes_nothing(desk: Desk, site: str) -> None:
    job_id = desk.made()

    answer = desk.client.post(f"/jobs/{job_id}/cancel", headers={"Sec-Fetch-Site": site})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden-origin")
    assert desk.scripts.record(job_id)["status"] == "pending"


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_a_page_of_our_own_may(desk: Desk, site: str) -> None:
    headers = {"Sec-Fetch-Site": site}

    assert desk.client.post(f"/jobs/{desk.made()}/cancel", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/jobs/", "//jobs", "/job", "/jobs/a/b", "/%2e%2e/x"])
def test_a_path_without_a_route(desk: Desk, path: str) -> None:
    answer = desk.client.request("GET", f"http://127.0.0.1:8080{path}")

    assert answer.status_code == 404
    assert answer.json()["code"] in ("not-found", "job-not-found")


def test_a_method_that_a_path_does_not_take(desk: Desk) -> None:
    """Given a path with several routes / I expect the methods of all of them."""
    answer = desk.client.request("PATCH", "/jobs/x")

    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PUT"
    assert "DELETE, GET, HEAD, PUT" in answer.json()["detail"]


def test_a_fault_of_ours_tells_nothing_but_that(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a bug / I expect a problem without its text, and the request's id in the log."""
    monkeypatch.setattr("api.views.public", lambda *_, **__: 1 / 0)

    answer = desk.get(f"/jobs/{made(desk)}")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "division" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["request_id"] in caplog.text


def made(desk: Desk) -> str:
    job_id = "0190c1d2-0000-7000-8000-000000000000"
    desk.scripts.submit(job_id)
    return job_id


def test_head_is_get_without_a_body(desk: Desk) -> None:
    answer = desk.client.head(f"/jobs/{desk.made()}")

    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')


def test_a_body_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.answers.LINGER_S", 0.01)
    with opened(tmp_path, max_body=100) as desk:
        for content in (b"x" * 101, iter([b"x" * 60, b"x" * 60])):
            headers = {"Content-Type": "application/json"}
            answer = desk.client.post("/jobs", content=content, headers=headers)

            assert (answer.status_code, answer.json()["code"]) == (413, "payload-too-large")
            assert answer.json()["limit"] == 100
            assert answer.headers["connection"] == "close"


class Half(Response):
    """An answer that breaks off after its head."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("a fault")


def test_an_answer_that_has_begun_is_not_mixed_with_another() -> None:
    """Given a fault after the first byte / I expect it to go on to the server, which closes."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    guard = Guard(Router([Route("/", lambda request: Half())]), public=True)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    with pytest.raises(RuntimeError, match="a fault"):
        asyncio.run(guard(scope, None, send))  # type: ignore[arg-type]

    assert [message["type"] for message in sent] == ["http.response.start"]
