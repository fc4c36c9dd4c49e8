"""The gate: whose job starts next."""

from collections.abc import Iterator

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.gate_harness import BUSY, GATE, QUIET, Slots, assert_whole, owners, submit
from tests.store.test_races import at_once


@pytest.fixture(autouse=True)
def the_gate_is_whole(store: Store) -> Iterator[None]:
    yield
    assert_whole(store)


def test_a_flood_holds_back_no_other_owner(store: Store, slots: Slots) -> None:
    submit(store, "flood", 100, **BUSY)
    slots.run(5)
    store.submit("one", **QUIET)

    assert "one" in slots.run(2)


def test_a_team_is_one_owner_however_many_users_it_has(store: Store, slots: Slots) -> None:
    for i in range(20):
        store.submit(f"flood{i}", user_id=f"u{i}", team_id="t")
    submit(store, "one", 5, **QUIET)

    assert owners(slots.run(10)) == {"flood": 5, "one": 5}


def test_weights_divide_the_turns(store: Store, slots: Slots) -> None:
    store.redis.hset(keys.owner_limits("user:busy"), "weight", 3)
    submit(store, "heavy", 40, **BUSY)
    submit(store, "light", 40, **QUIET)

    assert owners(slots.run(40)) == {"heavy": 30, "light": 10}


def test_real_tokens_count_not_expected_ones(store: Store, slots: Slots) -> None:
    """Given two owners of equal jobs, of which one's take four times as many tokens as expected
    / I expect it to have a quarter of the jobs of the other.
    """
    submit(store, "heavy", 40, **BUSY)
    submit(store, "light", 40, **QUIET)

    ran = owners(slots.run(40, lambda job_id: 4000 if job_id.startswith("heavy") else 1000))

    assert ran["light"] == pytest.approx(4 * ran["heavy"], abs=4)


def test_expected_tokens_that_were_not_used_are_paid_back(store: Store, slots: Slots) -> None:
    for job_id in submit(store, "careful", 40, **BUSY):
        store.redis.hset(keys.job(job_id), "expected_tokens", 4000)
    submit(store, "light", 40, **QUIET)

    assert owners(slots.run(20)) == {"careful": 10, "light": 10}


def test_an_owner_has_one_share_however_many_models_it_uses(store: Store, slots: Slots) -> None:
    for i in range(20):
        store.submit(f"two{2 * i}", pool="a", **BUSY)
        store.submit(f"two{2 * i + 1}", pool="b", **BUSY)
    submit(store, "one", 20, pool="a", **QUIET)

    assert owners(slots.run(20)) == {"two": 10, "one": 10}


def test_a_flood_is_not_in_front_of_others(store: Store, slots: Slots) -> None:
    submit(store, "flood", 30, **BUSY)
    store.submit(**QUIET)

    assert store.queue_position() == ("queued", "2")


def test_tags_of_owners_that_are_behind_are_forgotten(store: Store, slots: Slots) -> None:
    submit(store, "a", 1, **QUIET)
    submit(store, "b", 20, **BUSY)
    slots.run(21)
    store.reconcile()

    assert store.redis.zrange(f"{GATE}:tags", 0, -1) == ["user:busy"]


def test_an_owner_that_returns_has_saved_nothing_up(store: Store, slots: Slots) -> None:
    store.submit("early0", **QUIET)
    submit(store, "busy", 60, **BUSY)
    slots.run(40)
    submit(store, "back", 20, **QUIET)

    assert owners(slots.run(20)) == {"busy": 10, "back": 10}


def test_an_owner_with_one_job_at_a_time_pays_for_it_all_the_same(
    store: Store, slots: Slots
) -> None:
    """Given an owner that sends its next job of 4,000 tokens when the last has ended, so that it
    leaves the queue each time / I expect a quarter of the turns of one with jobs of 1,000.
    """
    submit(store, "many", 40, **BUSY)
    ran: list[str] = []
    for number in range(30):
        if number == 0 or ran[-1].startswith("single"):
            store.submit(f"single{number}", **QUIET)
            store.redis.hset(keys.job(f"single{number}"), "expected_tokens", 4000)
        ran += slots.run(1, lambda job_id: 4000 if job_id.startswith("single") else 1000)

    assert owners(ran)["single"] == pytest.approx(6, abs=1)


def test_batch_work_slows_and_never_stops(store: Store, slots: Slots) -> None:
    submit(store, "batch", 40, priority="batch", **BUSY)
    submit(store, "now", 40, priority="interactive", **QUIET)

    assert owners(slots.run(36)) == {"now": 32, "batch": 4}


def test_an_owner_s_urgent_jobs_come_first_and_old_ones_are_urgent(
    store: Store, slots: Slots
) -> None:
    """A job is worth one class more after ten minutes."""
    for name, priority in [("b", "batch"), ("n", "normal"), ("i", "interactive"), ("old", "batch")]:
        store.submit(name, priority=priority)
    key = f"{GATE}:jobs:lore|\nuser:u"
    store.redis.zincrby(key, -21 * 60_000, "old")

    assert slots.run(4) == ["old", "i", "n", "b"]


@pytest.mark.parametrize(
    "redis", [pytest.param("real", marks=pytest.mark.integration)], indirect=True
)
def test_a_hundred_jobs_at_once_take_no_slot_twice(store: Store, slots: Slots) -> None:
    slots.admit(10, 0)

    admitted = at_once(lambda n: store.submit(f"j{n}", user_id=f"u{n % 7}").admitted)

    assert sum(len(each) for each in admitted) == 10
    assert store.redis.zcard(f"{GATE}:admitted") == 10


def test_tokens_that_are_paid_back_count_in_each_lane_of_the_owner(
    store: Store, slots: Slots
) -> None:
    """Given an owner that waits with another model while a job is expected to use very much."""
    store.submit("much", pool="a", **BUSY)
    store.redis.hset(keys.job("much"), "expected_tokens", 1_000_000)
    assert slots.admit(1) == ["much"]
    store.claim("much")
    store.submit("other", pool="b", **BUSY)
    submit(store, "quiet", 9, pool="c", **QUIET)
    slots.run(1)

    store.finish("much", used_tokens=1000)

    assert "other" in slots.run(3)
