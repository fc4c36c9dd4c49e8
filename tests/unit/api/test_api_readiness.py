"""/healthz and /readyz."""

import asyncio
import time
from typing import Any

from api.batching import StoreAway
from api.readiness import LoreProbe, Readiness
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


class Server:
    """A batch before a Redis server that is set up as the test says."""

    def __init__(self, **changed: str) -> None:
        wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
        self.settings = wanted | {name.replace("_", "-"): value for name, value in changed.items()}

    async def execute(self, command: str, *_: Any) -> Any:
        if command == "CONFIG" and "hidden" in self.settings:
            raise StoreAway("NOPERM")
        return self.settings if command == "CONFIG" else "redis_version:7.2.4\r\n"


def settings_check(server: Server, *, unsafe: bool = False) -> tuple[bool, str]:
    readiness = Readiness(server, LoreProbe("nowhere:1"), unsafe_redis=unsafe)  # type: ignore[arg-type]
    found = asyncio.run(readiness._settings())
    return found.ok, found.detail


def test_a_server_that_keeps_everything_is_ready() -> None:
    assert settings_check(Server()) == (True, "as they must be")


def test_a_server_that_evicts_is_not_and_the_cure_is_named() -> None:
    """Given a server that throws jobs away when it is full
    / I expect it not ready, unless somebody wants it so.
    """
    ok, detail = settings_check(Server(maxmemory_policy="allkeys-lru"))

    assert not ok
    assert "redis-cli CONFIG SET maxmemory-policy noeviction" in detail
    assert settings_check(Server(maxmemory_policy="allkeys-lru"), unsafe=True) == (True, detail)


def test_a_server_that_syncs_seldom_is_ready_and_told_of() -> None:
    ok, detail = settings_check(Server(appendfsync="everysec"))

    assert ok
    assert "redis-cli CONFIG SET appendfsync always" in detail


def test_a_server_that_does_not_tell_is_ready_and_told_of() -> None:
    ok, detail = settings_check(Server(hidden="yes"))

    assert ok
    assert "cannot be checked" in detail
