"""The gate: when a job starts."""

import re
from collections.abc import Iterator

import pytest

from loresmith.jobs.core.status import Status
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.adapters.store_types import AttemptOutcome
from tests.architecture.tree import ROOT
from tests.store.driver import QUEUE, Store
from tests.store.gate_harness import (
    BUSY,
    GATE,
    PLACEHOLDERS,
    QUIET,
    Slots,
    assert_whole,
    owners,
    submit,
)

COMPLETED = AttemptOutcome(Status.COMPLETED, {})


@pytest.fixture(autouse=True)
def the_gate_is_whole(store: Store) -> Iterator[None]:
    yield
    assert_whole(store)


def limit(store: Store, pool: str, **fields: int) -> None:
    store.redis.hset(keys.pool(pool), mapping=fields)


def test_a_job_starts_at_once_where_a_worker_is_free(store: Store, slots: Slots) -> None:
    slots.admit(2)

    admitted = [store.submit(name).admitted for name in ("a", "b", "c")]

    assert admitted == [[JobMessage("a", 1)], [JobMessage("b", 1)], []]
    assert store.queue_position("c") == ("queued", "3")


def test_before_there_is_a_worker_a_few_are_enqueued(store: Store) -> None:
    """So that the first worker finds work, and one of another kind says that it cannot do it."""
    admitted = [store.submit(f"j{i}").admitted for i in range(18)]

    assert [len(each) for each in admitted] == [1] * 16 + [0, 0]


def test_the_end_of_a_job_hands_over_the_next(store: Store, slots: Slots) -> None:
    slots.admit(1)
    for name in ("a", "b", "c"):
        store.submit(name)
    store.claim("a")

    worker = store.worker(requeue_after_s=60)
    assert worker.finish(JobMessage("a", 1), COMPLETED, free_slots=1)[1] == [JobMessage("b", 1)]
    store.claim("b")
    assert worker.finish(JobMessage("b", 1), COMPLETED, free_slots=0)[1] == []


def test_a_dead_worker_has_no_slots(store: Store, slots: Slots) -> None:
    slots.admit(5)
    store.redis.zadd(keys.WORKERS, {"w": 1, "alive": 10**14})
    store.redis.hset(keys.WORKER_SLOTS, "alive", 0)

    assert store.submit().admitted == []


def test_a_closed_pool_holds_back_none_of_another(store: Store, slots: Slots) -> None:
    """Given many owners whose model is closed, before one whose is not
    / I expect that one's job at the first look.
    """
    limit(store, "closed", closed_until_ms=10**14)
    for i in range(150):
        store.submit(f"j{i}", user_id=f"u{i}", pool="closed")
    store.submit("ready", pool="open", **QUIET)

    assert slots.admit(3) == ["ready"]
    reason = store.queue_position("j7")[0]
    assert reason == "pool_closed"


def test_a_pool_that_opens_is_looked_at_again(store: Store, slots: Slots) -> None:
    limit(store, "p", closed_until_ms=10**14)
    store.submit(pool="p")
    assert slots.admit(1) == []
    store.redis.hdel(keys.pool("p"), "closed_until_ms")
    assert slots.admit(1) == []
    store.redis.zadd(f"{GATE}:closed", {"lore|p": 1})

    assert slots.admit(1) == ["j"]


def test_a_worker_that_shows_no_slots_gets_jobs(store: Store) -> None:
    store.heartbeat(owner="older")

    assert store.submit().admitted == [JobMessage("j", 1)]


def test_the_first_call_of_each_job_is_reserved(store: Store, slots: Slots) -> None:
    """Given a pool of two calls at once / when five jobs wait for many slots / I expect two."""
    limit(store, "p", set_concurrency=2)
    submit(store, "j", 5, pool="p")

    assert slots.admit(5) == ["j0", "j1"]
    assert store.queue_position("j2")[0] == "pool_concurrency"
    store.cancel("j0")
    assert slots.admit(5) == ["j2"]


def test_no_more_jobs_of_an_owner_run_than_it_may(store: Store, slots: Slots) -> None:
    store.redis.hset(keys.owner_limits("user:busy"), "concurrency", 2)
    submit(store, "busy", 5, **BUSY)
    submit(store, "other", 2, **QUIET)

    admitted = slots.admit(7)
    assert owners(admitted) == {"busy": 2, "other": 2}
    assert store.queue_position("busy4")[0] == "owner_concurrency"
    assert slots.admit(7) == []

    store.claim("busy0")
    store.finish("busy0", outcome="failed")
    assert slots.admit(7) == ["busy2"]


def test_a_job_that_is_gone_takes_up_no_concurrency(store: Store, slots: Slots) -> None:
    store.redis.hset(keys.owner_limits("user:busy"), "concurrency", 1)
    store.redis.sadd(keys.running("user:busy"), "deleted by hand")
    store.submit(**BUSY)

    assert slots.admit(1) == ["j"]


def test_a_raised_limit_is_noticed(store: Store, slots: Slots) -> None:
    store.redis.hset(keys.owner_limits("user:u"), "concurrency", 1)
    submit(store, "j", 2)
    assert slots.admit(2) == ["j0"]
    assert slots.admit(2) == []
    store.redis.hset(keys.owner_limits("user:u"), "concurrency", 2)
    store.redis.hset(keys.WORKER_SLOTS, "w", 2)
    store.reconcile()

    assert sorted(store.redis.zrange(f"{GATE}:admitted", 0, -1)) == ["j0", "j1"]


