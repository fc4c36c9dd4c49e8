"""Garbage in every parameter of every route: the documented answer, or a 4xx that names it."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.api_process import Api, api, made
from tests.servers import RedisServer

pytestmark = pytest.mark.integration

NOBODYS = "0190c1d2-0000-7000-8000-000000000000"
TEXTS = [
    "", " ", "\0", "\n", "\x1b[2J", "abc", "a,b,,", "'\"<>", "../..", "%", "é", "١٢٣", "😀", "-1",
    "0", "0.5", "5-", "1e999", "NaN", "true", "null", "[]", "{}",
    "99999999999999999999-0", "9" * 400,
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-11-23",
    "x" * 5_000,
]  # fmt: skip
QUERIES = [quote(text, safe="") for text in TEXTS] + ["%ff", "%", "a&%s=b", "+"]
HEADERS = [
    b"abc", b"5-", b"-", b"99999999999999999999-0", b"0-0", b"\xff\xfe", b"\xe2\x82\xac", b",,,",
    b'"', b'W/"', b"*", b"wait=", b"wait=-1", b"wait=99999999999999999999", b"wait=0", b"bytes=9-1",
    b"-1", b"x" * 5_000,
]  # fmt: skip
STANDARD = [
    "Accept", "Accept-Encoding", "Authorization", "Content-Encoding", "Content-Type", "Cookie",
    "If-Match", "If-Modified-Since", "If-None-Match", "Origin", "Prefer", "Range", "Sec-Fetch-Site",
    "X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Request-Id",
]  # fmt: skip

BESIDE = {
    ("/jobs", "related_type"): "related_id=x&",
    ("/jobs", "related_id"): "related_type=x&",
    ("/worlds", "limit"): "user_id=u&",
    ("/worlds", "cursor"): "user_id=u&",
}
"""What a parameter needs beside itself."""


@pytest.fixture(scope="module")
def running(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    folder = tmp_path_factory.mktemp("api")
    settings = {"LORESMITH_TRUSTED_PROXIES": "127.0.0.1", "LORESMITH_AUTH": "proxy"}
    with api(server.url, folder, **settings) as process:
        yield process
        assert "Traceback" not in process.log


def operations(running: Api) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in running.ask("GET", "/openapi.json").json["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def address(path: str, job_id: str) -> str:
    values = {"scope": "team", "code": "not-found", "path": "page.js"}
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], job_id), path)


def answer(running: Api, method: str, target: str, header: bytes = b"") -> tuple[int, bytes]:
    """Returns status and the begin of the body; event streams do not end."""
    request = f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n".encode()
    if method in ("POST", "PUT", "DELETE"):
        request += b"Content-Length: 0\r\n"
    with running.connection() as raw:
        raw.sendall(request + header + b"\r\n")
        received = b""
        while chunk := raw.recv(65_536):
            received += chunk
            if b"event-stream" in received:
                break
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def test_garbage_in_a_query_is_named(running: Api) -> None:
    """Given each query parameter of each route with garbage
    / I expect a documented answer, and a 400 to name the parameter.
    """
    job_id, faults = made(running), []
    for method, path, operation in operations(running):
        for parameter in operation["parameters"]:
            if parameter["in"] != "query":
                continue
            name = parameter["name"]
            for text in QUERIES:
                query = f"{BESIDE.get((path, name), '')}{name}={text}".replace("%s", name)
                status, body = answer(running, method, f"{address(path, job_id)}?{query}")
                documented = str(status) in operation["responses"]
                named = status != 400 or name.encode() in body or b"/payload" in body
                if status >= 500 or not documented or not (named or method in ("POST", "PUT")):
                    faults.append((method, path, query[:60], status, body[:120]))

    assert faults == []


def test_garbage_in_a_path_is_answered(running: Api) -> None:
    faults = []
    for method, path, operation in operations(running):
        for parameter in re.findall(r"\{(\w+)\}", path):
            for text in QUERIES[:-2]:
                target = address(path.replace(f"{{{parameter}}}", text or "%20"), NOBODYS)
                status, body = answer(running, method, target)
                if status >= 500 or (status != 404 and str(status) not in operation["responses"]):
                    faults.append((method, target[:80], status, body[:120]))

    assert faults == []


def test_garbage_in_a_header_is_answered(running: Api) -> None:
    """Given the headers of each route, and usual ones, with garbage / I expect no 5xx."""
    job_id, faults = made(running), []
    for method, path, operation in operations(running):
        own = [each["name"] for each in operation["parameters"] if each["in"] == "header"]
        for name in {*own, *STANDARD}:
            for value in HEADERS:
                header = name.encode() + b": " + value + b"\r\n"
                status, body = answer(running, method, address(path, job_id), header)
                documented = str(status) in operation["responses"]
                ready = (path, status) == ("/readyz", 503)
                if not documented or (status >= 500 and not ready):
                    faults.append((method, path, header[:60], status, body[:120]))

    assert faults == []


@pytest.mark.parametrize("known", ["abc", "5-", "99999999999999999999-0", "-", "0", "1-1", "é"])
@pytest.mark.parametrize("path", ["/events", "/jobs/{id}/events"])
def test_an_event_that_is_not_known_resets_the_stream(running: Api, path: str, known: str) -> None:
    """Given an id that is no id of an event / I expect `reset` and a snapshot, by either way."""
    target = path.replace("{id}", made(running))
    for query, header in (
        (f"?starting_after={quote(known)}", b""),
        ("", b"Last-Event-ID: " + known.encode() + b"\r\n"),
    ):
        request = f"GET {target}{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
        with running.connection() as raw:
            raw.sendall(request + header + b"\r\n")
            received = b""
            while b"snapshot" not in received:
                chunk = raw.recv(65_536)
                assert chunk, received
                received += chunk
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b'"type":"reset"' in received
