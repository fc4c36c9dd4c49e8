"""What RQ's own tools show: `rq info`, and RQ's classes that dashboards use."""

import time

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job, JobStatus

from tests.integration.worker_processes import WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_rq_info_shows_queued_and_executing_jobs(system: WorkerSystem) -> None:
    """Given a worker with 150 slots / when 200 jobs come / I expect 50 waiting, 150 executing."""
    system.lore.blocked_steps.add("generate")
    system.start_worker(LORESMITH_CONCURRENCY="150")
    job_ids = [system.submit() for _ in range(200)]
    wait_until(lambda: len(system.lore.started) == 150, "150 calls run", timeout=20)

    info = system.rq_info()
    assert "queue lore 0, 150 executing, 0 finished, 0 failed" in info
    assert "queue lore-waiting 50, 0 executing, 0 finished, 0 failed" in info
    assert " busy lore. jobs: 0 finished, 0 failed" in info

    system.lore.blocked_steps.clear()
    system.wait_for_all(job_ids, "completed")
    wait_until(lambda: " idle lore. jobs: 200 finished" in system.rq_info(), "the worker is idle")
    info = system.rq_info()
    assert "queue lore 0, 0 executing, 200 finished, 0 failed" in info
    assert "queue lore-waiting 0, 0 executing, 0 finished, 0 failed" in info


