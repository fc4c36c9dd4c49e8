"""What clients send by mistake or by malice: an answer that helps, never a 500, no leftovers."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from tests.integration.api_process import Api, api
from tests.servers import RedisServer

pytestmark = pytest.mark.integration

MEBIBYTE = 1_048_576
JOB = b'{"type":"generate_characters","payload":{"theme":"fantasy"%s}%s}'
NOBODYS = b"0190c1d2-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def abused(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with api(server.url, tmp_path_factory.mktemp("api")) as running:
        yield running
        assert "Traceback" not in running.log
        assert running.stop() == 0


@pytest.fixture(autouse=True)
def nothing_left(server: RedisServer, abused: Api) -> Iterator[None]:
    """Whatever was refused has left no key."""
    with Redis(port=server.port) as client:
        client.flushall()
        yield
        assert client.keys() == []


def post(body: bytes, *headers: bytes, path: bytes = b"/jobs", method: bytes = b"POST") -> bytes:
    value = b"".join(line + b"\r\n" for line in headers)
    if not re.search(rb"^Content-Type:", value, re.MULTILINE):
        value += b"Content-Type: application/json\r\n"
    length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
    return b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%s%s%s" % (method, path, value, length, body)


def get(path: bytes, *headers: bytes, method: bytes = b"GET") -> bytes:
    value = b"".join(line + b"\r\n" for line in headers)
    head = b"%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\n%sConnection: close\r\n\r\n"
    return head % (method, path, value)


ABUSE: dict[str, tuple[int, str, bytes]] = {
    # bodies: status, what the answer names, request
    "no JSON": (400, "not JSON", post(b"theme=fantasy")),
    "an empty body": (400, "not JSON", post(b"")),
    "100,000 lists": (400, "recursion", post(b"[" * 100_000)),
    "5,000 objects": (400, "recursion", post(b'{"a":' * 5_000)),
    "5,000 digits": (400, "out of range", post(JOB % (b',"count":' + b"9" * 5_000, b""))),
    "4,000 digits": (400, "/payload/count", post(JOB % (b',"count":' + b"9" * 4_000, b""))),
    "NaN": (400, "not JSON", post(JOB % (b',"count":NaN', b""))),
    "1e999": (400, "/payload/count", post(JOB % (b',"count":1e999', b""))),
    "a lone surrogate": (400, "hex escape", post(JOB % (b',"tone":"\\ud800"', b""))),
    "invalid UTF-8": (400, "unicode", post(JOB % (b',"tone":"\xff"', b""))),
    "NUL": (400, "/payload/tone", post(JOB % (b',"tone":"\\u0000"', b""))),
    "an escape sequence": (400, "/payload/tone", post(JOB % (b',"tone":"\\u001b[2J"', b""))),
    "UTF-16": (400, "UTF-8", post((JOB % (b"", b"")).decode().encode("utf-16"))),
    "a byte order mark": (400, "UTF-8", post(b"\xef\xbb\xbf" + JOB % (b"", b""))),
    "an unknown type": (400, "generate_characters", post(b'{"type":"nope","payload":{}}')),
    "a list as type": (400, "/type", post(b'{"type":[],"payload":{}}')),
    "no payload": (400, "/payload", post(b'{"type":"generate_characters"}')),
    "an unknown field": (400, "/colour", post(JOB % (b"", b',"colour":1'))),
    "an unknown payload field": (400, "/payload/colour", post(JOB % (b',"colour":1', b""))),
    "an unknown option": (400, "/options/speed", post(JOB % (b"", b',"options":{"speed":1}'))),
    "payload and input": (400, "input", post(JOB % (b"", b',"input":{"theme":"x"}'))),
    "a long theme": (400, "/payload/theme", post(JOB.replace(b"fantasy", b"x" * 501) % (b"", b""))),
    "a long field name": (400, "unknown field", post(JOB % (b',"%s":1' % (b"k" * 99_999), b""))),
    # headers
    "XML": (415, "Content-Type", post(JOB, b"Content-Type: text/xml")),
    "a form": (415, "Content-Type", post(b"a=b", b"Content-Type: multipart/form-data")),
    "gzip": (415, "Content-Encoding", post(b"\x1f\x8b", b"Content-Encoding: gzip")),
    "a short key": (400, "Idempotency-Key", post(JOB % (b"", b""), b"Idempotency-Key: x")),
    "a key in Cyrillic": (
        400, "Idempotency-Key", post(JOB % (b"", b""), "Idempotency-Key: ключ-ключ".encode()),
    ),
    "two keys": (
        400, "differ",
        post(JOB % (b"", b""), b"Idempotency-Key: order-01", b"X-Idempotency-Key: order-02"),
    ),
    "another host": (421, "--public", get(b"/jobs/x").replace(b"127.0.0.1", b"evil.example")),
    "another site": (
        403, "Cross-site", post(b"", b"Sec-Fetch-Site: cross-site", path=b"/jobs/x/cancel"),
    ),
    "another site without Sec-Fetch-Site": (
        403, "Cross-site", post(b"", b"Origin: http://evil.example", path=b"/jobs/x/cancel"),
    ),
    # paths and queries
    "a bad id": (404, "not found", get(b"/jobs/x")),
    "an unknown id": (404, "not found", get(b"/jobs/" + NOBODYS)),
    "NUL in a path": (404, "not found", get(b"/jobs/%00")),
    "CRLF in a path": (404, "not found", get(b"/jobs/%0d%0aLocation:x")),
    "half a character in a path": (404, "not found", get(b"/jobs/%ff")),
    "a traversal": (404, "No route", get(b"/jobs/../../etc/passwd")),
    "an encoded traversal": (404, "No route", get(b"/%2e%2e/%2e%2e/etc/passwd")),
    "a long path": (404, "not found", get(b"/jobs/" + b"x" * 20_000)),
    "a trailing slash": (404, "No route", get(b"/jobs/")),
    "an unknown method": (405, "PUT", get(b"/jobs/x", method=b"PATCH")),
    "PUT on a bad id": (400, "UUID", post(JOB % (b"", b""), path=b"/jobs/mine", method=b"PUT")),
    "an unknown mode": (400, "mode", post(b"", path=b"/jobs/" + NOBODYS + b"/cancel?mode=x")),
    "cancel a bad id": (404, "not found", post(b"", path=b"/jobs/x/cancel")),
    "retry a bad id": (404, "not found", post(b"", path=b"/jobs/x/retry")),
    "delete a bad id": (404, "not found", get(b"/jobs/x", method=b"DELETE")),
    "an empty user": (400, "user_id", get(b"/worlds?user_id=")),
    "limit abc": (400, "limit", get(b"/worlds?user_id=u&limit=abc")),
    "limit -1": (400, "limit", get(b"/worlds?user_id=u&limit=-1")),
    "limit 10**20": (400, "limit", get(b"/worlds?user_id=u&limit=99999999999999999999")),
    "a limit in Japanese": (400, "limit", get(b"/worlds?user_id=u&limit=%EF%BC%91")),
    "an odd cursor": (400, "cursor", get(b"/worlds?user_id=u&cursor=%00%ff")),
    "a bad world": (404, "not found", get(b"/worlds/%00")),
}  # fmt: skip


@pytest.mark.parametrize("name", ABUSE)
def test_abuse_is_answered_with_what_helps(abused: Api, name: str) -> None:
    status, named, sent = ABUSE[name]

    head, _, body = abused.send(sent).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 %d " % status), head
    assert b"content-type: application/problem+json" in head
    assert named in body.decode()
    assert len(body) < 4_000


NO_HTTP = {
    "noise": b"\x00\x01\x02\x03\r\n\r\n",
    "a raw byte in the path": get(b"/jobs/\xff"),
    "a control character in a header": get(b"/healthz", b"X-Request-Id: a\x01b"),
    "two lengths": post(b"{}", b"Content-Length: 5"),
    "a negative length": get(b"/jobs", b"Content-Length: -1", method=b"POST"),
    "a broken chunk": get(b"/jobs", b"Transfer-Encoding: chunked", method=b"POST") + b"zz\r\n",
}


@pytest.mark.parametrize("name", NO_HTTP)
def test_what_is_no_http_is_turned_away(abused: Api, name: str) -> None:
    answer = abused.send(NO_HTTP[name])

    assert answer == b"" or answer.startswith(b"HTTP/1.1 4")
    assert abused.ask("GET", "/healthz").status == 200


def too_large(*headers: bytes) -> bytes:
    lines = b"".join(line + b"\r\n" for line in headers)
    return (
        b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        + lines
        + b"\r\n"
    )


def test_ten_megabytes_are_refused_and_the_answer_arrives(abused: Api) -> None:
    """Given clients that send all before they read / I expect them to read a 413, not a reset."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    announced = [too_large(b"Content-Length: 10485760"), *[b"x" * 0x10000] * 160]
    chunked = [too_large(b"Transfer-Encoding: chunked"), *[chunk] * 160, b"0\r\n\r\n"]

    for pieces in (announced, chunked):
        head, _, body = abused.send(*pieces).partition(b"\r\n\r\n")

        assert head.startswith(b"HTTP/1.1 413")
        assert b"connection: close" in head.lower()
        assert b"1048576" in body


def test_a_body_that_is_announced_too_large_is_not_asked_for(abused: Api) -> None:
    """Given a client that asks before it sends / I expect 413 instead of 100."""
    sent = too_large(b"Content-Length: 10485760", b"Expect: 100-continue")

    assert abused.send(sent).startswith(b"HTTP/1.1 413")


def test_many_large_bodies_at_once_take_little_memory(abused: Api) -> None:
    """Given 30 bodies of 10 MB, half sent / I expect less than 5 MB for each."""
    before = resident(abused)
    connections = []
    for _ in range(30):
        with abused.connection() as raw:
            connections.append(raw)
            raw.sendall(too_large(b"Transfer-Encoding: chunked"))
            for _ in range(14):
                raw.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    assert abused.ask("GET", "/healthz").status == 200
    assert resident(abused) - before < 30 * 5 * MEBIBYTE


def resident(running: Api) -> int:
    """Bytes of memory in use."""
    status = Path(f"/proc/{running.process.pid}/status").read_text()
    matches = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(matches[1]) * 1024 if matches else 0
