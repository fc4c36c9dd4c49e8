"""A time limit that does not count a pause of the process."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from loresmith.lore_service.providers.sdk import pause_tolerant_timeout
from loresmith.lore_service.providers.sdk.pause_tolerant_timeout import PauseTolerantTimeout

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pause_tolerant_timeout, "LATE_S", 0.05)
    monkeypatch.setattr(pause_tolerant_timeout, "GRACE_S", 5.0)


async def test_silence_ends_the_block() -> None:
    with pytest.raises(TimeoutError):
        async with PauseTolerantTimeout(0.01):
            await asyncio.Event().wait()


async def test_what_has_arrived_during_a_pause_is_read() -> None:
    """Given a loop that stands still for longer than the limit / I expect the block to go on."""
    arrived = asyncio.get_running_loop().create_future()

    async with PauseTolerantTimeout(0.01):
        await asyncio.sleep(0)
        block_the_loop(0.2)
        asyncio.get_running_loop().call_later(0.01, arrived.set_result, "text")
        assert await arrived == "text"


async def test_each_chunk_restarts_it() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            await asyncio.sleep(0.02)
            yield b"x"

    async with PauseTolerantTimeout(0.2) as silence:
        assert len([chunk async for chunk in silence.restarted_by(chunks())]) == 20


async def test_it_can_be_ended_early() -> None:
    timeout = PauseTolerantTimeout(1_000)
    asyncio.get_running_loop().call_later(0.01, timeout.expire)

    with pytest.raises(TimeoutError):
        async with timeout:
            await asyncio.Event().wait()


def block_the_loop(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
