"""No end while a job lives; its retention from its end for everything that is its."""

from collections.abc import Callable

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.leaks import MAX_MS

SOON_MS = 20_000
OWN = {
    "job:j",
    "job:j:updates",
    "job:j:steps",
    "job:j:calls",
    "call:j/s/0",
    "call:j/t/0",
    "idem:u:k",
}


def run_on(store: Store) -> None:
    """A job with everything a job can have, one call still in flight."""
    store.running(key="k")
    store.intent()
    store.settle()
    store.checkpoint()
    store.intent(step="t")


def cancelled_while_running(store: Store) -> None:
    store.cancel()
    store.finish(result="[]")


def cancelled_between_workers(store: Store) -> None:
    store.release()
    store.cancel()


def lost_too_often(store: Store) -> None:
    store.make_due()
    store.reconcile(max_worker_losses=1)


def cancelled_and_lost(store: Store) -> None:
    store.cancel()
    store.make_due()
    store.reconcile()


ENDS: dict[str, Callable[[Store], object]] = {
    "completed": lambda store: store.finish(result="[]"),
    "failed": lambda store: store.finish(outcome="failed"),
    "cancelled while running": cancelled_while_running,
    "cancelled between workers": cancelled_between_workers,
    "lost too often": lost_too_often,
    "cancelled and lost": cancelled_and_lost,
}


def ttls(store: Store) -> dict[str, int]:
    """The ms that each key of the job has left; -1: for ever."""
    shared = (keys.DEADLINES, keys.CALL_DEADLINES, keys.UPDATES, keys.WORKERS, keys.OUTBOX)
    others = (*shared, keys.EPOCH, "jobs:", "gate:")
    own = (key for key in store.redis.scan_iter() if not key.startswith(others))
    return {key: store.redis.pttl(key) for key in own}


def test_a_living_job_has_no_end(store: Store) -> None:
    """Given a job that runs, or waits for its next try
    / I expect no time to live on anything of it.
    """
    run_on(store)
    assert ttls(store) == dict.fromkeys(OWN, -1)

    store.retry_later()
    assert ttls(store) == dict.fromkeys(OWN, -1)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_all_that_is_a_jobs_stays_a_day_from_its_end(
    store: Store, end: Callable[[Store], object]
) -> None:
    """Given a job with steps, calls and a key / when it ends, however
    / I expect 24 h for all alike.
    """
    run_on(store)

    end(store)

    left, is_completed = ttls(store), store.record()["status"] == "completed"
    assert set(left) == (OWN - {"job:j:steps"} if is_completed else OWN)
    assert all(keys.DAY_MS < ttl <= MAX_MS for ttl in left.values()), left


def test_a_waiting_job_that_ends_has_its_day_too(store: Store) -> None:
    """Given a job that never ran / when it is cancelled or expires / I expect 24 h from then."""
    store.submit("a", key="k1")
    store.cancel("a")
    store.submit("b", key="k2")
    store.pass_start_deadline("b")
    store.make_due("b")
    store.reconcile()

    left = ttls(store)
    assert set(left) == {
        "job:a",
        "job:a:updates",
        "idem:u:k1",
        "job:b",
        "job:b:updates",
        "idem:u:k2",
    }
    assert min(left.values()) > keys.DAY_MS - SOON_MS


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_retried_job_lives_again(store: Store, end: Callable[[Store], object]) -> None:
    """Given an ended job / when it is retried / I expect no end again, unless it was completed."""
    run_on(store)
    end(store)
    done = store.record()["status"] == "completed"

    assert store.retry(consent=True).outcome == ("active" if done else "ok")

    assert all((ttl == -1) != done for ttl in ttls(store).values())


def test_a_call_that_settles_after_its_job_has_an_end(store: Store) -> None:
    """Given a call in flight while its job ends / when it settles late
    / I expect a day, from then.
    """
    run_on(store)
    store.finish(outcome="failed")
    store.redis.pexpire("call:j/t/0", 1_000_000)

    store.settle("j/t/0", text="late")

    assert store.row("j/t/0")["text"] == "late"
    assert store.redis.pttl("call:j/t/0") > keys.DAY_MS - SOON_MS


def test_a_call_that_is_given_up_after_its_job_has_an_end(store: Store) -> None:
    """Given a call in flight while its job is deleted / when it is reaped
    / I expect a day, not for ever.
    """
    run_on(store)
    store.finish(outcome="failed")
    store.delete()
    store.redis.persist("call:j/t/0")
    store.expire_call_lease("j/t/0")

    assert store.reap() == {"j/t/0": "unknown"}

    assert store.redis.pttl("call:j/t/0") > keys.DAY_MS - SOON_MS


def test_a_call_of_a_living_job_has_no_end(store: Store) -> None:
    """Given a running job / when a call settles or is given up
    / I expect both rows to stay for ever.
    """
    run_on(store)
    store.expire_call_lease("j/t/0")
    store.reap()

    assert store.redis.pttl("call:j/s/0") == store.redis.pttl("call:j/t/0") == -1


def test_the_tombstone_of_a_deleted_job_stays_a_day(store: Store) -> None:
    """Given a deleted job / I expect its key to be known for 24 h more."""
    store.submit(key="k")
    store.cancel()
    store.redis.pexpire("idem:u:k", 1000)

    store.delete()

    assert store.redis.pttl("idem:u:k") > keys.DAY_MS - SOON_MS


def ended_for(store: Store, retention_s: float) -> None:
    """A job with everything a job can have, which has ended; one of its calls is in flight."""
    store.running(key="k", retention_s=retention_s)
    store.intent()
    store.settle(text="paid")
    store.checkpoint()
    store.intent(step="t")
    store.redis.hset("call:j/t/0", "text", "half")
    store.finish(outcome="failed")


def test_a_job_stays_as_long_as_it_asked(store: Store) -> None:
    """Given a job that asked for a minute / when it ends
    / I expect its expiry a minute later, and its keys to end soon after, if nothing deletes them.
    """
    ended_for(store, 60)

    record = store.record()
    assert int(record["expires_ms"]) == int(record["completed_ms"]) + 60_000
    assert all(60_000 < ttl <= 120_000 for ttl in ttls(store).values()), ttls(store)
    assert store.expire_ended() == 0


def test_what_has_expired_is_deleted_but_a_call_in_flight_keeps_its_bill(store: Store) -> None:
    """Given an ended job whose time is over / when it is deleted
    / I expect its keys and entries gone, and of its calls no text; the one in flight settles.
    """
    ended_for(store, 60)
    store.redis.zadd(keys.EXPIRY, {"j": 1})

    assert store.expire_ended() == 1

    assert set(ttls(store)) == {"call:j/s/0", "call:j/t/0"}
    assert "text" not in store.row("j/s/0") | store.row("j/t/0")
    assert store.redis.pttl("call:j/s/0") <= 120_000
    assert store.redis.pttl("call:j/t/0") > keys.DAY_MS - SOON_MS
    assert list(store.redis.scan_iter("jobs:*")) == []
    assert store.settle("j/t/0", text="late") == "ok"
    assert "text" not in store.row("j/t/0")


def test_a_retried_job_does_not_expire(store: Store) -> None:
    ended_for(store, 60)
    store.retry(consent=True)

    assert store.redis.zscore(keys.EXPIRY, "j") is None