@pytest.mark.parametrize("scope", ["all", "pool:p", "type:lore", "owner:user:busy"])
def test_what_is_paused_starts_nothing(store: Store, slots: Slots, scope: str) -> None:
    store.redis.hset(keys.PAUSED, scope, "{}")
    store.submit(pool="p", **BUSY)
    assert slots.admit(1) == []
    assert store.queue_position()[0] == "paused"

    store.redis.delete(keys.PAUSED)
    store.redis.zadd(f"{GATE}:closed", {"lore|p": 1}, xx=True)
    store.reconcile()

    assert slots.admit(1) == ["j"] or store.redis.zscore(f"{GATE}:admitted", "j")


def test_a_job_that_was_admitted_before_the_pause_waits_again(store: Store) -> None:
    store.submit()
    store.redis.hset(keys.PAUSED, "all", "{}")

    assert store.claim().refusal == "paused"
    store.redis.delete(keys.PAUSED)
    assert Slots(store).admit(1) == ["j"]


def test_a_released_job_is_its_owner_s_next(store: Store, slots: Slots) -> None:
    submit(store, "j", 3)
    assert slots.admit(1) == ["j0"]
    store.claim("j0")
    store.release("j0")

    assert slots.admit(1) == ["j0"]


def test_a_job_that_waits_to_be_tried_again_takes_no_turn_before(
    store: Store, slots: Slots
) -> None:
    store.submit()
    assert slots.admit(1) == ["j"]
    store.claim()
    store.retry_later(delay_s=60)
    assert slots.admit(1) == []

    store.make_due()
    store.reconcile()
    assert store.redis.zscore(f"{GATE}:admitted", "j") or slots.admit(1) == ["j"]


def test_what_ends_while_it_waits_leaves_the_gate(store: Store, slots: Slots) -> None:
    submit(store, "j", 3)
    store.cancel("j0")
    store.pass_start_deadline("j1")
    store.make_due("j1")
    store.reconcile()

    assert store.record("j1")["status"] == "failed"
    assert slots.admit(3) == ["j2"]


def test_a_job_deleted_by_hand_holds_back_no_other(store: Store, slots: Slots) -> None:
    submit(store, "j", 3)
    store.redis.delete(keys.job("j0"), keys.updates("j0"))
    assert slots.admit(1) == ["j1"]
    store.redis.delete(keys.job("j1"), keys.updates("j1"))
    store.redis.zadd(f"{GATE}:admitted", {"j1": 1})

    assert slots.admit(1) == ["j2"]


def test_a_job_that_is_claimed_before_its_turn_waits_no_longer(store: Store, slots: Slots) -> None:
    store.submit()
    assert store.claim().refusal == ""
    assert store.redis.hget(GATE, "waiting") == "0"


def test_rq_shows_the_queue_of_waiting_jobs(store: Store, slots: Slots) -> None:
    """Given a queue that has never had a message / when a job waits / I expect RQ to know the
    queue, and so its workers, beside the placeholders.
    """
    store.submit("j")

    assert store.redis.smembers("rq:queues") == {f"rq:queue:{QUEUE}", PLACEHOLDERS}


@pytest.mark.parametrize(("waiting", "seconds"), [(0, 600), (1_000_000, 12_000)])
def test_a_waiting_job_is_looked_at_in_time(
    store: Store, slots: Slots, waiting: int, seconds: int
) -> None:
    """At its start deadline, and every ten minutes; of very many only one each 12 ms."""
    store.redis.hset(GATE, "waiting", waiting)
    store.submit("long")
    store.submit("short", start_deadline_s=5)

    def due_in_s(job_id: str) -> float:
        created_ms = int(store.record(job_id)["created_ms"])
        return (float(store.redis.zscore(keys.DEADLINES, job_id) or 0) - created_ms) / 1000

    assert due_in_s("long") == pytest.approx(seconds, abs=1)
    assert due_in_s("short") == pytest.approx(5, abs=1)
    store.redis.hincrby(GATE, "waiting", -waiting)


def test_the_slots_of_a_dead_worker_are_forgotten(store: Store, slots: Slots) -> None:
    slots.admit(3)
    store.redis.zadd(keys.WORKERS, {"w": 1})
    store.heartbeat(owner="alive")

    assert store.redis.hkeys(keys.WORKER_SLOTS) == []


def test_emptying_rq_s_list_loses_nothing(store: Store, slots: Slots) -> None:
    submit(store, "j", 3)
    assert store.redis.llen(PLACEHOLDERS) == 3
    store.redis.delete(PLACEHOLDERS)
    store.reconcile()

    assert store.redis.llen(PLACEHOLDERS) == 3
    assert len(slots.admit(3)) == 3


def test_without_its_keys_the_gate_lets_every_job_in_again(store: Store, slots: Slots) -> None:
    """Given that the keys of the gate are deleted / I expect each job back at its next look."""
    names = submit(store, "j", 3)
    store.redis.delete(*store.redis.scan_iter("gate:*"), PLACEHOLDERS)
    for name in names:
        store.make_due(name)
    store.reconcile()

    assert sorted(slots.admit(3)) == names


def test_names_of_models_cannot_reach_another_s_place(store: Store, slots: Slots) -> None:
    store.submit("a", pool="m", user_id="bob")
    store.submit("b", pool="m:user:bob", user_id="eve")
    store.submit("c", pool="m|user:bob", user_id="eve")

    assert sorted(slots.admit(3)) == ["a", "b", "c"]


def test_the_commands_of_the_page_show_what_waits(store: Store, slots: Slots) -> None:
    """Given jobs that wait, and one that is admitted
    / I expect each redis-cli command of docs/queue.md to answer something.
    """
    slots.admit(1)
    submit(store, "j", 3)

    page = (ROOT / "docs" / "queue.md").read_text(encoding="utf-8")
    commands = re.findall(r"^    redis-cli (.+?)(?:  +#.*)?$", page, re.MULTILINE)

    assert len(commands) == 4
    assert all(store.redis.execute_command(*command.split()) for command in commands)
