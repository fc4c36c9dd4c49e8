"""Signals: what runs comes to its end, or is handed back, and nothing is bought twice."""

import signal
import time

import pytest

from tests.integration.workshop import Worker, Workshop
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def running(shop: Workshop, worker: Worker, jobs: int) -> list[str]:
    """Jobs whose calls are in flight."""
    before = len(shop.fake.made)
    job_ids = [shop.submit() for _ in range(jobs)]
    wait_until(lambda: len(shop.fake.made) == before + jobs, f"{jobs} calls run")
    return job_ids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_what_runs_finish_and_takes_nothing_new(
    shop: Workshop, number: signal.Signals
) -> None:
    shop.fake.seconds = 2
    worker = shop.worker()
    job_ids = running(shop, worker, 20)

    worker.send(number)
    wait_until(lambda: "finishing 20 jobs" in worker.log, "it has noticed")
    late = shop.submit()

    assert worker.ends() == 0
    assert set(shop.statuses(job_ids)) == {"completed"}
    assert shop.job(late)["status"] == "pending"
    assert "queue lore 1, 0 executing" in shop.rq_info()
    with shop.redis as redis:
        assert redis.zrange("workers", 0, -1) == []


def test_an_idle_worker_stops_soon(shop: Workshop) -> None:
    worker, start = shop.worker(), time.monotonic()

    worker.send(signal.SIGTERM)

    assert worker.ends() == 0
    assert time.monotonic() - start < 5


def test_a_second_signal_hands_back_at_once(shop: Workshop) -> None:
    """Given 20 calls in flight / When it is told twice / I expect another worker to join them."""
    shop.fake.stuck.add("generate")
    worker = shop.worker()
    job_ids = running(shop, worker, 20)

    worker.send(signal.SIGTERM)
    wait_until(lambda: "finishing 20 jobs" in worker.log, "it has noticed")
    start = time.monotonic()
    worker.send(signal.SIGTERM)

    assert worker.ends() == 0
    assert time.monotonic() - start < 5, "the grace period is 30 s"
    record = shop.job(job_ids[0])
    assert (record["status"], record["phase"], record["attempt"]) == (
        "processing",
        "recovering",
        "2",
    )
    assert record["message"] == "Its worker is shutting down; another one takes over..."
    assert record["lost"] == "0"
    assert "queue lore 20, 0 executing, 0 finished, 0 failed" in shop.rq_info()

    shop.fake.stuck.clear()
    shop.worker()
    shop.wait_for_all(job_ids, "completed")
    assert set(shop.fake.made.values()) == {1}


def test_after_the_grace_period_it_hands_back_by_itself(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    worker = shop.worker(LORESMITH_GRACE_S="0.5")
    (job_id,) = running(shop, worker, 1)

    worker.send(signal.SIGTERM)

    assert worker.ends(5) == 0
    assert shop.job(job_id)["attempt"] == "2"


def test_a_job_that_is_being_cancelled_is_not_handed_back(shop: Workshop) -> None:
    """Given a cancellation that the worker has not seen / I expect it cancelled, not run again."""
    shop.fake.stuck.add("settings")
    worker = shop.worker()
    job_id = shop.submit("create_world", timeout_s=300)
    wait_until(lambda: shop.fake.made[f"{job_id}/settings/0"], "the second call runs")
    shop.cancel(job_id, "after_current_call")

    worker.send(signal.SIGTERM)
    wait_until(lambda: "finishing 1 jobs" in worker.log, "it has noticed")
    worker.send(signal.SIGTERM)

    assert worker.ends() == 0
    assert shop.job(job_id)["status"] == "cancelled"


def test_it_stops_while_redis_is_away(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    worker = shop.worker(LORESMITH_GRACE_S="0.5")
    running(shop, worker, 1)

    shop.server.kill()
    worker.send(signal.SIGTERM)

    assert worker.ends(20) == 0
    assert "could not hand back" in worker.log
