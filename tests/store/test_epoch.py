"""The epoch counts accepted work, so that a server that has lost some is known."""

import pytest
from redis.exceptions import ResponseError

from loresmith.jobs.store import keys
from tests.store.driver import Store


def epoch(store: Store) -> int:
    return int(store.redis.get(keys.EPOCH) or 0)


def test_each_accepted_job_and_each_purchase_counts(store: Store) -> None:
    store.submit("a")
    store.submit("b")
    assert epoch(store) == 2
    assert store.record("b")["epoch"] == "2"

    store.claim("a")
    store.intent("a")
    assert epoch(store) == 3


def test_what_is_not_accepted_does_not_count(store: Store) -> None:
    """Given a replay, another body, a purchase that is known and one that is fenced
    / I expect the epoch as it was.
    """
    store.submit("a", key="k")
    store.claim("a")
    store.intent("a", fencing_token="t")
    before = epoch(store)

    store.submit("b", key="k")
    store.submit("c", key="k", fingerprint="other")
    store.intent("a")
    store.intent("a", attempt=9)

    assert epoch(store) == before


def test_an_epoch_of_another_type_accepts_nothing(store: Store) -> None:
    store.redis.rpush(keys.EPOCH, "x")
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        store.submit("a")
    assert store.record("a") == {}
    store.redis.delete(keys.EPOCH)
