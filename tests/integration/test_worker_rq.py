"""What RQ's own tools see of the worker and tell it to do."""

import json
import pickle
import signal
import time
import zlib

import pytest
from redis import Redis
from rq.command import send_shutdown_command
from rq.job import Job
from rq.serializers import JSONSerializer

from jobs.doorbell import Ring
from tests.integration.workshop import Workshop
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_rq_info_tells_how_many_are_queued_and_executing(shop: Workshop) -> None:
    """Given a worker with 150 places / When 200 jobs come / I expect 50 queued, 150 executing."""
    shop.fake.stuck.add("generate")
    shop.worker(LORESMITH_CONCURRENCY="150")
    job_ids = [shop.submit() for _ in range(200)]
    wait_until(lambda: len(shop.fake.made) == 150, "150 calls run", timeout=20)

    info = shop.rq_info()
    assert "queue lore 50, 150 executing, 0 finished, 0 failed" in info
    assert " busy lore. jobs: 0 finished, 0 failed" in info

    shop.fake.stuck.clear()
    shop.wait_for_all(job_ids, "completed")
    wait_until(lambda: " idle lore. jobs: 200 finished" in shop.rq_info(), "the worker is idle")
    assert "queue lore 0, 0 executing, 0 finished, 0 failed" in shop.rq_info()


def test_a_finished_job_leaves_nothing_with_rq(shop: Workshop) -> None:
    shop.worker()

    shop.wait_for_all([shop.submit() for _ in range(20)], "completed")

    wait_until(lambda: shop.leftovers() == [], f"nothing is left: {shop.leftovers()}")


def test_failed_jobs_are_counted_as_such(shop: Workshop) -> None:
    shop.worker()

    shop.wait_for(shop.submit(payload="{}"), "failed")

    wait_until(lambda: "jobs: 0 finished, 1 failed" in shop.rq_info(), "it is counted")


def test_a_job_that_runs_longer_than_its_entry_s_time_is_shown_all_along(shop: Workshop) -> None:
    """Given an entry that was to expire with the first lease / I expect `rq info` to keep it."""
    shop.fake.stuck.add("generate")
    shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")
    with shop.redis as redis:
        ((_, first_end),) = redis.zrange("rq:wip:lore", 0, -1, withscores=True)

    wait_until(lambda: time.time() > first_end + 0.5, "its first end has passed")

    assert "queue lore 0, 1 executing, 0 finished, 0 failed" in shop.rq_info()
    shop.fake.stuck.clear()
    assert shop.wait_for(job_id)["attempt"] == "1"


def test_no_job_starts_while_rq_is_suspended(shop: Workshop) -> None:
    shop.worker()
    shop.rq("suspend")

    job_id = shop.submit()
    wait_until(lambda: " suspended lore" in shop.rq_info(), "the worker is suspended")
    assert shop.job(job_id)["status"] == "pending"
    assert "queue lore 1, 0 executing" in shop.rq_info()

    shop.rq("resume")
    shop.wait_for(job_id)


