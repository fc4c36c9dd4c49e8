"""A worker checks the server's settings before it fetches a job, and logs the remedy."""

import pytest

from tests.integration.worker_processes import WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_a_server_that_evicts_keys_is_rejected(system: WorkerSystem) -> None:
    with system.redis as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")

    worker = system.launch([*system.rq_command("worker"), "-w", "worker.LoreWorker", "lore"])

    assert worker.wait() == 1
    assert "redis-cli CONFIG SET maxmemory-policy noeviction" in worker.log
    assert "LORESMITH_UNSAFE_REDIS=1" in worker.log


def test_the_check_can_be_overridden(system: WorkerSystem) -> None:
    with system.redis as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")

    system.start_worker(LORESMITH_UNSAFE_REDIS="1")

    system.wait_for(system.submit())


def test_a_server_that_may_lose_a_second_causes_a_log_line(system: WorkerSystem) -> None:
    with system.redis as redis:
        redis.config_set("appendfsync", "everysec")

    worker = system.start_worker()

    assert "redis-cli CONFIG SET appendfsync always" in worker.log
    system.wait_for(system.submit())


def test_a_correct_server_causes_no_log_line(system: WorkerSystem) -> None:
    worker = system.start_worker()

    assert "CONFIG SET" not in worker.log


def test_a_worker_waits_for_its_server(system: WorkerSystem) -> None:
    system.server.kill()
    worker = system.launch(system.own_command())
    address = f"127.0.0.1:{system.server.port}"
    wait_until(lambda: f"for Redis at {address}" in worker.log, "it logs what it waits for")

    system.server.start()

    system.wait_for(system.submit())


def test_an_invalid_setting_is_named(system: WorkerSystem) -> None:
    worker = system.launch(system.own_command(), LORESMITH_CONCURRENCY="many")

    assert worker.wait() == 1
    assert "LORESMITH_CONCURRENCY='many' must be a valid integer" in worker.log


def test_a_worker_on_the_wrong_queue_logs_it(system: WorkerSystem) -> None:
    worker = system.launch(
        [*system.rq_command("worker"), "-w", "worker.LoreWorker", "--burst", "other"]
    )

    assert worker.wait() == 0
    assert "this worker consumes other, but jobs go to lore" in worker.log


def test_rq_s_url_option_overrides_the_environment(system: WorkerSystem) -> None:
    """Given a wrong REDIS_URL and the right -u / I expect the job run."""
    job_id = system.submit()
    command = [*system.rq_command("worker"), "-w", "worker.LoreWorker", "--burst", "lore"]

    worker = system.launch([*command, "-u", system.server.url], REDIS_URL="redis://127.0.0.1:1/0")

    assert worker.wait() == 0
    assert system.job(job_id)["status"] == "completed"
