"""/healthz, /readyz and /system."""

import asyncio
import time
from typing import Any

import pytest
from redis.exceptions import AuthenticationError
from rq.suspension import resume, suspend

from loresmith.api.services.health_checks import HealthChecks, LoreServiceProbe
from loresmith.jobs.store.parts import LivePart
from loresmith.jobs.store.pipeline import StoreUnavailable
from loresmith.jobs.store.primary import PrimaryRefused
from loresmith.jobs.store.scripts import run_script
from loresmith.jobs.types.fingerprint import fingerprint_of
from loresmith.jobs.types.registry import JOB_TYPES, REGISTRY
from loresmith.protos.connection import LoreServiceConnection
from tests.servers import free_port
from tests.unit.api.harness import BODY, ApiHarness


def a_worker(api: ApiHarness, seconds: float = 15) -> None:
    """A worker whose heartbeat is valid for so long."""
    api.scripts.redis.zadd("workers", {"w": (time.time() + seconds) * 1000})


def test_liveness_ignores_dependencies(api: ApiHarness) -> None:
    api.lore.serving = False

    assert api.get("/healthz").json() == {"status": "ok"}


def test_readiness_is_about_this_process_and_redis(api: ApiHarness) -> None:
    """Given neither workers nor a lore service / I expect jobs accepted, so the api is ready."""
    api.lore.serving = False

    answer = api.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["checks"].keys() == {
        "redis",
        "redis_settings",
        "queue",
        "job_types",
    }


def test_readiness_says_that_rq_is_suspended(api: ApiHarness) -> None:
    """Given `rq suspend` / I expect jobs accepted, and the probe and the waiting job to say so."""
    job_id = api.submit(BODY).json()["id"]
    assert api.get("/readyz").json()["checks"]["queue"] == {"ok": True, "detail": "open"}
    suspend(api.scripts.redis)

    answer = api.get("/readyz")

    assert answer.status_code == 200
    assert "`rq resume`" in answer.json()["checks"]["queue"]["detail"]
    assert api.get(f"/jobs/{job_id}").json()["waiting"]["reason"] == "suspended"
    resume(api.scripts.redis)
    assert api.get("/readyz").json()["checks"]["queue"]["detail"] == "open"


def test_workers_of_another_queue_do_not_count(api: ApiHarness) -> None:
    now_ms = time.time() * 1000
    api.scripts.redis.zadd("workers", {"anna.1@slow": now_ms + 5_000})
    assert api.get("/system").json()["checks"]["workers"]["detail"] == "0 alive"

    api.scripts.redis.zadd("workers", {"bert.2@slow,lore": now_ms + 5_000})
    assert api.get("/system").json()["checks"]["workers"]["detail"] == "1 alive"


def test_the_readiness_probe_leaves_no_key(api: ApiHarness) -> None:
    before = api.keys
    api.get("/readyz")

    assert api.keys == before


def test_a_system_with_all_its_parts_is_ok(api: ApiHarness) -> None:
    a_worker(api)

    answer = api.get("/system")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert answer.json()["checks"].keys() >= {"redis", "lore_service", "workers"}
    assert answer.json()["checks"]["workers"] == {"ok": True, "detail": "1 alive"}


@pytest.mark.parametrize("seconds", [None, -0.1])
def test_a_system_without_a_live_worker_is_degraded(api: ApiHarness, seconds: float | None) -> None:
    if seconds:
        a_worker(api, seconds)

    answer = api.get("/system")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["checks"]["workers"] == {"ok": False, "detail": "0 alive"}


def test_a_system_without_the_lore_service_is_degraded(api: ApiHarness) -> None:
    a_worker(api)
    api.lore.serving = False

    answer = api.get("/system")

    assert answer.json()["status"] == "degraded"
    assert answer.json()["checks"]["lore_service"] == {"ok": False, "detail": "set by the test"}


def test_an_unreachable_lore_service_is_reported_in_time() -> None:
    """Given an address where nobody listens / I expect a finding that names it, soon."""
    address = f"127.0.0.1:{free_port()}"

    async def asked() -> tuple[bool, str, float]:
        probe = LoreServiceProbe(LoreServiceConnection(address))
        began = time.monotonic()
        matches = await probe.check()
        await probe.close()
        return matches.ok, matches.detail, time.monotonic() - began

    ok, detail, seconds = asyncio.run(asked())

    assert not ok
    assert address in detail
    assert seconds < 2


class Server:
    """A batcher before a Redis server that is set up as the test says."""

    def __init__(self, error: Exception | None = None, **changed: str) -> None:
        expected = {"appendonly": "yes", "appendfsync": "always", "maxmemory-policy": "noeviction"}
        self.settings = expected | {
            name.replace("_", "-"): value for name, value in changed.items()
        }
        self.error = error

    async def execute(self, command: str, *_: Any) -> Any:
        if self.error or (command == "CONFIG" and "hidden" in self.settings):
            raise StoreUnavailable("NOPERM")
        if command in ("TIME", "ZRANGEBYSCORE"):
            return (0, 0) if command == "TIME" else ()
        return self.settings if command == "CONFIG" else "redis_version:7.2.4\r\nrole:master\r\n"


