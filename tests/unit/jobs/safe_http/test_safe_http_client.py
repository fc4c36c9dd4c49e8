"""The client of requests of users, against servers on loopback, which the tests allow."""

import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from loresmith.jobs.safe_http.addresses import AllowList
from loresmith.jobs.safe_http.client import SafeHttpClient
from loresmith.jobs.safe_http.connections import Exchange
from loresmith.jobs.safe_http.errors import (
    AddressRefused,
    HttpError,
    RequestAborted,
    RequestTimedOut,
    ResponseTooLarge,
)
from tests.certificates import CertificateAuthority
from tests.unit.jobs.safe_http.local_server import reply, serving
from tests.waiting import wait_until


def client(allowed: str = "127.0.0.1") -> SafeHttpClient:
    return SafeHttpClient(AllowList.parse(allowed))


def echo(handler: BaseHTTPRequestHandler) -> None:
    length = int(handler.headers.get("Content-Length", 0))
    sent = {
        "method": handler.command,
        "path": handler.path,
        "headers": {name.lower(): value for name, value in handler.headers.items()},
        "body": handler.rfile.read(length).decode(),
    }
    reply(handler, json.dumps(sent).encode(), 201)


def test_a_request_and_its_response() -> None:
    with serving(echo) as port:
        response = client().post(
            f"http://127.0.0.1:{port}/a", params={"q": "1"}, json={"b": 2}, headers={"X-C": "3"}
        )

    sent = response.json()
    assert (response.status, response.ok) == (201, True)
    assert (sent["method"], sent["path"], sent["body"]) == ("POST", "/a?q=1", '{"b":2}')
    assert sent["headers"]["x-c"] == "3"
    assert sent["headers"]["host"] == f"127.0.0.1:{port}"
    assert response.url.endswith("/a?q=1")


def test_an_error_of_the_server_is_a_response() -> None:
    with serving(lambda handler: reply(handler, b"no", 500)) as port:
        response = client().get(f"http://127.0.0.1:{port}/")

    assert (response.status, response.ok, response.text) == (500, False, "no")


def test_a_redirect_is_followed_only_when_asked_and_judged_again() -> None:
    """Given an allowed server that leads to another address of this machine
    / I expect its answer unless redirects are followed, and then a refusal without a connection.
    """
    reached = []
    with serving(lambda handler: reached.append(handler.path)) as private:
        target = f"http://127.0.0.2:{private}/secret"
        with serving(lambda handler: reply(handler, status=302, Location=target)) as port:
            url = f"http://127.0.0.1:{port}/"
            assert client().get(url).status == 302
            with pytest.raises(AddressRefused, match=r"127\.0\.0\.2"):
                client().get(url, follow_redirects=True)

    assert reached == []


def test_a_redirect_to_an_allowed_address() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/there":
            reply(handler, b"there")
        else:
            reply(handler, status=307, Location="/there")

    with serving(answer) as port:
        response = client().get(f"http://127.0.0.1:{port}/", follow_redirects=True)

    assert (response.text, response.url) == ("there", f"http://127.0.0.1:{port}/there")


def test_redirects_end() -> None:
    with (
        serving(lambda handler: reply(handler, status=302, Location="/")) as port,
        pytest.raises(HttpError, match="TooManyRedirects"),
    ):
        client().get(f"http://127.0.0.1:{port}/", follow_redirects=True)


@pytest.mark.parametrize("status", [200, 302])
def test_a_response_that_is_too_large(status: int) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        reply(handler, b"x" * 20_000, status, Location="/")

    with serving(answer) as port, pytest.raises(ResponseTooLarge, match="exceeds 1,000 bytes"):
        client().get(f"http://127.0.0.1:{port}/", max_bytes=1_000, follow_redirects=True)


def test_a_compressed_response_is_refused() -> None:
    with (
        serving(lambda handler: reply(handler, b"x", Content_Encoding="gzip")) as port,
        pytest.raises(HttpError, match="compressed"),
    ):
        client().get(f"http://127.0.0.1:{port}/")


def test_a_server_that_drips_is_left_in_time() -> None:
    """Given a server that sends a byte of its headers now and then / I expect the end of the whole
    time, not of each pause.
    """

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            try:
                handler.wfile.write(b"X")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.05)

    with serving(drip) as port:
        started = time.monotonic()
        with pytest.raises(RequestTimedOut):
            client().get(f"http://127.0.0.1:{port}/", timeout_s=0.4)

    assert time.monotonic() - started < 2


def test_a_request_is_ended_by_another_thread() -> None:
    waiting, release = threading.Event(), threading.Event()

    def hang(handler: BaseHTTPRequestHandler) -> None:
        waiting.set()
        release.wait(20)

    errors: list[Exception] = []
    own = client()

    def send(port: int) -> None:
        try:
            own.get(f"http://127.0.0.1:{port}/")
        except HttpError as error:
            errors.append(error)

    with serving(hang) as port:
        thread = threading.Thread(target=send, args=(port,))
        thread.start()
        wait_until(waiting.is_set, "the request has arrived")
        own.abort()
        thread.join(5)
        release.set()

    assert [type(error) for error in errors] == [RequestAborted]


def test_an_error_names_the_server_and_no_secret() -> None:
    with pytest.raises(HttpError) as caught:
        client().get("http://u:password@127.0.0.1:1/a?token=secret")

    assert str(caught.value) == "GET http://127.0.0.1:1/a: ConnectError"


@pytest.mark.parametrize(("host", "is_right"), [("localhost", True), ("a.example", False)])
def test_the_certificate_must_be_that_of_the_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, is_right: bool
) -> None:
    """Given a server with a certificate for localhost, which is dialled by its address
    / I expect its name checked against the host of the URL.
    """
    authority = CertificateAuthority(tmp_path)
    files = authority.issue("server")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.certificate, files.key)
    trust = ssl.create_default_context(cafile=str(authority.certificate))
    monkeypatch.setattr("loresmith.jobs.safe_http.client._tls", lambda: trust)
    own = SafeHttpClient(AllowList.parse("127.0.0.1"), resolve=lambda host, port: ["127.0.0.1"])

    with serving(echo, tls) as port:
        url = f"https://{host}:{port}/"
        if is_right:
            assert own.get(url).json()["headers"]["host"] == f"{host}:{port}"
        else:
            with pytest.raises(HttpError, match="ConnectError"):
                own.get(url)


def test_a_wrong_argument_is_not_hidden() -> None:
    wrong: Any = object()
    with pytest.raises(TypeError):
        client().post("http://127.0.0.1:1/", json=wrong)


def test_each_step_of_a_request_has_what_is_left_of_its_time() -> None:
    now = [100.0]
    exchange = Exchange(10, clock=lambda: now[0])

    assert (exchange.remaining_s(), exchange.remaining_s(3)) == (10, 3)
    now[0] += 8
    assert exchange.remaining_s(3) == 2
    now[0] += 2
    with pytest.raises(RequestTimedOut):
        exchange.remaining_s()


def test_a_request_that_was_ended_before_it_connected_does_not_connect() -> None:
    exchange = Exchange(10)
    exchange.abort()

    with pytest.raises(RequestAborted):
        exchange.remaining_s()
