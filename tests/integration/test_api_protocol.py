"""Half requests: the connection of a client that never finishes is not kept for ever."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from loresmith.api.http import protocol
from loresmith.api.http.protocol import MAX_HEADER_BYTES, TimeoutLimitedProtocol
from tests.servers import free_port

pytestmark = pytest.mark.integration

SECONDS = 0.2
"""The deadline in these tests."""


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "REQUEST_TIMEOUT_S", SECONDS)


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    """An app that reads the body, and takes three deadlines for its answer."""
    if scope["type"] == "lifespan":
        return
    while (await receive()).get("more_body", False):
        pass
    await asyncio.sleep(3 * SECONDS if scope["path"] == "/slow" else 0)
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            slow, port=port, http=TimeoutLimitedProtocol, lifespan="off", log_level="critical"
        )
    )
    server.capture_signals = _no_signals  # type: ignore[method-assign]
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.001)
    try:
        yield port
    finally:
        server.should_exit = True
        await running


class _no_signals:
    """The signals of the process are the tests' own."""

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, Any]]


def talk(act: Talk) -> Any:
    async def talking() -> Any:
        async with serving() as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                return await asyncio.wait_for(act(reader, writer), 5)
            finally:
                writer.close()

    return asyncio.run(talking())


REQUEST = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "half",
    [
        b"",
        b"GET",
        b"GET / HTTP/1.1\r\nHost: x\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ],
)
def test_half_a_request_ends_with_its_deadline(half: bytes) -> None:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(half)
        return await reader.read()

    answer = talk(act)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")


def test_a_byte_at_a_time_does_not_prolong_it() -> None:
    """Given a client that sends a byte a while (Slowloris) / I expect one deadline for it all."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> float:
        began = asyncio.get_running_loop().time()
        done = asyncio.create_task(reader.read())
        for byte in b"GET / HTTP/1.1\r\n" + b"X-Slow: 1\r\n" * 100:
            writer.write(bytes([byte]))
            await asyncio.sleep(SECONDS / 20)
            if done.done():
                break
        return asyncio.get_running_loop().time() - began

    assert talk(act) < 3 * SECONDS


def test_the_answer_may_take_longer_than_the_request() -> None:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(REQUEST % b"slow")
        return await reader.readuntil(b"ok")

    assert talk(act).startswith(b"HTTP/1.1 200")


def test_each_request_of_a_connection_has_a_deadline_of_its_own() -> None:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for _ in range(4):
            writer.write(REQUEST % b"")
            await reader.readuntil(b"ok")
            await asyncio.sleep(SECONDS / 2)
        writer.write(b"GET / HT")
        return await reader.read()

    assert talk(act).startswith(b"HTTP/1.1 408")


def test_endless_headers_are_cut_off() -> None:
    """The answer may be lost to who still sends; the connection is closed in any case."""

    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"GET / HTTP/1.1\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"X-More: " + b"x" * 990 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)
            return await reader.read()
        return b""

    answer = talk(act)

    assert answer == b"" or answer.startswith(b"HTTP/1.1 431")


def test_long_bodies_are_no_headers() -> None:
    async def act(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        size = 4 * MAX_HEADER_BYTES
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(4):
            writer.write(b"x" * MAX_HEADER_BYTES)
            await writer.drain()
        return await reader.readuntil(b"ok")

    assert talk(act).startswith(b"HTTP/1.1 200")
