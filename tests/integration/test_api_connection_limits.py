"""One client cannot take what others need: streams, connections, descriptors."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.integration.api_process import Api, api
from tests.servers import RedisServer
from tests.waiting import wait_until

pytestmark = pytest.mark.integration

MAX_FILES = 256


@pytest.fixture(scope="module")
def narrow(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An api that may open few files."""
    folder = tmp_path_factory.mktemp("narrow")
    with api(server.url, folder, max_files=MAX_FILES) as running:
        yield running


@contextmanager
def connections(running: Api, number: int, request: bytes) -> Iterator[list[socket.socket]]:
    """Opens connections that send a request and stay open."""
    with ExitStack() as stack:
        opened = []
        for _ in range(number):
            raw = stack.enter_context(running.connection())
            raw.sendall(request)
            opened.append(raw)
        yield opened


def first_line(raw: socket.socket) -> bytes:
    try:
        return raw.recv(65_536).split(b"\r\n")[0]
    except ConnectionError:
        return b""


def is_streamed(running: Api) -> bool:
    with connections(running, 1, STREAM) as opened:
        return first_line(opened[0]) == b"HTTP/1.1 200 OK"


STREAM = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def test_bystanders_are_answered_beside_300_streams_of_one_client(narrow: Api) -> None:
    """Given 256 descriptors and 300 streams / I expect 429 for some of them, and every bystander
    to be answered; afterwards room again.
    """
    with connections(narrow, 300, STREAM) as opened:
        lines = [first_line(raw) for raw in opened]
        bystanders = [narrow.ask("GET", "/job-types").status for _ in range(20)]
        created = narrow.ask(
            "POST", "/jobs", {"type": "generate_relics", "payload": {"theme": "salt"}}
        )

    assert bystanders == [200] * 20
    assert created.status == 202
    streams = lines.count(b"HTTP/1.1 200 OK")
    assert 100 < streams < 200
    assert lines.count(b"HTTP/1.1 429 Too Many Requests") == 300 - streams
    wait_until(lambda: is_streamed(narrow), "the server has noticed that they are gone")


def test_a_connection_too_many_is_refused_and_logged_once(narrow: Api) -> None:
    """Given more silent connections than descriptors / I expect 503, one line in the log, and an
    answer when they have gone.
    """
    with connections(narrow, MAX_FILES, b"GET / HTTP/1.1\r\n") as opened:
        refused = [raw for raw in opened[-20:] if b" 503 " in first_line(raw)]
        assert len(refused) == 20
    wait_until(lambda: narrow.ask("GET", "/job-types").status == 200, "it answers again")

    assert narrow.log.count("new connections are refused") == 1


def test_a_credential_has_its_own_limit(server: RedisServer, tmp_path: Path) -> None:
    """Given two streams for a credential / I expect the third to be a 429, and a wait to be an
    answer at once.
    """
    limit = {"LORESMITH_MAX_STREAMS_PER_PRINCIPAL": "2"}
    with api(server.url, tmp_path, **limit) as running, connections(running, 2, STREAM) as opened:
        assert [first_line(raw) for raw in opened] == [b"HTTP/1.1 200 OK"] * 2
        third = running.ask("GET", "/events")
        job = running.ask(
            "POST", "/jobs", {"type": "generate_relics", "payload": {"theme": "salt"}},
            Prefer="wait=30",
        )  # fmt: skip

    assert (third.status, third.json["code"]) == (429, "too-many-streams")
    assert third.headers["retry-after"] == "10"
    assert job.status == 202
    assert job.seconds < 15
