"""Pipelines answer every waiter, on a real server, whatever is in them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from loresmith.jobs.store.pipeline import (
    CommandRefused,
    InvalidCommand,
    PipelineBatcher,
    StoreUnavailable,
    connect,
)
from tests.servers import RedisServer

pytestmark = [pytest.mark.integration, pytest.mark.anyio]
ANSWER_TIMEOUT_S = 10


@asynccontextmanager
async def pipeline(server: RedisServer) -> AsyncIterator[PipelineBatcher]:
    batcher = PipelineBatcher(connect(server.url))
    try:
        yield batcher
    finally:
        await batcher.close()


async def answers(batcher: PipelineBatcher, *commands: Any) -> list[Any]:
    """Sends commands in one pipeline; returns replies and errors."""
    async with asyncio.timeout(ANSWER_TIMEOUT_S):
        sending = (batcher.execute(*command) for command in commands)
        return await asyncio.gather(*sending, return_exceptions=True)


@pytest.mark.parametrize(
    "value",
    ["\ud83d", None, True, {"a": 1}, ["x"], object()],
    ids=lambda value: type(value).__name__,
)
async def test_a_value_that_cannot_be_sent_fails_alone(server: RedisServer, value: Any) -> None:
    """Given one bad value among good commands / I expect the good ones executed."""
    async with pipeline(server) as batcher:
        before, refused, after = await answers(
            batcher, ("SET", "a", "1"), ("SET", "b", value), ("GET", "a")
        )

    assert (before, after) == ("OK", "1")
    assert isinstance(refused, InvalidCommand)


async def test_a_command_that_does_not_fit_the_data_is_refused(server: RedisServer) -> None:
    async with pipeline(server) as batcher:
        _, refused, after = await answers(
            batcher, ("SET", "text", "1"), ("HGET", "text", "x"), ("GET", "text")
        )

    assert isinstance(refused, CommandRefused)
    assert after == "1"


@pytest.mark.parametrize("error", [KeyError("x"), SystemError("x"), asyncio.CancelledError()])
async def test_whatever_is_raised_every_waiter_is_answered(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    async def fail(*_: Any) -> list[Any]:
        raise error

    async with pipeline(server) as batcher:
        monkeypatch.setattr(batcher, "_pipeline", fail)
        replies = await answers(batcher, ("PING",), ("PING",))
        monkeypatch.undo()

        assert all(isinstance(reply, StoreUnavailable | type(error)) for reply in replies)
        assert await answers(batcher, ("PING",)) == ["PONG"]