def test_rq_empty_of_the_waiting_jobs_loses_none(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    system.start_worker(LORESMITH_CONCURRENCY="2")
    job_ids = [system.submit() for _ in range(20)]
    wait_until(lambda: len(system.lore.started) == 2, "2 calls run")

    system.rq("empty", "lore-waiting")
    wait_until(lambda: "queue lore-waiting 18," in system.rq_info(), "the list is filled again")

    system.lore.blocked_steps.clear()
    system.wait_for_all(job_ids, "completed")


def test_a_worker_of_the_waiting_jobs_harms_nothing(system: WorkerSystem) -> None:
    """RQ's own worker drops the placeholders, which name no job."""
    system.lore.blocked_steps.add("generate")
    system.start_worker(LORESMITH_CONCURRENCY="1")
    job_ids = [system.submit() for _ in range(5)]
    wait_until(lambda: system.lore.started, "a call runs")

    system.rq("worker", "--burst", "lore-waiting")

    system.lore.blocked_steps.clear()
    system.wait_for_all(job_ids, "completed")


def test_an_ended_job_leaves_only_what_rq_lists_as_ended(system: WorkerSystem) -> None:
    system.start_worker()

    job_ids = [system.submit() for _ in range(20)]
    system.wait_for_all(job_ids, "completed")

    wait_until(lambda: system.rq_leftovers() == [], f"nothing is left: {system.rq_leftovers()}")
    with system.redis as redis:
        assert set(redis.zrange("rq:finished:lore", 0, -1)) == {f"{each}_1" for each in job_ids}
        assert all(0 < redis.ttl(f"rq:job:{each}_1") <= 86_400 for each in job_ids)


def test_failed_jobs_are_counted_by_queue_and_worker(system: WorkerSystem) -> None:
    system.start_worker()

    system.wait_for(system.submit(payload="{}"), "failed")
    system.wait_for(system.submit(), "completed")

    wait_until(lambda: "jobs: 1 finished, 1 failed" in system.rq_info(), "both are counted")
    assert "queue lore 0, 0 executing, 1 finished, 1 failed" in system.rq_info()


def test_a_cancelled_job_is_neither_finished_nor_failed(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")

    system.cancel(job_id)
    system.wait_for(job_id, "cancelled")

    wait_until(lambda: system.rq_leftovers() == [], "it leaves RQ's registries", timeout=20)
    assert "queue lore 0, 0 executing, 0 finished, 0 failed" in system.rq_info()


def test_rq_describes_a_running_job(system: WorkerSystem) -> None:
    """Given a job that runs and then ends / I expect RQ's own classes to tell its type, id and
    state, and no content.
    """
    system.lore.blocked_steps.add("generate")
    system.start_worker("--name", "anna")
    job_id = system.submit(payload='{"theme": "a secret"}')
    wait_until(lambda: system.lore.started, "the call runs")
    connection = Redis(port=system.server.port)

    wait_until(
        lambda: Queue("lore", connection).started_job_registry.get_job_ids() == [f"{job_id}_1"],
        "it is in the list of started jobs",
    )
    job = Job.fetch(f"{job_id}_1", connection)
    assert (job.get_status(), job.worker_name) == (JobStatus.STARTED, "anna")
    assert job.description == f"generate_characters {job_id}"
    assert job.args == (job_id, 1)
    assert job.started_at

    system.lore.blocked_steps.clear()
    system.wait_for(job_id)
    wait_until(lambda: job.get_status() == JobStatus.FINISHED, "RQ knows its end")
    assert job.description == f"generate_characters {job_id}"
    assert not any("secret" in str(value) for value in job.to_dict().values())


def test_rq_describes_a_waiting_job(system: WorkerSystem) -> None:
    job_id = system.submit()

    (job,) = Queue("lore", Redis(port=system.server.port)).jobs

    assert job.description == f"generate_characters {job_id}"


def test_a_killed_worker_is_gone_with_its_lease(system: WorkerSystem) -> None:
    """Given a worker that is killed during a job / when its lease has passed and nobody cleans
    / I expect neither the worker nor an executing or failed job in `rq info`.
    """
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker(LORESMITH_LEASE_S="3")
    system.submit()
    wait_until(lambda: "1 executing" in system.rq_info(), "it runs")

    worker.kill()
    killed_at = time.monotonic()
    wait_until(lambda: " busy lore" not in system.rq_info(), "the worker is gone")
    assert time.monotonic() - killed_at < 3 + 2.5  # the lease, and how long `rq info` takes

    wait_until(lambda: "0 executing" in system.rq_info(), "its job is gone")
    assert "queue lore 0, 0 executing, 0 finished, 0 failed" in system.rq_info()


def test_an_emptied_queue_loses_no_job(system: WorkerSystem) -> None:
    """Given waiting jobs / when `rq empty` deletes their messages / I expect all to run."""
    job_ids = [system.submit() for _ in range(5)]

    system.rq("empty", "lore")
    assert "queue lore 0, 0 executing" in system.rq_info()
    with system.redis as redis:
        redis.zadd("jobs:deadlines", dict.fromkeys(job_ids, time.time() * 1000))
    system.start_worker()

    system.wait_for_all(job_ids, "completed")


def test_a_job_longer_than_its_first_lease_stays_in_rq_info(system: WorkerSystem) -> None:
    """Given an entry that expires with the first lease / I expect it in `rq info` later too."""
    system.lore.blocked_steps.add("generate")
    system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")
    with system.redis as redis:
        ((_, first_expiry),) = redis.zrange("rq:wip:lore", 0, -1, withscores=True)

    wait_until(lambda: time.time() > first_expiry + 0.5, "its first expiry has passed")

    assert "queue lore 0, 1 executing, 0 finished, 0 failed" in system.rq_info()
    system.lore.blocked_steps.clear()
    assert system.wait_for(job_id)["attempt"] == "1"


def test_a_lost_row_of_a_worker_is_restored(system: WorkerSystem) -> None:
    """Given a row that expired while Redis was down / I expect a heartbeat to restore it."""
    system.start_worker("--name", "anna")
    with system.redis as redis:
        redis.delete("rq:worker:anna")
        redis.srem("rq:workers", "rq:worker:anna")

    wait_until(lambda: "anna" in system.rq_info(), "the row is back", every=0.3)

    with system.redis as redis:
        row = redis.hgetall("rq:worker:anna")
        assert redis.ttl("rq:worker:anna") > 0
    assert (row["state"], row["queues"]) == ("idle", "lore")
    assert row["pid"] == str(system.workers[0].pid)
