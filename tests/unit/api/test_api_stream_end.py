"""An event stream ends with the credential that has opened it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest

from loresmith.api.events.broadcaster import Subscriber
from loresmith.api.events.sse import EventStream
from loresmith.jobs.core.principal import Principal

pytestmark = pytest.mark.anyio


async def silence() -> AsyncIterator[bytes]:
    await asyncio.Event().wait()
    yield b""


@pytest.mark.parametrize(("ends_in_s", "ends"), [(0.02, True), (-1, True), (60, False)])
async def test_a_stream_ends_with_its_credential(ends_in_s: float, ends: bool) -> None:
    subscriber = Subscriber(lambda _: True)
    ends_ms = round((time.time() + ends_in_s) * 1000)
    subscriber.set_principal(Principal(id="key:1", user_id="ann", ends_ms=ends_ms))
    stream = EventStream(subscriber, ExitStack(), b"", silence())

    async def receive() -> Any:
        await asyncio.Event().wait()

    async def send(_: Any) -> None:
        pass

    running = asyncio.create_task(stream({"type": "http", "method": "GET"}, receive, send))
    done, _ = await asyncio.wait({running}, timeout=2 if ends else 0.1)

    assert bool(done) is ends
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