class Part:
    """A part of the process that runs or not, and does its work or not."""

    def __init__(self, *, alive: bool = True, fault: str = "") -> None:
        self.alive, self.fault = alive, fault


def checks_of(
    server: Server, maintenance: Part | None = None, *, unsafe: bool = False
) -> HealthChecks:
    probe: Any = LoreServiceProbe(LoreServiceConnection("nowhere:1"))
    return HealthChecks(server, probe, Part(), maintenance, unsafe_redis=unsafe)  # type: ignore[arg-type]


def settings_check(server: Server, *, unsafe: bool = False) -> tuple[bool, str]:
    check = asyncio.run(checks_of(server, unsafe=unsafe).readiness())["redis_settings"]
    return check.ok, check.detail


def test_a_server_that_keeps_everything_is_ready() -> None:
    assert settings_check(Server()) == (True, "correct")


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("maxmemory_policy", "allkeys-lru", "redis-cli CONFIG SET maxmemory-policy noeviction"),
        ("appendonly", "no", "redis-cli CONFIG SET appendonly yes"),
    ],
)
def test_a_redis_that_loses_jobs_is_not_ready(setting: str, value: str, remedy: str) -> None:
    """Given a server that loses jobs / I expect it not ready, unless somebody wants it so."""
    ok, detail = settings_check(Server(**{setting: value}))

    assert not ok
    assert remedy in detail
    assert settings_check(Server(**{setting: value}), unsafe=True) == (True, detail)


def test_a_redis_that_syncs_rarely_is_ready_with_a_warning() -> None:
    ok, detail = settings_check(Server(appendfsync="everysec"))

    assert ok
    assert "redis-cli CONFIG SET appendfsync always" in detail


def test_a_redis_with_hidden_settings_is_ready_with_a_warning() -> None:
    ok, detail = settings_check(Server(hidden="yes"))

    assert ok
    assert "cannot be checked" in detail


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (
            AuthenticationError("invalid username-password pair"),
            "refuses the user name or the password",
        ),
        (PrimaryRefused("This Redis has forgotten accepted work"), "has forgotten accepted work"),
        (ConnectionRefusedError("Error 111 connecting to 10.0.0.7:6379"), "NOPERM"),
    ],
)
def test_an_outage_names_its_cause_and_no_settings_are_ok(error: Exception, cause: str) -> None:
    checks = asyncio.run(checks_of(Server(error)).readiness())

    assert not checks["redis"].ok
    assert cause in checks["redis"].detail
    assert "10.0.0.7" not in str(checks)
    assert not checks["redis_settings"].ok
    assert "unknown" in checks["redis_settings"].detail


def test_a_process_that_neglects_due_jobs_is_not_ready() -> None:
    checks = asyncio.run(checks_of(Server(), Part(fault="no round for 20 s")).readiness())

    assert not checks["maintenance"].ok
    assert checks["maintenance"].detail == "no round for 20 s"


def test_a_dead_thread_is_a_dead_process() -> None:
    assert checks_of(Server(), Part()).dead_parts() == []
    assert checks_of(Server(), Part(alive=False)).dead_parts() == ["maintenance thread"]


def a_part(api: ApiHarness, kind: str, name: str, job_types: dict[str, str]) -> None:
    """A worker or lore_service with these job types, which are in all of them."""
    part = LivePart(kind, name, fingerprint_of(job_types))  # type: ignore[arg-type]
    script = part.announcement(job_types)
    run_script(api.scripts.redis, script.name, script.keys, *script.arguments)


def test_parts_with_the_same_job_types_agree(api: ApiHarness) -> None:
    a_worker(api)
    a_part(api, "worker", "anna.1", REGISTRY.fingerprints)
    a_part(api, "lore_service", "bert.2", REGISTRY.fingerprints)

    check = api.get("/system").json()["checks"]["job_types"]

    assert check == {
        "ok": True,
        "detail": f"{len(JOB_TYPES)} types, fingerprint {REGISTRY.fingerprint}",
    }


def test_a_disagreement_about_job_types_is_named_and_keeps_the_api_ready(api: ApiHarness) -> None:
    """Given a worker with one type more, and a lore_service with another version of one
    / I expect readiness to name both and to stay ready, and the system to be degraded.
    """
    a_worker(api)
    a_part(api, "worker", "anna.1", REGISTRY.fingerprints | {"read_mail": "1"})
    a_part(api, "lore_service", "bert.2", REGISTRY.fingerprints | {"create_world": "1"})

    ready, system = api.get("/readyz"), api.get("/system").json()

    detail = ready.json()["checks"]["job_types"]["detail"]
    lore_service, worker = detail.split("; ")[1:]
    assert lore_service == "lore_service bert.2 has another create_world"
    assert worker == "worker anna.1 has also read_mail"
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert system["status"] == "degraded"
    assert system["checks"]["job_types"] == {"ok": False, "detail": detail}


def test_many_disagreements_are_counted(api: ApiHarness) -> None:
    for number in range(7):
        a_part(api, "worker", f"anna.{number}", {"read_mail": str(number)})

    assert api.get("/system").json()["checks"]["job_types"]["detail"].endswith("; 2 more")
