"""RQ's commands and its messages, and what a worker makes of them."""

import json
import pickle
import signal
import time
import zlib

import pytest
from redis import Redis
from rq.command import send_shutdown_command
from rq.job import Job

from loresmith.jobs.store.queue import JobMessage
from tests.integration.worker_processes import WorkerSystem
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_no_job_starts_while_rq_is_suspended(system: WorkerSystem) -> None:
    system.start_worker()
    system.rq("suspend")

    job_id = system.submit()
    wait_until(lambda: " suspended lore" in system.rq_info(), "the worker is suspended")
    assert system.job(job_id)["status"] == "pending"
    assert "queue lore 0, 0 executing" in system.rq_info()
    assert "queue lore-waiting 1, 0 executing" in system.rq_info()

    system.rq("resume")
    system.wait_for(job_id)


def test_a_running_job_continues_while_rq_is_suspended(system: WorkerSystem) -> None:
    system.lore.blocked_steps.add("generate")
    system.start_worker()
    job_id = system.submit()
    wait_until(lambda: system.lore.started, "the call runs")

    system.rq("suspend")
    wait_until(lambda: " suspended lore" in system.rq_info(), "the worker is suspended")
    system.lore.blocked_steps.clear()

    system.wait_for(job_id)


def test_rq_s_shutdown_command_stops_the_worker(system: WorkerSystem) -> None:
    worker = system.start_worker("--name", "anna")

    send_shutdown_command(Redis(port=system.server.port), "anna")

    assert worker.wait() == 0
    assert "anna" not in system.rq_info()


def test_a_second_worker_of_the_same_name_is_rejected(system: WorkerSystem) -> None:
    system.start_worker("--name", "anna")

    second = system.launch(
        [*system.rq_command("worker"), "-w", "worker.LoreWorker", "-n", "anna", "lore"]
    )

    assert second.wait() == 1
    assert "There exists an active worker named 'anna'" in second.log


def test_a_burst_ends_when_the_queue_is_empty(system: WorkerSystem) -> None:
    system.lore.call_s = 0.3
    job_ids = [system.submit() for _ in range(30)]

    worker = system.launch(
        [*system.rq_command("worker"), "-w", "worker.LoreWorker", "--burst", "lore"],
        LORESMITH_CONCURRENCY="10",
    )

    assert worker.wait(30) == 0
    assert set(system.statuses(job_ids)) == {"completed"}
    assert system.rq_leftovers() == []


def test_a_worker_may_have_a_maximum_of_jobs(system: WorkerSystem) -> None:
    job_ids = [system.submit() for _ in range(5)]

    worker = system.launch(
        [*system.rq_command("worker"), "-w", "worker.LoreWorker", "--max-jobs", "3", "lore"]
    )

    assert worker.wait() == 0
    assert sorted(system.statuses(job_ids)) == ["completed"] * 3 + ["pending"] * 2


def test_a_worker_may_end_when_it_is_idle(system: WorkerSystem) -> None:
    job_id = system.submit()

    worker = system.launch(
        [*system.rq_command("worker"), "-w", "worker.LoreWorker", "--max-idle-time", "1", "lore"]
    )

    assert worker.wait() == 0
    assert system.job(job_id)["status"] == "completed"


def test_our_own_command_starts_the_same_worker(system: WorkerSystem) -> None:
    worker = system.start_worker("--name", "bert", own_command=True)

    assert "bert" in system.rq_info()
    system.wait_for(system.submit())
    worker.send(signal.SIGTERM)

    assert worker.wait() == 0


def test_quiet_logs_nothing_and_verbose_more(system: WorkerSystem) -> None:
    quiet, verbose = (
        system.start_worker("--quiet"),
        system.start_worker("--verbose", own_command=True),
    )
    for worker in (quiet, verbose):
        worker.send(signal.SIGTERM)
        assert worker.wait() == 0

    assert quiet.log == ""
    assert "registering death" in verbose.log


WRONG_WORKERS = {
    "plain": ["worker"],
    "in its own process": ["worker", "-w", "rq.worker.SimpleWorker"],
    "with JSON": ["worker", "-S", "json"],
    "a burst": ["worker", "--burst"],
}


@pytest.mark.parametrize("options", WRONG_WORKERS.values(), ids=list(WRONG_WORKERS))
def test_rq_s_own_worker_says_what_to_start_instead(
    options: list[str], system: WorkerSystem
) -> None:
    """Given the wrong worker class / I expect it to name the right one and stop, no failed entry,
    and the jobs run by the right worker.
    """
    job_ids = [system.submit() for _ in range(2)]

    wrong = system.launch([*system.rq_command(options[0]), *options[1:], "lore"])

    assert wrong.wait(30) == 0
    assert "rq worker -w worker.LoreWorker lore" in wrong.log
    assert ("Traceback" in wrong.log) == ("json" in options)
    assert system.statuses(job_ids) == ["pending", "pending"]
    assert ", 0 finished, 0 failed" in system.rq_info()
    if "json" not in options:
        assert "queue lore 2, 0 executing" in system.rq_info()
    with system.redis as redis:
        redis.zadd("jobs:deadlines", dict.fromkeys(job_ids, time.time() * 1000))
    system.start_worker()
    system.wait_for_all(job_ids, "completed")
    assert [system.job(job_id)["attempt"] for job_id in job_ids] == ["1", "1"]


def test_forged_entries_are_rejected_and_removed(system: WorkerSystem) -> None:
    """Given a pickle and a call of os.system in the queue / I expect neither run, both removed."""
    mark = system.directory / "forged"
    system.start_worker()
    redis = Redis(port=system.server.port)
    for name, data in {
        "pickle_1": pickle.dumps(("os.system", None, (f"touch {mark}",), {})),
        "json_1": json.dumps(["os.system", None, [f"touch {mark}"], {}]).encode(),
    }.items():
        redis.hset(f"rq:job:{name}", mapping={"data": zlib.compress(data), "origin": "lore"})
        redis.rpush("rq:queue:lore", name)

    system.wait_for(system.submit())

    wait_until(lambda: system.rq_leftovers() == [], "the forged entries are removed")
    assert not mark.exists()
    assert "rejected a queue entry entry_id=pickle_1" in system.workers[0].log
    assert "rejected a queue entry entry_id=json_1" in system.workers[0].log


def test_duplicate_messages_run_a_job_once(system: WorkerSystem) -> None:
    system.lore.call_s = 0.5
    system.start_worker()
    job_id = system.submit()

    for _ in range(5):
        system.queue.enqueue([JobMessage(job_id, 1)])
    system.wait_for(job_id)
    system.queue.enqueue([JobMessage(job_id, 1)])

    wait_until(lambda: system.rq_leftovers() == [], "all messages are consumed")
    assert system.lore.requests[f"{job_id}/generate/0"] == 1
    assert system.job(job_id)["attempt"] == "1"


def test_a_message_without_its_rq_job_still_counts(system: WorkerSystem) -> None:
    job_id = system.submit()
    Job.fetch(f"{job_id}_1", Redis(port=system.server.port)).delete(remove_from_queue=False)

    system.start_worker()

    system.wait_for(job_id)


def test_a_lost_message_is_enqueued_again(system: WorkerSystem) -> None:
    """Given an entry that RQ lost / I expect the reconciler to enqueue the due job."""
    system.start_worker()
    job_id = system.submit(enqueue=False)
    with system.redis as redis:
        redis.zadd("jobs:deadlines", {job_id: time.time() * 1000})

    system.wait_for(job_id)
