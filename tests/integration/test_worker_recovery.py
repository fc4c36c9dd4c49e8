"""Workers that die or sleep, and a Redis that does: no job is lost, and no call made twice."""

import signal
import time

import pytest
from redis import Redis
from rq.command import send_shutdown_command

from jobs import keys
from tests.integration.workshop import Workshop
from tests.waiting import wait_until

pytestmark = pytest.mark.integration


def test_a_job_of_a_killed_worker_runs_again_on_another_one(shop: Workshop) -> None:
    """Given a call in flight / When its worker is killed / I expect another to join that call."""
    shop.fake.stuck.add("generate")
    worker = shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")
    worker.kill()
    start = time.monotonic()
    shop.worker()

    wait_until(lambda: shop.fake.asked[f"{job_id}/generate/0"] == 2, "it runs again")
    took = time.monotonic() - start
    shop.fake.stuck.clear()
    record = shop.wait_for(job_id)

    assert took < 15, "a lease of 2 s, a sweep of 0.2 s, and the start of a worker"
    assert (record["attempt"], record["lost"]) == ("2", "1")
    assert shop.fake.made[f"{job_id}/generate/0"] == 1
    phases = [update["phase"] for update in shop.updates(job_id)]
    assert phases[:4] == ["queued", "generating", "recovering", "generating"]
    progress = [int(update["progress"]) for update in shop.updates(job_id)]
    assert progress == sorted(progress)


def test_rq_info_forgets_a_killed_worker(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    dead = shop.worker("--name", "dead")
    shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")

    dead.kill()
    shop.worker("--name", "alive")

    wait_until(lambda: "1 executing" in shop.rq_info(), "its job runs on the other one", every=0.2)
    wait_until(lambda: "dead" not in shop.rq_info(), "its row is gone", timeout=15, every=0.5)
    with shop.redis as redis:
        (entry,) = redis.zrange("rq:wip:lore", 0, -1)
        rows = redis.smembers("rq:workers")
    assert entry.endswith("_2:alive")
    assert rows == {"rq:worker:alive"}


@pytest.mark.parametrize("point", ["Q1", "W2", "W4", "W5", "W6"])
def test_wherever_a_worker_dies_the_job_completes_and_nothing_is_bought_twice(
    shop: Workshop, point: str
) -> None:
    doomed = shop.worker(LORESMITH_CRASH_AT=point)
    job_id = shop.submit()
    assert doomed.ends() == -signal.SIGKILL
    with shop.redis as redis:
        if shop.job(job_id)["status"] == "pending":  # rather than wait for the ring's second look
            redis.zadd(keys.DUE, {job_id: time.time() * 1000})

    shop.worker()
    record = shop.wait_for(job_id)

    attempts = {"Q1": "1", "W6": "1"}
    calls = {"W5": 1}
    assert record["attempt"] == attempts.get(point, "2")
    assert shop.fake.made[f"{job_id}/generate/0"] == 1
    assert shop.fake.asked[f"{job_id}/generate/0"] <= calls.get(point, 2)
    wait_until(lambda: shop.leftovers() == [], "nothing is left with RQ", timeout=15)


def test_a_worker_that_sleeps_past_its_lease_changes_nothing_when_it_wakes(shop: Workshop) -> None:
    """Given a job that was taken over and finished / When its old worker wakes and ends it too /
    I expect not a field changed, and the old worker at work again.
    """
    shop.fake.stuck.add("generate")
    sleeper = shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")
    sleeper.send(signal.SIGSTOP)
    other = shop.worker()
    wait_until(lambda: shop.fake.asked[f"{job_id}/generate/0"] == 2, "it is taken over")
    shop.fake.stuck.clear()
    finished = shop.wait_for(job_id)

    sleeper.send(signal.SIGCONT)
    wait_until(lambda: f"{job_id}: lost" in sleeper.log, "the old worker has noticed")

    assert shop.job(job_id) == finished
    other.send(signal.SIGTERM)
    assert other.ends() == 0
    shop.wait_for(shop.submit())


def test_a_redis_that_is_killed_and_started_again_loses_nothing(shop: Workshop) -> None:
    """Given 50 calls that end while Redis is away / I expect all 50 results, by the same worker."""
    shop.fake.stuck.add("generate")
    worker = shop.worker()
    job_ids = [shop.submit() for _ in range(50)]
    wait_until(lambda: len(shop.fake.made) == 50, "50 calls run")

    shop.server.kill()
    shop.fake.stuck.clear()
    wait_until(lambda: "waits for Redis" in worker.log, "results wait")
    shop.server.start()

    shop.wait_for_all(job_ids, "completed")
    assert worker.process.poll() is None
    assert {shop.job(job_id)["attempt"] for job_id in job_ids} == {"1"}
    assert set(shop.fake.made.values()) == {1}
    shop.wait_for(shop.submit())
    wait_until(lambda: "jobs: 51 finished" in shop.rq_info(), "the row is right", every=0.2)
    (name,) = [row.split()[1] for row in shop.rq_info().splitlines() if row.startswith("worker")]
    send_shutdown_command(Redis(port=shop.server.port), name)
    assert worker.ends() == 0, "it hears commands again"


def test_jobs_go_on_when_redis_was_away_for_longer_than_their_lease(shop: Workshop) -> None:
    shop.fake.stuck.add("generate")
    worker = shop.worker()
    job_id = shop.submit()
    wait_until(lambda: shop.fake.made, "the call runs")
    lease_ms = int(shop.job(job_id)["lease_ms"])

    shop.server.kill()
    wait_until(lambda: time.time() * 1000 > lease_ms + 1_000, "the lease has passed")
    shop.server.start()
    wait_until(lambda: int(shop.job(job_id)["lease_ms"]) > lease_ms, "the lease is renewed")
    shop.fake.stuck.clear()

    record = shop.wait_for(job_id)
    assert (record["attempt"], record["lost"]) == ("1", "0")
    assert worker.process.poll() is None


def test_a_redis_that_is_only_slow_takes_no_job_from_anybody(shop: Workshop) -> None:
    """Given a server that stands still for longer than a lease / I expect no takeover after it."""
    shop.fake.stuck.add("generate")
    shop.worker()
    shop.worker()
    job_ids = [shop.submit() for _ in range(10)]
    wait_until(lambda: len(shop.fake.made) == 10, "10 calls run")
    lease_ms = int(shop.job(job_ids[0])["lease_ms"])
    server = shop.server.process
    assert server is not None

    server.send_signal(signal.SIGSTOP)
    wait_until(lambda: time.time() * 1000 > lease_ms + 1_000, "the leases have passed")
    server.send_signal(signal.SIGCONT)
    wait_until(lambda: int(shop.job(job_ids[0])["lease_ms"]) > lease_ms, "leases are renewed")
    shop.fake.stuck.clear()

    shop.wait_for_all(job_ids, "completed")
    assert {shop.job(job_id)["attempt"] for job_id in job_ids} == {"1"}


def test_a_job_that_kills_its_workers_fails_at_last(shop: Workshop) -> None:
    job_id = shop.submit()
    for _ in range(3):
        doomed = shop.worker(LORESMITH_CRASH_AT="W2")
        assert doomed.ends() == -signal.SIGKILL

    shop.worker()
    record = shop.wait_for(job_id, "failed")

    assert '"code":"worker_lost"' in record["error_detail"]