def test_a_running_job_goes_on_while_rq_is_suspended(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")

    shop.rq("suspend")
    wait_until(lambda: " suspended lore" in shop.rq_info(), "the worker is suspended")
    shop.fake.stuck.clear()

    shop.wait_for(job_id)


def test_rq_s_shutdown_command_stops_it(shop: Workshop) -> None:
    worker = shop.worker("--name", "anna")

    send_shutdown_command(Redis(port=shop.server.port), "anna")

    assert worker.ends() == 0
    assert "anna" not in shop.rq_info()


def test_a_second_worker_of_the_same_name_is_refused(shop: Workshop) -> None:
    shop.worker("--name", "anna")

    second = shop.launch(
        [*shop.rq_command("worker"), "-w", "worker.LoreWorker", "-n", "anna", "lore"]
    )

    assert second.ends() == 1
    assert "There exists an active worker named 'anna'" in second.log


def test_a_burst_ends_when_all_is_done(shop: Workshop) -> None:
    shop.fake.seconds = 0.3
    job_ids = [shop.submit() for _ in range(30)]

    worker = shop.launch(
        [*shop.rq_command("worker"), "-w", "worker.LoreWorker", "--burst", "lore"],
        LORESMITH_CONCURRENCY="10",
    )

    assert worker.ends(30) == 0
    assert set(shop.statuses(job_ids)) == {"completed"}
    assert shop.leftovers() == []


def test_a_worker_may_be_given_a_number_of_jobs(shop: Workshop) -> None:
    job_ids = [shop.submit() for _ in range(5)]

    worker = shop.launch(
        [*shop.rq_command("worker"), "-w", "worker.LoreWorker", "--max-jobs", "3", "lore"]
    )

    assert worker.ends() == 0
    assert sorted(shop.statuses(job_ids)) == ["completed"] * 3 + ["pending"] * 2


def test_a_worker_may_end_when_it_is_idle(shop: Workshop) -> None:
    job_id = shop.submit()

    worker = shop.launch(
        [*shop.rq_command("worker"), "-w", "worker.LoreWorker", "--max-idle-time", "1", "lore"]
    )

    assert worker.ends() == 0
    assert shop.job(job_id)["status"] == "completed"


def test_our_own_command_is_the_same_worker(shop: Workshop) -> None:
    worker = shop.worker("--name", "bert", own_command=True)

    assert "bert" in shop.rq_info()
    shop.wait_for(shop.submit())
    worker.send(signal.SIGTERM)

    assert worker.ends() == 0


def test_quiet_is_quiet_and_verbose_is_not(shop: Workshop) -> None:
    quiet, verbose = shop.worker("--quiet"), shop.worker("--verbose", own_command=True)
    for worker in (quiet, verbose):
        worker.send(signal.SIGTERM)
        assert worker.ends() == 0

    assert quiet.log == ""
    assert "registering death" in verbose.log


def test_a_worker_of_rq_s_own_says_what_to_start_instead(shop: Workshop) -> None:
    """Given the wrong worker class / I expect the job unharmed, and run by the right one."""
    job_id = shop.submit()
    simple = ["-w", "rq.worker.SimpleWorker", "-S", "json", "--burst", "lore"]

    wrong = shop.launch([*shop.rq_command("worker"), *simple])

    assert wrong.ends() == 0
    assert "rq worker -w worker.LoreWorker" in wrong.log
    assert shop.job(job_id)["status"] == "pending"
    shop.worker()
    shop.wait_for(job_id)


def test_forged_entries_are_refused_and_removed(shop: Workshop) -> None:
    """Given a pickle and a call of os.system in the queue / I expect neither run, both removed."""
    mark = shop.directory / "forged"
    shop.worker()
    redis = Redis(port=shop.server.port)
    for name, data in {
        "pickle_1": pickle.dumps(("os.system", None, (f"touch {mark}",), {})),
        "json_1": json.dumps(["os.system", None, [f"touch {mark}"], {}]).encode(),
    }.items():
        redis.hset(f"rq:job:{name}", mapping={"data": zlib.compress(data), "origin": "lore"})
        redis.rpush("rq:queue:lore", name)

    shop.wait_for(shop.submit())

    wait_until(lambda: shop.leftovers() == [], "the forged entries are removed")
    assert not mark.exists()
    assert "refused the entry 'pickle_1'" in shop.workers[0].log
    assert "refused the entry 'json_1'" in shop.workers[0].log


def test_rings_that_are_doubled_run_a_job_once(shop: Workshop) -> None:
    shop.fake.seconds = 0.5
    shop.worker()
    job_id = shop.submit()

    for _ in range(5):
        shop.doorbell.ring([Ring(job_id, 1)])
    shop.wait_for(job_id)
    shop.doorbell.ring([Ring(job_id, 1)])

    wait_until(lambda: shop.leftovers() == [], "all rings are answered")
    assert shop.fake.asked[f"{job_id}/generate/0"] == 1
    assert shop.job(job_id)["attempt"] == "1"


def test_a_ring_whose_rq_job_is_gone_still_counts(shop: Workshop) -> None:
    job_id = shop.submit()
    Job.fetch(f"{job_id}_1", Redis(port=shop.server.port), serializer=JSONSerializer).delete(
        remove_from_queue=False
    )

    shop.worker()

    shop.wait_for(job_id)


def test_a_lost_ring_is_rung_again(shop: Workshop) -> None:
    """Given an entry that RQ lost / I expect the sweeper to ring when the job is due."""
    shop.worker()
    job_id = shop.submit(ring=False)
    with shop.redis as redis:
        redis.zadd("due", {job_id: time.time() * 1000})

    shop.wait_for(job_id)


def test_a_worker_whose_row_was_lost_is_in_its_rows_again(shop: Workshop) -> None:
    """Given a row that expired while Redis was away / I expect it whole again by the next beats."""
    shop.worker("--name", "anna")
    with shop.redis as redis:
        redis.delete("rq:worker:anna")
        redis.srem("rq:workers", "rq:worker:anna")

    wait_until(lambda: "anna" in shop.rq_info(), "the row is back", every=0.3)

    with shop.redis as redis:
        row = redis.hgetall("rq:worker:anna")
        assert redis.ttl("rq:worker:anna") > 0
    assert (row["state"], row["queues"]) == ("idle", "lore")
    assert row["pid"] == str(shop.workers[0].pid)
