"""Servers that close connections: no call becomes unknown because of an earlier one."""

import asyncio
import json

import pytest

from tests.providers.answer import Answer, stream
from tests.providers.server import AnswerServer, Outcome, provider_of

pytestmark = [pytest.mark.integration, pytest.mark.anyio]

REFUSAL = json.dumps({"error": {"message": "slow down", "code": "rate_limit_exceeded"}}).encode()
CALLS = 40


class ClosingServer:
    """Promises to keep each connection, and closes it when a second request arrives on it.

    A server that closes an idle connection just as a request leaves looks the same.
    """

    def __init__(self, *, refuses_first: bool = False, announces: bool = False) -> None:
        self.requests = 0
        self._refuses = refuses_first
        self._connection = "close" if announces else "keep-alive"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            self.requests += 1
            if self._refuses:  # the body is left unread
                self._refuses = False
                self._answer(writer, "429 Too Many Requests", REFUSAL)
            else:
                await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
                self._answer(writer, "200 OK", stream())
            await writer.drain()
            await reader.readuntil(b"\r\n\r\n")
            self.requests += 1
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self, writer: asyncio.StreamWriter, status: str, body: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nconnection: {self._connection}\r\n"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)


async def outcomes(server: ClosingServer, calls: int) -> list[Outcome]:
    caller = AnswerServer(Answer("", b""))
    async with provider_of(server.serve) as provider:
        return [await caller.outcome(provider) for _ in range(calls)]


async def test_a_server_that_closes_kept_connections() -> None:
    """Given a server that closes each connection on its second request / I expect every call done,
    with one request each.
    """
    server = ClosingServer()

    states = [outcome.state for outcome in await outcomes(server, CALLS)]

    assert states == ["done"] * CALLS
    assert server.requests == CALLS


@pytest.mark.parametrize("announces", [False, True])
async def test_a_server_that_closes_after_a_refusal(announces: bool) -> None:
    """Given a 429 by a server that leaves the request's body unread and closes / I expect that call
    released and the next one done, on a connection of its own.
    """
    server = ClosingServer(refuses_first=True, announces=announces)

    refused, answered = await outcomes(server, 2)

    assert (refused.state, answered.state) == ("released", "done")
    assert refused.failure
    assert refused.failure.retryable
    assert not refused.failure.may_be_bought
