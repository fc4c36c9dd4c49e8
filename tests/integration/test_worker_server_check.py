"""A worker looks at the server's settings before it takes a job, and says the cure."""

import pytest

from tests.integration.workshop import Workshop
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_a_server_that_throws_jobs_away_is_refused(shop: Workshop) -> None:
    with shop.redis as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")

    worker = shop.launch([*shop.rq_command("worker"), "-w", "worker.LoreWorker", "lore"])

    assert worker.ends() == 1
    assert "redis-cli CONFIG SET maxmemory-policy noeviction" in worker.log
    assert "LORESMITH_UNSAFE_REDIS=1" in worker.log


def test_it_may_be_started_all_the_same(shop: Workshop) -> None:
    with shop.redis as redis:
        redis.config_set("maxmemory-policy", "allkeys-lru")

    shop.worker(LORESMITH_UNSAFE_REDIS="1")

    shop.wait_for(shop.submit())


def test_a_server_that_may_lose_seconds_is_only_complained_about(shop: Workshop) -> None:
    with shop.redis as redis:
        redis.config_set("appendfsync", "everysec")

    worker = shop.worker()

    assert "redis-cli CONFIG SET appendfsync always" in worker.log
    shop.wait_for(shop.submit())


def test_a_server_that_is_right_is_not_mentioned(shop: Workshop) -> None:
    worker = shop.worker()

    assert "CONFIG SET" not in worker.log


def test_a_worker_that_starts_before_its_server_waits_for_it(shop: Workshop) -> None:
    shop.server.kill()
    worker = shop.launch(shop.own_command())
    address = f"127.0.0.1:{shop.server.port}"
    wait_until(lambda: f"for Redis at {address}" in worker.log, "it says what it waits for")

    shop.server.start()

    shop.wait_for(shop.submit())


def test_a_setting_that_does_not_fit_is_named(shop: Workshop) -> None:
    worker = shop.launch(shop.own_command(), LORESMITH_CONCURRENCY="many")

    assert worker.ends() == 1
    assert "LORESMITH_CONCURRENCY='many' is not a number" in worker.log


def test_a_worker_on_another_queue_says_that_nobody_rings_there(shop: Workshop) -> None:
    worker = shop.launch(
        [*shop.rq_command("worker"), "-w", "worker.LoreWorker", "--burst", "other"]
    )

    assert worker.ends() == 0
    assert "listens on other, but jobs are rung for on lore" in worker.log


def test_the_server_of_rq_s_option_counts_and_not_the_environment_s(shop: Workshop) -> None:
    """Given a REDIS_URL where nobody is, and -u where the job is / I expect it run."""
    job_id = shop.submit()
    command = [*shop.rq_command("worker"), "-w", "worker.LoreWorker", "--burst", "lore"]

    worker = shop.launch([*command, "-u", shop.server.url], REDIS_URL="redis://127.0.0.1:1/0")

    assert worker.ends() == 0
    assert shop.job(job_id)["status"] == "completed"
