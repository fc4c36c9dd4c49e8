"""A job runs only where its queue is listened to."""

import time
from typing import Any

import pytest

from loresmith.jobs.store import keys
from tests.integration.worker_processes import WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_a_worker_leaves_the_jobs_of_another_queue_alone(system: WorkerSystem) -> None:
    """Given a worker of lore and an overdue job of the queue slow / when the worker's reconciler
    finds it / I expect its message once in slow, and the job to wait for a worker of slow.
    """
    system.start_worker(LORESMITH_REQUEUE_AFTER_S="0.2")
    job_id = system.submit(queue="slow", enqueue=False)
    make_due(system, job_id)
    wait_until(lambda: waiting(system, "slow"), "its message is in its own queue")

    for _ in range(3):
        make_due(system, job_id)
        system.wait_for(system.submit(queue="lore"))

    assert waiting(system, "slow") == [f"{job_id}_1"]
    assert system.job(job_id)["status"] == "pending"
    worker = system.launch([*system.own_command(), "--burst"], LORESMITH_QUEUE="slow")
    assert worker.wait(20) == 0
    assert system.job(job_id)["status"] == "completed"


def test_a_message_in_the_wrong_queue_does_not_run_the_job(system: WorkerSystem) -> None:
    """Given a message that somebody moved / I expect the job to be enqueued in its own queue."""
    job_id = system.submit(queue="slow")
    with system.redis as redis:
        redis.lmove("rq:queue:slow", "rq:queue:lore", "LEFT", "LEFT")

    system.start_worker()
    wait_until(lambda: not waiting(system, "lore"), "the message is consumed")
    make_due(system, job_id)

    wait_until(lambda: waiting(system, "slow") == [f"{job_id}_1"], "it is back in its own queue")
    assert system.job(job_id)["status"] == "pending"


def test_a_released_job_stays_in_its_queue(system: WorkerSystem) -> None:
    """Given a worker of two queues that stops during a job of the second one
    / I expect the next attempt in that queue.
    """
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker("slow", LORESMITH_SHUTDOWN_GRACE_S="0")
    job_id = system.submit(queue="slow")
    wait_until(lambda: system.lore.started, "the call runs")

    worker.process.terminate()

    assert worker.wait() == 0
    assert waiting(system, "slow") == [f"{job_id}_2"]


def make_due(system: WorkerSystem, job_id: str) -> None:
    with system.redis as redis:
        redis.zadd(keys.DEADLINES, {job_id: time.time() * 1000 - 1})


def waiting(system: WorkerSystem, queue: str) -> Any:
    with system.redis as redis:
        return redis.lrange(f"rq:queue:{queue}", 0, -1)
