"""Signals: running jobs finish or are released, and nothing is bought twice."""

import signal
import time

import pytest

from tests.integration.worker_processes import WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def running(system: WorkerSystem, jobs: int) -> list[str]:
    """Submits jobs and waits until their calls run."""
    before = len(system.lore.started)
    job_ids = [system.submit() for _ in range(jobs)]
    wait_until(lambda: len(system.lore.started) == before + jobs, f"{jobs} calls run")
    return job_ids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_lets_running_jobs_finish_and_starts_no_others(
    system: WorkerSystem, number: signal.Signals
) -> None:
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker()
    job_ids = running(system, 20)

    worker.send(number)
    wait_until(lambda: "count=20" in worker.log, "the worker drains")
    late = system.submit()
    system.lore.blocked_steps.clear()

    assert worker.wait() == 0
    assert set(system.statuses(job_ids)) == {"completed"}
    assert system.job(late)["status"] == "pending"
    assert "queue lore 1, 0 executing" in system.rq_info()
    with system.redis as redis:
        assert redis.zrange("workers", 0, -1) == []


def test_an_idle_worker_stops_soon(system: WorkerSystem) -> None:
    worker, start = system.start_worker(), time.monotonic()

    worker.send(signal.SIGTERM)

    assert worker.wait() == 0
    assert time.monotonic() - start < 5


def test_a_second_signal_releases_jobs_at_once(system: WorkerSystem) -> None:
    """Given 20 running calls / When two signals arrive / I expect another worker to join them."""
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker()
    job_ids = running(system, 20)

    worker.send(signal.SIGTERM)
    wait_until(lambda: "count=20" in worker.log, "the worker drains")
    start = time.monotonic()
    worker.send(signal.SIGTERM)

    assert worker.wait() == 0
    assert time.monotonic() - start < 5, "the grace period is 30 s"
    record = system.job(job_ids[0])
    assert (record["status"], record["phase"], record["attempt"]) == (
        "processing",
        "recovering",
        "2",
    )
    assert record["message"] == "Its worker is shutting down; another one takes over..."
    assert record.get("worker_losses", "0") == "0"
    assert "queue lore 20, 0 executing, 0 finished, 0 failed" in system.rq_info()

    system.lore.blocked_steps.clear()
    system.start_worker()
    system.wait_for_all(job_ids, "completed")
    assert set(system.lore.started.values()) == {1}


def test_jobs_are_released_after_the_grace_period(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker(LORESMITH_SHUTDOWN_GRACE_S="0.5")
    (job_id,) = running(system, 1)

    worker.send(signal.SIGTERM)

    assert worker.wait(5) == 0
    assert system.job(job_id)["attempt"] == "2"


def test_a_job_that_is_being_cancelled_is_not_released(system: WorkerSystem) -> None:
    """Given a cancellation that the worker has not seen / I expect it cancelled, not run again."""
    system.lore.blocked_steps.add("settings")
    worker = system.start_worker()
    job_id = system.submit("create_world", timeout_s=300)
    wait_until(lambda: system.lore.started[f"{job_id}/settings/0"], "the second call runs")
    system.cancel(job_id, "after_current_call")

    worker.send(signal.SIGTERM)
    wait_until(lambda: "finishing jobs" in worker.log, "the worker drains")
    worker.send(signal.SIGTERM)

    assert worker.wait() == 0
    assert system.job(job_id)["status"] == "cancelled"


def test_a_worker_stops_while_redis_is_down(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker(LORESMITH_SHUTDOWN_GRACE_S="0.5")
    running(system, 1)

    system.server.kill()
    worker.send(signal.SIGTERM)

    assert worker.wait(20) == 0
    assert "could not release the jobs" in worker.log
