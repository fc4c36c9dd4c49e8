"""Nothing holds up the stop of a lore_service that has stored everything."""

import asyncio
from typing import Any

import pytest

from loresmith.lore_service import server
from loresmith.lore_service.calls import maintenance
from loresmith.lore_service.calls.maintenance import LeaseMaintainer
from loresmith.lore_service.server import LoreServer

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


async def test_a_grpc_server_that_does_not_end_does_not_hold_up_the_stop(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(server, "STREAM_TIMEOUT_S", 0.02)
    monkeypatch.setattr(server, "CLOSE_TIMEOUT_S", 0.02)
    stopping = LoreServer.__new__(LoreServer)
    never: Any = type("Grpc", (), {"stop": lambda self, grace_s: asyncio.sleep(60)})()
    stopping._server = never
    closing = asyncio.create_task(never.stop(1.0))

    async with asyncio.timeout(5):
        await stopping._end_streams(closing)

    assert "gRPC does not stop" in caplog.text
    closing.cancel()
