"""The indexes of a job follow from its record until it has ended, and are stored then."""

from typing import Any

import pytest

from loresmith.jobs.core.job_record import FINGERPRINT_LENGTH, Submission
from loresmith.jobs.store import keys
from tests.store.direct import identity
from tests.store.driver import SUBMISSION, Store

ODD = "Mira Ärger/100%: ~a_b-c.d\n龍|*"
EVERY: dict[str, Any] = {
    "model": "openai/gpt-5-mini",
    "session_id": ODD,
    "user_id": ODD,
    "team_id": "",
    "batch_key": "b",
    "delegate": "key:k",
    "related": ("chapter", "7 of 9"),
}


def indexes_of(store: Store, job_id: str) -> set[str]:
    return {
        key
        for key in store.redis.scan_iter("jobs:by:*")
        if job_id in store.redis.zrange(key, 0, -1)
    }


@pytest.mark.parametrize("fields", [{}, {"user_id": None}, EVERY], ids=["few", "fewest", "every"])
def test_a_waiting_job_needs_no_second_copy_of_its_values(
    store: Store, fields: dict[str, Any]
) -> None:
    """When it has ended / I expect one, which its record outlives by nothing."""
    store.submit(**fields)
    assert store.redis.hgetall(keys.INDEXED) == {}

    store.cancel()
    assert store.redis.hgetall(keys.INDEXED) == {"j": Submission(**SUBMISSION | fields).indexes()}


def test_tags_are_in_no_other_field(store: Store) -> None:
    """Given a waiting job with tags / I expect all its names stored, before its end and after."""
    names = Submission(**SUBMISSION | {"tags": ("sea", "old salt")}).indexes()
    store.submit(tags=("sea", "old salt"))
    assert store.redis.hgetall(keys.INDEXED) == {"j": names}

    store.cancel()
    assert store.redis.hgetall(keys.INDEXED) == {"j": names}
    assert store.delete() == "ok"
    assert (indexes_of(store, "j"), store.redis.hgetall(keys.INDEXED)) == (set(), {})


def test_a_job_of_an_older_version_leaves_all_its_indexes(store: Store) -> None:
    """Given a waiting job whose names were stored when it was created."""
    names = Submission(**SUBMISSION | EVERY).indexes()
    store.submit(**EVERY)
    store.redis.hset(keys.INDEXED, "j", names)

    store.cancel()
    assert store.delete() == "ok"

    assert (indexes_of(store, "j"), store.redis.hgetall(keys.INDEXED)) == (set(), {})


def test_a_waiting_job_that_was_deleted_by_hand_leaves_all_its_indexes(store: Store) -> None:
    """Given another job beside it, and a damaged index / I expect that one to stay."""
    for job_id in ("j", "other"):
        store.submit(job_id, **EVERY)
    names = indexes_of(store, "other")
    store.redis.set(keys.by("tag", "damaged"), "")
    store.redis.delete(keys.job("j"))
    store.redis.zadd(keys.DEADLINES, {"j": 1})

    store.reconciler().reconcile()
    assert store.redis.getdel(keys.by("tag", "damaged")) == ""

    assert (indexes_of(store, "j"), indexes_of(store, "other")) == (set(), names)
    assert store.submit("k", **EVERY, limits=(9, 2)).outcome == "created"


@pytest.mark.parametrize("key", ["", "k"])
def test_the_fingerprint_of_an_older_version_is_the_same_request(store: Store, key: str) -> None:
    """Given a stored fingerprint with twice the digits / I expect its request to find its job, and
    another one none.
    """
    digits = "0123456789abcdef" * 4
    store.submit(key=key, fingerprint=f"1:{digits}")

    same = f"1:{digits}"[:FINGERPRINT_LENGTH]
    assert identity(store.submit(key=key, fingerprint=same)) == ("existing", "j")
    other = f"1:f{digits}"[:FINGERPRINT_LENGTH]
    assert identity(store.submit(key=key, fingerprint=other)) == ("mismatch", "j")
