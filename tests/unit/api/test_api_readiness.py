"""/healthz and /readyz."""

import asyncio
import time

from api.readiness import LoreProbe
from tests.servers import free_port
from tests.unit.api.desk import Desk


def a_worker(desk: Desk, seconds: float = 15) -> None:
    """A worker that vouches for itself so long."""
    desk.scripts.redis.zadd("workers", {"w": (time.time() + seconds) * 1000})


def test_a_process_that_answers_lives(desk: Desk) -> None:
    desk.lore.serving = False

    assert desk.get("/healthz").json() == {"status": "ok"}


def test_a_system_with_all_its_parts_is_ready(desk: Desk) -> None:
    a_worker(desk)

    answer = desk.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["checks"].keys() >= {"redis", "lore_service", "workers"}
    assert answer.json()["checks"]["workers"] == {"ok": True, "detail": "1 alive"}


def test_without_a_worker_it_is_not(desk: Desk) -> None:
    answer = desk.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["checks"]["workers"] == {"ok": False, "detail": "0 alive"}
    assert answer.json()["checks"]["redis"]["ok"] is True
    assert answer.headers["retry-after"] == "2"


def test_a_worker_that_fell_silent_does_not_count(desk: Desk) -> None:
    a_worker(desk, seconds=-0.1)

    assert desk.get("/readyz").status_code == 503


def test_without_the_lore_service_it_is_not(desk: Desk) -> None:
    a_worker(desk)
    desk.lore.serving = False

    answer = desk.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["lore_service"] == {"ok": False, "detail": "as the test says"}


def test_a_lore_service_that_is_not_there_is_told_within_its_time() -> None:
    """Given an address where nobody listens / I expect a finding that names it, soon."""
    address = f"127.0.0.1:{free_port()}"

    async def asked() -> tuple[bool, str, float]:
        probe = LoreProbe(address)
        began = time.monotonic()
        found = await probe.check()
        await probe.close()
        return found.ok, found.detail, time.monotonic() - began

    ok, detail, seconds = asyncio.run(asked())

    assert not ok
    assert address in detail
    assert seconds < 2
