"""An owner that asks for thousands of invented models slows no other, and is served itself."""

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.gate_harness import BUSY, GATE, QUIET, Slots, assert_whole, owners, submit

MANY = 300
MAX_LANES = 200


def invent(store: Store, models: int) -> None:
    for i in range(models):
        store.submit(f"busy{i}", pool=f"m{i}", **BUSY)


def lanes_of(store: Store, owner: str) -> int:
    names = list(store.redis.scan_iter(f"{GATE}:lane:*", count=10_000))
    return sum(store.redis.zscore(name, f"user:{owner}") is not None for name in names)


@pytest.mark.parametrize("models", [MANY, pytest.param(1_000, marks=pytest.mark.integration)])
def test_others_have_every_other_turn(store: Store, slots: Slots, models: int) -> None:
    """Also one that comes when there are many lanes, to a new one, and the turns come at once."""
    invent(store, models)
    submit(store, "quiet", 5, pool="z", **QUIET)

    assert owners(slots.run(10)) == {"busy": 5, "quiet": 5}
    assert_whole(store)


def test_an_owner_waits_in_few_lanes(store: Store, slots: Slots) -> None:
    """Given lanes up to the limit / I expect one more, also of another owner, and after a turn of
    the first one that few remain.
    """
    invent(store, MANY)
    assert lanes_of(store, "busy") == MAX_LANES + 1
    for i in range(3):
        store.submit(f"quiet{i}", pool=f"q{i}", **QUIET)
    assert lanes_of(store, "quiet") == 1

    submit(store, "z", 1, user_id="third")
    slots.run(3)

    assert lanes_of(store, "busy") < MAX_LANES / 4
    assert_whole(store)


def test_each_end_of_a_job_returns_its_owner_to_few_lanes(store: Store, slots: Slots) -> None:
    invent(store, MANY)
    parked = f"{GATE}:parked:user:busy"
    before = store.redis.scard(parked)
    store.cancel("busy0")
    assert store.redis.scard(parked) == before - 1

    store.redis.delete(f"{GATE}:lanes", f"{GATE}:closed")
    store.cancel("busy1")
    assert store.redis.scard(parked) == before - 17


def test_each_job_has_its_turn(store: Store, slots: Slots) -> None:
    """Given that some lanes wait aside / when the reconciler looks in between / I expect all to
    run, and no owner to wait aside then.
    """
    invent(store, MANY)
    done: set[str] = set()
    for _ in range(MANY):
        done |= set(slots.run(MANY))
        store.reconcile()
        if len(done) == MANY:
            break

    assert len(done) == MANY
    assert store.redis.keys(f"{GATE}:parked*") == []
    assert_whole(store)


def test_a_damaged_lane_keeps_no_other_from_its_owner(store: Store, slots: Slots) -> None:
    """Given an owner that is parked in a lane whose key is of another type."""
    store.redis.hset(keys.owner_limits("user:busy"), "concurrency", 0)
    for i in range(3):
        store.submit(f"busy{i}", pool=f"m{i}", **BUSY)
    slots.admit(3)
    store.redis.set(f"{GATE}:lane:lore|m1", "damage")
    store.redis.hdel(keys.owner_limits("user:busy"), "concurrency")
    store.reconcile()

    assert set(store.redis.zrange(f"{GATE}:admitted", 0, -1)) == {"busy0", "busy2"}
    store.redis.delete(f"{GATE}:lane:lore|m1")
