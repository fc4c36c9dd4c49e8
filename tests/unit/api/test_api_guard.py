"""What every request and answer goes through, and what no route answers."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import Receive, Scope, Send

from loresmith.api.http.hosts import AllowedHosts
from loresmith.api.http.middleware import SecurityMiddleware
from loresmith.jobs.core.settings import SettingsError
from tests.unit.api.harness import BODY, ApiHarness, api_harness

PATHS = ["/healthz", "/docs", "/jobs/x", "/nope", "/job-types"]


@pytest.mark.parametrize("path", PATHS)
def test_answers_carry_the_safe_headers(api: ApiHarness, path: str) -> None:
    headers = api.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in headers


def test_a_request_has_an_id_and_a_problem_names_it(api: ApiHarness) -> None:
    answers = [api.get("/nope") for _ in range(3)]

    ids = {answer.headers["x-request-id"] for answer in answers}
    assert len(ids) == 3
    assert ids == {answer.json()["request_id"] for answer in answers}


def test_a_plain_request_id_of_the_client_is_used(api: ApiHarness) -> None:
    assert api.get("/nope", X_Request_Id="abc-1.2").json()["request_id"] == "abc-1.2"


@pytest.mark.parametrize("value", [b"a b", b"x" * 65, b"\xff", b""])
def test_another_id_is_not_repeated(api: ApiHarness, value: bytes) -> None:
    answer = api.client.get("/nope", headers={"X-Request-Id": value})

    assert answer.headers["x-request-id"].encode("latin-1") != value


HERE = ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:80", "127.1.2.3", "[::1]:8080"]
ELSEWHERE = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]", "", "a b"]


@pytest.mark.parametrize("host", HERE)
def test_loopback_names_are_answered(api: ApiHarness, host: str) -> None:
    assert api.get("/healthz", Host=host).status_code == 200


@pytest.mark.parametrize("host", ELSEWHERE)
def test_a_page_cannot_reach_the_server_under_its_own_name(api: ApiHarness, host: str) -> None:
    """Given a name that its owner has lead to loopback (DNS rebinding) / I expect nothing told."""
    answer = api.client.post("/jobs", json=BODY, headers={"Host": host})

    assert (answer.status_code, answer.json()["code"]) == (421, "wrong-host")
    assert api.keys == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("lore.example", 200),
        ("LORE.example.:8443", 200),
        ("lore-2.example", 200),
        ("203.0.113.9:8080", 200),
        ("[2001:db8::1]", 200),
        ("localhost", 200),
        ("evil.example", 421),
        ("lore.example.evil.example", 421),
        ("203.0.113.9.evil.example", 421),
        ("", 421),
    ],
)
def test_a_public_server_answers_to_its_names_and_addresses(
    tmp_path: Path, host: str, status: int
) -> None:
    """Given --public and a list of names / I expect them, and addresses, which cannot be rebound"""
    with api_harness(tmp_path, public=True, hosts="lore.example, lore-2.example") as api:
        answer = api.get("/healthz", Host=host)

        assert answer.status_code == status
        assert status == 200 or "LORESMITH_HOSTS" in answer.json()["detail"]


def test_names_count_on_a_public_server_only(tmp_path: Path) -> None:
    with api_harness(tmp_path, hosts="lore.example") as api:
        answer = api.get("/healthz", Host="lore.example")

    assert answer.json()["code"] == "wrong-host"
    assert "start it with --public and add 'lore.example' to LORESMITH_HOSTS" in answer.text


@pytest.mark.parametrize("value", ["https://lore.example", "lore.example:8080", "*", "a/b"])
def test_a_host_is_a_name(value: str) -> None:
    with pytest.raises(SettingsError, match="LORESMITH_HOSTS"):
        AllowedHosts(value)


@pytest.mark.parametrize("path", ["/jobs/", "//jobs", "/job", "/jobs/a/b", "/%2e%2e/x"])
def test_a_path_without_a_route(api: ApiHarness, path: str) -> None:
    answer = api.client.request("GET", f"http://127.0.0.1:8080{path}")

    assert answer.status_code == 404
    assert answer.json()["code"] in ("not-found", "job-not-found")


def test_a_method_that_a_path_does_not_take(api: ApiHarness) -> None:
    """Given a path with several routes / I expect the methods of all of them."""
    answer = api.client.request("PATCH", "/jobs/x")

    assert (answer.status_code, answer.json()["code"]) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, PUT"
    assert "DELETE, GET, HEAD, PUT" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/jobs/stats", "GET, HEAD"),
        ("DELETE", "/jobs/cleanup", "POST"),
        ("GET", "/jobs/estimate", "POST"),
        ("PUT", "/jobs", "GET, HEAD, POST"),
        ("POST", "/jobs/x", "DELETE, GET, HEAD, PUT"),
    ],
)
def test_a_path_of_its_own_has_its_own_methods(
    api: ApiHarness, method: str, path: str, allowed: str
) -> None:
    answer = api.client.request(method, path)

    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


@pytest.mark.parametrize("hosts", [(), ("127.0.0.1", "127.0.0.1"), ("evil.example", "127.0.0.1")])
def test_a_request_has_one_host(hosts: tuple[str, ...]) -> None:
    """Given HTTP/1.1 with no Host or two / I expect 400 (RFC 9112, 3.2)."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    guard = SecurityMiddleware(Router([]))
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": "/healthz"}
    headers = [(b"host", host.encode()) for host in hosts]
    scope |= {"headers": headers, "query_string": b"", "root_path": ""}
    asyncio.run(guard(scope, None, send))  # type: ignore[arg-type]

    assert sent[0]["status"] == 400
    assert b'"header":"Host"' in sent[1]["body"]


