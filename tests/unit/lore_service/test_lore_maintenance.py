"""The background task of a lore_service does not hold up its stop."""

import asyncio
from typing import Any

import pytest

from loresmith.lore_service.calls import maintenance
from loresmith.lore_service.calls.maintenance import LeaseMaintainer

pytestmark = pytest.mark.anyio


class StubbornCalls:
    """A step that goes on although it is cancelled, as a library might."""

    def __init__(self) -> None:
        self.begun, self.released = asyncio.Event(), asyncio.Event()

    def in_flight(self) -> dict[str, Any]:
        return {}

    async def heartbeat(self, texts: Any) -> dict[str, str]:
        self.begun.set()
        while not self.released.is_set():
            try:
                await self.released.wait()
            except asyncio.CancelledError:
                continue
        raise asyncio.CancelledError


async def test_a_step_that_ignores_its_cancellation_does_not_hold_up_the_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(maintenance, "STOP_TIMEOUT_S", 0.05)
    calls = StubbornCalls()
    services: Any = type("Services", (), {"ledger": calls})()
    maintainer = LeaseMaintainer(services, calls, 1.0, 15.0)  # type: ignore[arg-type]
    maintainer.start()
    await calls.begun.wait()

    async with asyncio.timeout(5):
        await maintainer.stop()

    assert "stops without it" in caplog.text
    calls.released.set()
