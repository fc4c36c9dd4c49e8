"""Jobs wait for what is away: no attempt is used up, and nothing is bought twice."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import pytest
from redis.exceptions import RedisError

from loresmith.archive import migrate
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage
from tests.integration.worker_processes import WorkerProcess, WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def waiting(system: WorkerSystem, job_id: str, phase: str, waits: int = 1) -> Record:
    """Waits until a job shows the phase, after so many waits."""

    def reached() -> Record | None:
        record = system.job(job_id)
        enough = int(record.get("waits", 0)) >= waits and record["lease_holder"] == ""
        return record if record["phase"] == phase and enough else None

    return wait_until(reached, f"{job_id} is {phase}", timeout=20, every=0.02) or {}


def assert_one_outage(worker: WorkerProcess, server: str) -> None:
    """Waits for the line of the end; requires one of the beginning, and none of the tries."""
    for line in (f"{server} is available again", "attempt ended"):
        wait_until(lambda line=line: line in worker.log, f"the log has {line!r}", timeout=20)
    assert worker.log.count(f"{server} is unavailable") == 1
    assert worker.log.count("attempt ended") == 1


def test_a_job_waits_for_the_lore_service(system: WorkerSystem) -> None:
    """Given no lore_service / when it comes back after several tries of a job with one attempt
    / I expect the job completed, its bar at 20 until then, and no retry counted; a line in the log
    when the outage begins, and one when it has ended.
    """
    system.lore_server.stop()
    worker = system.start_worker()
    job_id = system.submit(max_attempts=1)

    record = waiting(system, job_id, "waiting_provider", waits=2)
    system.lore_server.start()
    completed = system.wait_for(job_id, timeout=60)

    assert "cannot be reached; nothing was bought. Trying again soon..." in record["message"]
    assert (record["status"], record["progress"], record.get("retries", "0")) == (
        "processing",
        "20",
        "0",
    )
    assert int(record["next_try_ms"]) > int(record["updated_ms"])
    assert (completed.get("retries", "0"), completed.get("worker_losses", "0")) == ("0", "0")
    assert system.lore.started[f"{job_id}/generate/0"] == 1
    assert_one_outage(worker, "The lore service")


def test_a_job_waits_for_the_right_token(system: WorkerSystem) -> None:
    """Given a lore_service that refuses the worker's token / I expect the job to wait and to name
    the remedy, and to run once the two agree.
    """
    system.lore_server.stop()
    system.lore_server.token = "the-token-of-the-server"
    system.lore_server.start()
    worker = system.start_worker(LORESMITH_LORE_SERVICE_TOKEN="another-canary-token")
    job_id = system.submit(max_attempts=1)

    record = waiting(system, job_id, "waiting_provider", waits=1)
    system.lore_server.stop()
    system.lore_server.token = "another-canary-token"
    system.lore_server.start()
    completed = system.wait_for(job_id, timeout=60)

    assert "LORESMITH_LORE_SERVICE_TOKEN is missing or wrong" in record["message"]
    assert completed.get("retries", "0") == "0"
    assert "canary" not in worker.log + str(completed)


def test_time_spent_waiting_is_no_timeout(system: WorkerSystem) -> None:
    """Given a timeout that is shorter than a look for the lore_service / I expect a wait."""
    system.lore_server.stop()
    system.start_worker()

    record = waiting(system, system.submit(timeout_s=1), "waiting_provider")

    assert "nothing was bought" in record["message"]


def test_a_job_gives_up_waiting_at_its_deadline(system: WorkerSystem) -> None:
    system.lore_server.stop()
    system.start_worker()

    failed = system.wait_for(system.submit(deadline_s=8), "failed", timeout=60)

    assert json.loads(failed["error_detail"])["code"] == "llm_unavailable"
    assert "its deadline" in failed["error"]
    assert 7_000 < int(failed["completed_ms"]) - int(failed["created_ms"]) < 20_000


def test_a_job_of_an_unknown_type_waits_for_its_worker(system: WorkerSystem) -> None:
    """Given a job of a type that this release does not know / I expect it to wait, and to run once
    a worker knows it.
    """
    job_id = system.submit(max_attempts=1, enqueue=False)
    with system.redis as redis:
        redis.hset(keys.job(job_id), "type", "generate_songs")
    system.queue.enqueue([JobMessage(job_id, 1)])
    system.start_worker()

    record = waiting(system, job_id, "waiting_version")
    with system.redis as redis:
        redis.hset(keys.job(job_id), "type", "generate_characters")
    completed = system.wait_for(job_id, timeout=60)

    assert "does not know the job type 'generate_songs'" in record["message"]
    assert (record.get("retries", "0"), completed.get("retries", "0")) == ("0", "0")


@contextmanager
def locked(system: WorkerSystem) -> Iterator[None]:
    migrate(f"sqlite:///{system.directory}/worlds.db")
    with closing(sqlite3.connect(system.directory / "worlds.db")) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.rollback()


@contextmanager
def replaced_by_a_folder(system: WorkerSystem) -> Iterator[None]:
    database = system.directory / "worlds.db"
    database.mkdir()
    yield
    database.rmdir()


@pytest.mark.parametrize("away", [locked, replaced_by_a_folder])
def test_an_unsaved_world_is_saved_by_itself(system: WorkerSystem, away: object) -> None:
    """Given a database that is away / when it is back / I expect the world saved, bought once."""
    worker = system.start_worker()
    with away(system):  # type: ignore[operator]
        job_id = system.submit("create_world", timeout_s=300, max_attempts=1)
        record = waiting(system, job_id, "waiting_archive")
        assert (record["status"], record.get("retries", "0")) == ("processing", "0")
        assert "error" not in record

    saved = system.wait_for(job_id, timeout=60)

    assert json.loads(saved["result"])["world_id"] == job_id
    assert saved.get("retries", "0") == "0"
    assert set(system.lore.started.values()) == {1}
    assert sum(system.lore.started.values()) == 7
    assert_one_outage(worker, "The archive")


@contextmanager
def setting(system: WorkerSystem, name: str, value: str, normal: str) -> Iterator[None]:
    with system.redis as redis:
        redis.config_set(name, value)
        yield
        redis.config_set(name, normal)


@contextmanager
def replica(system: WorkerSystem) -> Iterator[None]:
    with system.redis as redis:
        redis.replicaof("127.0.0.1", "1")
        yield
        redis.replicaof("NO", "ONE")


@contextmanager
def busy(system: WorkerSystem) -> Iterator[None]:
    def run() -> None:
        with system.redis as redis, suppress(RedisError):
            redis.eval("while true do end", 0)

    with system.redis as redis:
        redis.config_set("lua-time-limit", "50")
        thread = threading.Thread(target=run)
        thread.start()
        yield
        redis.script_kill()
        thread.join()


OUTAGES = {
    "NOREPLICAS": lambda system: setting(system, "min-replicas-to-write", "1", "0"),
    "OOM": lambda system: setting(system, "maxmemory", "1", "0"),
    "READONLY": replica,
    "BUSY": busy,
}


@pytest.mark.parametrize("code", OUTAGES)
def test_a_result_waits_for_a_redis_that_refuses(system: WorkerSystem, code: str) -> None:
    """Given jobs whose calls end while Redis refuses to work / when it works again
    / I expect all of them completed, and no call made twice.
    """
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker(LORESMITH_LOG_LEVEL="DEBUG")
    job_ids = [system.submit(max_attempts=1) for _ in range(5)]
    wait_until(lambda: len(system.lore.started) == 5, "5 calls run")

    with OUTAGES[code](system):
        system.lore.blocked_steps.clear()
        wait_until(lambda: "waits for Redis" in worker.log, "the results wait")

    system.wait_for_all(job_ids, "completed")
    assert {system.job(job_id).get("retries", "0") for job_id in job_ids} == {"0"}
    assert set(system.lore.started.values()) == {1}