def test_a_bug_is_an_internal_error_without_details(
    api: ApiHarness, monkeypatch: pytest.MonkeyPatch, log_lines: Callable[[], list[str]]
) -> None:
    """Given a bug / I expect a problem without its text, and the request's id in the log."""
    monkeypatch.setattr(
        "loresmith.api.handlers.job_responses.represent_job", lambda *_, **__: 1 / 0
    )

    answer = api.get(f"/jobs/{made(api)}")

    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "division" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    request_id = answer.json()["request_id"]
    assert log_lines()[0] == (
        "request failed method=GET route=/jobs/{id} http_status=500 code=internal-error "
        f"error=ZeroDivisionError request_id={request_id}"
    )
    assert not any("division by zero" in line for line in log_lines())


def test_a_problem_is_logged_with_its_request_and_without_its_content(
    api: ApiHarness, log_lines: Callable[[], list[str]]
) -> None:
    api.get("/budgets/user/mira%0asays", X_Request_Id="abc-1")
    api.client.post("/jobs", json=BODY | {"colour": "secret"}, headers={"X-Request-Id": "abc-2"})
    api.get("/jobs/secret", X_Request_Id="abc-3")

    assert log_lines() == [
        f"request rejected method={line}"
        for line in (
            "GET route=/budgets/{scope}/{id:any} http_status=400 code=validation-error "
            "request_id=abc-1",
            "POST route=/jobs http_status=400 code=validation-error request_id=abc-2",
            "GET route=/jobs/{id} http_status=404 code=job-not-found request_id=abc-3",
        )
    ]


def made(api: ApiHarness) -> str:
    job_id = "0190c1d2-0000-7000-8000-000000000000"
    api.scripts.submit(job_id)
    return job_id


def test_head_is_get_without_a_body(api: ApiHarness) -> None:
    answer = api.client.head(f"/jobs/{api.create()}")

    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')


def test_a_body_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loresmith.api.http.responses.DISCARD_TIMEOUT_S", 0.01)
    with api_harness(tmp_path, max_body_bytes=100) as api:
        for content in (b"x" * 101, iter([b"x" * 60, b"x" * 60])):
            headers = {"Content-Type": "application/json"}
            answer = api.client.post("/jobs", content=content, headers=headers)

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

    guard = SecurityMiddleware(Router([Route("/", lambda request: Half())]))
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    with pytest.raises(RuntimeError, match="a fault"):
        asyncio.run(guard(scope, None, send))  # type: ignore[arg-type]

    assert [message["type"] for message in sent] == ["http.response.start"]
