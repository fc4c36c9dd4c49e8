"""What a flood, a second queue or many strangers cannot do at the gate."""

from loresmith.jobs.core.status import Status
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.adapters.store_types import AttemptOutcome
from tests.store.driver import Store
from tests.store.gate_harness import BUSY, GATE, QUIET, Slots, owners, submit

COMPLETED = AttemptOutcome(Status.COMPLETED, {})
WORKER, QUEUES = "w@lore,slow", ["lore", "slow"]


def test_jobs_without_tokens_take_no_more_than_their_share_of_turns(
    store: Store, slots: Slots
) -> None:
    """Given a flood of jobs that fail before a call / I expect those of others between them."""
    submit(store, "busy", 60, **BUSY)
    submit(store, "quiet", 5, **QUIET)

    turns = owners(slots.run(40, lambda job_id: 1000 * job_id.startswith("quiet")))

    assert turns["quiet"] >= 3


def test_a_job_without_an_expected_token_pays_for_its_turn(store: Store, slots: Slots) -> None:
    for job_id in submit(store, "busy", 60, **BUSY):
        store.redis.hset(keys.job(job_id), "expected_tokens", 0)
    submit(store, "quiet", 5, **QUIET)

    assert owners(slots.run(40, lambda job_id: 1000 * job_id.startswith("quiet")))["quiet"] >= 3


def test_a_job_that_is_cancelled_before_its_turn_costs_its_owner_nothing(
    store: Store, slots: Slots
) -> None:
    for job_id in submit(store, "busy", 20, **BUSY):
        store.cancel(job_id)

    assert store.redis.zcard(f"{GATE}:tags") == 0


def test_the_end_of_a_job_leaves_the_choice_to_a_worker_of_several_queues(store: Store) -> None:
    """Given a backlog in its second queue / I expect its first one to be served in between."""
    worker = store.worker(WORKER, requeue_after_s=60)
    store.heartbeat(owner=WORKER)
    worker.admit(0, 0, QUEUES)
    for job_id in ("s0", "s1"):
        store.submit(job_id, queue="slow")
    (first,) = worker.admit(1, 1, QUEUES)
    store.claim(first.job_id, owner=WORKER, queue="slow")
    store.submit(queue="lore")

    assert worker.finish(first, COMPLETED, free_slots=1)[1] == []
    assert worker.admit(1, 1, QUEUES) == {JobMessage("j", 1): "lore"}
    store.claim(owner=WORKER)
    assert worker.finish(JobMessage("j", 1), COMPLETED, free_slots=1)[1] == []
    (second,) = worker.admit(1, 1, QUEUES)
    store.submit("s2", queue="slow")
    store.claim(second.job_id, owner=WORKER, queue="slow")
    assert worker.finish(second, COMPLETED, free_slots=1)[1] == [JobMessage("s2", 1)]


def test_an_owner_at_its_limit_starts_again_in_every_queue(store: Store) -> None:
    """Given a job in a queue that no process has as its own, whose owner was at its limit by a job
    of another / when that one has ended / I expect it to start at its next look.
    """
    worker = store.worker(WORKER, requeue_after_s=60)
    store.heartbeat(owner=WORKER)
    store.redis.hset(keys.owner_limits("user:u"), "concurrency", 1)
    store.running(owner=WORKER)
    store.submit("s", queue="slow")
    assert worker.admit(1, 1, QUEUES) == {}

    store.finish(owner=WORKER)
    worker.admit(1, 0, QUEUES)
    store.redis.zadd(keys.DEADLINES, {"s": 1})
    store.reconcile()

    assert store.redis.zrange(f"{keys.gate('slow')}:admitted", 0, -1) == ["s"]


def test_owners_that_come_once_are_forgotten(store: Store, slots: Slots) -> None:
    """Their first turns leave the virtual time where it was."""
    store.redis.zadd(f"{GATE}:tags", {f"user:once{i}": 250 for i in range(10_010)})
    slots.run(len(submit(store, "j", 1)))
    store.reconcile()

    assert store.redis.zcard(f"{GATE}:tags") == 10_000


def test_a_worker_that_stops_gets_no_other_job(store: Store) -> None:
    """Given jobs that wait, and one that runs at a worker that has left the list of workers."""
    submit(store, "j", 18)
    store.claim("j0")

    assert store.worker().finish(JobMessage("j0", 1), COMPLETED, free_slots=0)[1] == []
    assert store.redis.zcard(f"{GATE}:admitted") == 15


def test_the_pools_of_invented_models_are_forgotten(store: Store, slots: Slots) -> None:
    """Unless an admin has set their limits."""
    store.redis.hset(keys.pool("limited"), "set_requests", 100_000)
    for pool in ("invented", "limited", "used"):
        store.submit(pool, pool=pool)
    slots.run(3)

    assert store.redis.ttl(keys.pool("invented")) == keys.DAY_MS / 1000
    assert store.redis.ttl(keys.pool("limited")) == -1
    store.redis.delete(keys.pool("invented"))
    store.reconcile()
    assert store.redis.smembers(keys.POOLS) == {"limited", "used"}


def test_an_owner_of_many_models_does_not_leave_workers_idle(store: Store, slots: Slots) -> None:
    """Given an owner with a job each of 300 models / I expect another's turn after each of its."""
    for i in range(300):
        store.submit(f"busy{i}", pool=f"m{i}", **BUSY)
    submit(store, "quiet", 5, pool="z", **QUIET)

    assert owners(slots.run(10)) == {"busy": 5, "quiet": 5}


def test_a_clock_that_goes_back_leaves_no_lane_closed(store: Store, slots: Slots) -> None:
    store.submit()
    store.redis.zrem(f"{GATE}:lanes", "lore|")
    store.redis.zadd(f"{GATE}:closed", {"lore|": 10**14})

    assert slots.admit(1) == ["j"]


def test_a_damaged_job_holds_back_no_other(store: Store, slots: Slots) -> None:
    """Given a waiting job without its time of creation."""
    for job_id in ("damaged", "j"):
        store.submit(job_id)
        store.redis.zadd(keys.DEADLINES, {job_id: 1})
    store.redis.hdel(keys.job("damaged"), "created_ms")

    assert store.reconcile() == {"damaged": (1, "waiting"), "j": (1, "waiting")}


def test_a_retried_job_pays_once_for_the_tokens_of_its_first_attempt(
    store: Store, slots: Slots
) -> None:
    """`used_tokens` is the sum of all attempts; a retry costs at least its turn."""
    store.submit()
    slots.admit(1)
    store.claim()
    store.finish(outcome="failed", used_tokens=8_000)
    assert store.redis.zscore(f"{GATE}:tags", "user:u") == 2_000

    store.retry()
    store.cancel()
    assert store.redis.zscore(f"{GATE}:tags", "user:u") == 2_025

    store.retry()
    attempt = int(store.record()["attempt"])
    slots.admit(1)
    store.claim(attempt=attempt)
    store.finish(attempt=attempt, used_tokens=12_000)
    assert store.redis.zscore(f"{GATE}:tags", "user:u") == 3_050
