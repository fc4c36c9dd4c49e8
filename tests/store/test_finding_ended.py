"""Ended jobs are found by end, cost or duration among those of one owner."""

from dataclasses import replace

import pytest

from loresmith.api.services.job_query import JobIds, JobQuery
from loresmith.jobs.store import keys
from tests.store.driver import Store


def ended(store: Store, owners: dict[str, str]) -> None:
    """Jobs of some users that have ended, each a second after the one before it."""
    for job_id, user_id in owners.items():
        store.submit(job_id, user_id=user_id)
        store.claim(job_id)
        store.finish(job_id)
    for second, job_id in enumerate(owners):
        store.redis.zadd(keys.ENDED, {job_id: 1000 * (second + 1)})


@pytest.mark.parametrize("newest", [True, False])
def test_the_few_ended_jobs_of_an_owner_are_found_among_many(
    store: Store, monkeypatch: pytest.MonkeyPatch, newest: bool
) -> None:
    """Given an owner's ended jobs behind more jobs than one request looks at / I expect them, in
    their order and in pages.
    """
    monkeypatch.setattr("loresmith.api.services.job_query.MAX_SCANNED", 4)
    others = dict.fromkeys((f"x{number}" for number in range(9)), "bob")
    ended(store, {"a": "ann", **others, "b": "ann", "c": "ann", **{"y1": "bob", "y2": "bob"}})
    query = JobQuery((keys.by("user_id", "ann"),), source=keys.ENDED, descending=newest)

    first = store.find(replace(query, limit=2))
    second = store.find(replace(query, limit=2, cursor=first.last))

    expected = ["c", "b", "a"] if newest else ["a", "b", "c"]
    assert (first.ids, second) == (expected[:2], JobIds(expected[2:], ("", "")))
    assert store.find(replace(query, after_ms=1001)).ids == [
        job_id for job_id in expected if job_id != "a"
    ]


@pytest.mark.parametrize("newest", [True, False])
def test_a_cursor_holds_within_a_cost(store: Store, newest: bool) -> None:
    """Given ended jobs of an owner with the same cost / I expect each of them once."""
    names = [f"j{number}" for number in range(5)]
    ended(store, {**dict.fromkeys(names, "ann"), **{"x1": "bob", "x2": "bob"}})
    query = JobQuery((keys.by("user_id", "ann"),), source=keys.COST, descending=newest, limit=2)
    ids: list[str] = []
    cursor = ("", "")
    for _ in range(3):
        page = store.find(replace(query, cursor=cursor))
        ids, cursor = ids + page.ids, page.last

    assert ids == sorted(names, reverse=newest)
