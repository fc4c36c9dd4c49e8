"""Killed or paused workers and Redis servers: no job is lost, no call is made twice."""

import signal
import time
from itertools import groupby

import pytest
from redis import Redis
from rq.command import send_shutdown_command

from loresmith.jobs.store import keys
from tests.crash_hook import crash_at
from tests.integration.worker_processes import WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_a_job_of_a_killed_worker_runs_on_another_one(system: WorkerSystem) -> None:
    """Given a running call / When its worker is killed / I expect another to join that call."""
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")
    worker.kill()
    start = time.monotonic()
    system.start_worker()

    wait_until(lambda: system.lore.requests[f"{job_id}/generate/0"] == 2, "it runs again")
    elapsed_s = time.monotonic() - start
    system.lore.blocked_steps.clear()
    record = system.wait_for(job_id)

    assert elapsed_s < 15, "a lease of 2 s, a reconcile of 0.2 s, and the start of a worker"
    assert (record["attempt"], record.get("worker_losses", "0")) == ("2", "1")
    assert record["losses_in_a_row"] == "0", "the finished step ends the row"
    assert system.lore.started[f"{job_id}/generate/0"] == 1
    phases = [phase for phase, _ in groupby(event["phase"] for event in system.events(job_id))]
    assert phases[:3] == ["generating", "recovering", "generating"]
    progress = [int(event["progress"]) for event in system.events(job_id)]
    assert progress == sorted(progress)


def test_rq_info_forgets_a_killed_worker(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    dead = system.start_worker("--name", "dead")
    system.submit()
    wait_until(lambda: system.lore.started, "the call runs")

    dead.kill()
    system.start_worker("--name", "alive")

    with system.redis as redis:
        wait_until(
            lambda: (
                [entry.rpartition("_")[2] for entry in redis.zrange("rq:wip:lore", 0, -1)]
                == ["2:alive"]
            ),
            "its job runs on the other one, and the entry of the dead one is pruned",
            timeout=15,
        )
        wait_until(lambda: "dead" not in system.rq_info(), "its row is gone", timeout=15, every=0.5)
        rows = redis.smembers("rq:workers")
    assert "1 executing" in system.rq_info()
    assert rows == {"rq:worker:alive"}


@pytest.mark.parametrize("point", ["Q1", "W2", "W4", "W5", "W6"])
def test_a_job_completes_once_after_a_crash_at_any_point(system: WorkerSystem, point: str) -> None:
    crashing = system.start_worker(**crash_at(point))
    job_id = system.submit()
    assert crashing.wait() == -signal.SIGKILL
    with system.redis as redis:
        if system.job(job_id)["status"] == "pending":  # instead of waiting for its deadline
            redis.zadd(keys.DEADLINES, {job_id: time.time() * 1000})

    system.start_worker()
    record = system.wait_for(job_id)

    attempts = {"Q1": "1", "W6": "1"}
    calls = {"W5": 1}
    assert record["attempt"] == attempts.get(point, "2")
    assert system.lore.started[f"{job_id}/generate/0"] == 1
    assert system.lore.requests[f"{job_id}/generate/0"] <= calls.get(point, 2)
    wait_until(lambda: system.rq_leftovers() == [], "nothing is left with RQ", timeout=15)


def test_a_worker_that_resumes_after_its_lease_changes_nothing(system: WorkerSystem) -> None:
    """Given a job that was taken over and finished / When its old worker resumes and ends it too /
    I expect no changed field, and the old worker to run jobs again.
    """
    system.lore.blocked_steps.add("generate")
    paused = system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")
    paused.send(signal.SIGSTOP)
    other = system.start_worker()
    wait_until(lambda: system.lore.requests[f"{job_id}/generate/0"] == 2, "it is taken over")
    system.lore.blocked_steps.clear()
    finished = system.wait_for(job_id)

    paused.send(signal.SIGCONT)
    wait_until(lambda: "status=lost" in paused.log, "the old worker has noticed")

    assert system.job(job_id) == finished
    other.send(signal.SIGTERM)
    assert other.wait() == 0
    system.wait_for(system.submit())


def test_a_restart_of_redis_loses_nothing(system: WorkerSystem) -> None:
    """Given 50 calls that end while Redis is down / I expect all 50 results, by the same worker."""
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker(LORESMITH_LOG_LEVEL="DEBUG")
    job_ids = [system.submit() for _ in range(50)]
    wait_until(lambda: len(system.lore.started) == 50, "50 calls run")

    system.server.kill()
    system.lore.blocked_steps.clear()
    wait_until(lambda: "waits for Redis" in worker.log, "results wait")
    system.server.start()

    system.wait_for_all(job_ids, "completed")
    assert worker.process.poll() is None
    assert {system.job(job_id)["attempt"] for job_id in job_ids} == {"1"}
    assert set(system.lore.started.values()) == {1}
    system.wait_for(system.submit())
    wait_until(lambda: "jobs: 51 finished" in system.rq_info(), "the row is right", every=0.2)
    (name,) = [row.split()[1] for row in system.rq_info().splitlines() if row.startswith("worker")]
    send_shutdown_command(Redis(port=system.server.port), name)
    assert worker.wait() == 0, "it hears commands again"


def test_jobs_continue_when_redis_was_down_longer_than_their_lease(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    worker = system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")
    lease_ms = int(system.job(job_id)["lease_ms"])

    system.server.kill()
    wait_until(lambda: time.time() * 1000 > lease_ms + 1_000, "the lease has passed")
    system.server.start()
    wait_until(lambda: int(system.job(job_id)["lease_ms"]) > lease_ms, "the lease is renewed")
    system.lore.blocked_steps.clear()

    record = system.wait_for(job_id)
    assert (record["attempt"], record.get("worker_losses", "0")) == ("1", "0")
    assert worker.process.poll() is None


def test_a_paused_redis_takes_no_job_from_its_worker(system: WorkerSystem) -> None:
    """Given a server that is paused longer than a lease / I expect no takeover after it."""
    system.lore.blocked_steps.add("generate")
    system.start_worker()
    system.start_worker()
    job_ids = [system.submit() for _ in range(10)]
    wait_until(lambda: len(system.lore.started) == 10, "10 calls run")
    lease_ms = int(system.job(job_ids[0])["lease_ms"])
    server = system.server.process
    assert server is not None

    server.send_signal(signal.SIGSTOP)
    wait_until(lambda: time.time() * 1000 > lease_ms + 1_000, "the leases have passed")
    server.send_signal(signal.SIGCONT)
    wait_until(lambda: int(system.job(job_ids[0])["lease_ms"]) > lease_ms, "leases are renewed")
    system.lore.blocked_steps.clear()

    system.wait_for_all(job_ids, "completed")
    assert {system.job(job_id)["attempt"] for job_id in job_ids} == {"1"}


def test_a_job_that_kills_its_workers_fails(system: WorkerSystem) -> None:
    job_id = system.submit()
    for _ in range(3):
        crashing = system.start_worker(**crash_at("W2"))
        assert crashing.wait() == -signal.SIGKILL

    system.start_worker()
    record = system.wait_for(job_id, "failed")

    assert '"code":"worker_lost"' in record["error_detail"]
