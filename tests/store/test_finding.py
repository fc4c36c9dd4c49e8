"""Jobs are found by what they are, in pages that hold when others come and go."""

import pytest

from loresmith.api.services.job_query import JobIds, JobQuery
from loresmith.jobs.store import keys
from tests.store.driver import Store, call_id

CHARACTERS, WORLDS = keys.by("type", "characters"), keys.by("type", "world")


def aged(store: Store, *job_ids: str) -> None:
    """Makes each job a second younger than the one before it, in every index."""
    for second, job_id in enumerate(job_ids):
        for key in store.redis.scan_iter("jobs:*"):
            if store.redis.type(key) == "zset" and key not in (
                keys.ENDED,
                keys.COST,
                keys.DURATION,
            ):
                store.redis.zadd(key, {job_id: 1000 * (second + 1)}, xx=True)


def many(store: Store, count: int) -> list[str]:
    """Jobs j00, j01 and so on, each younger than the one before it."""
    names = [f"j{number:02}" for number in range(count)]
    for name in names:
        store.submit(name)
    aged(store, *names)
    return names


def three(store: Store) -> None:
    """a and b are about characters, c is a world; b and c are of one session."""
    store.submit("a", type="characters", session_id="s1", payload='{"theme": "Salt"}')
    store.submit("b", type="characters", session_id="s2", payload='{"theme": "dust"}')
    store.submit("c", type="world", session_id="s2", payload='{"theme": "dust, Ärger"}')
    aged(store, "a", "b", "c")


def found(store: Store, *indexes: str, **reply: object) -> list[str]:
    return store.find(JobQuery(indexes=indexes, **reply)).ids  # type: ignore[arg-type]


def test_the_newest_come_first(store: Store) -> None:
    three(store)

    assert found(store) == ["c", "b", "a"]
    assert found(store, descending=False) == ["a", "b", "c"]


def test_all_filters_must_fit(store: Store) -> None:
    three(store)

    assert found(store, CHARACTERS) == ["b", "a"]
    assert found(store, CHARACTERS, keys.by("session_id", "s2")) == ["b"]
    assert found(store, CHARACTERS, WORLDS) == []
    assert found(store, keys.by("session_id", "nobody's")) == []


def test_a_job_without_a_priority_is_normal(store: Store) -> None:
    for name, priority in (("a", "batch"), ("b", "normal"), ("c", "interactive")):
        store.submit(name, priority=priority)

    assert found(store, priority="batch") == ["a"]
    assert found(store, priority="normal") == ["b"]
    assert found(store, priority="interactive") == ["c"]


def test_a_status_is_that_of_now(store: Store) -> None:
    """Given jobs that go through their lives / I expect each under its status, and counted so."""
    three(store)
    store.claim("a")
    store.claim("b")
    store.finish("b", outcome="failed")

    assert found(store, statuses=("processing",)) == ["a"]
    assert found(store, statuses=("failed", "pending")) == ["c", "b"]
    assert store.count() == {"pending": 1, "processing": 1, "failed": 1}
    assert store.count(CHARACTERS) == {"processing": 1, "failed": 1}

    store.retry("b")

    assert found(store, statuses=("failed",)) == []
    assert store.count() == {"pending": 2, "processing": 1}


def test_what_runs_is_found_among_all_that_ended(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given two unfinished jobs, older than many that have ended / when what is active is asked for
    / I expect both in the first page, however few ids may be looked at; one more after a retry.
    """
    monkeypatch.setattr("loresmith.api.services.job_query.MAX_SCANNED", 3)
    names = many(store, 9)
    store.claim("j01")
    for name in names[2:]:
        store.finish(name, attempt=1, owner="", outcome="failed")

    assert found(store, statuses=("pending", "processing")) == ["j01", "j00"]

    store.retry("j05")
    assert found(store, statuses=("pending", "processing")) == ["j05", "j01", "j00"]


def test_pages_follow_each_other(store: Store) -> None:
    """Given seven jobs / when one more comes and one goes between two pages
    / I expect neither a gap nor a double.
    """
    many(store, 7)
    first = store.find(JobQuery(limit=3))
    store.submit("new")
    store.redis.delete(keys.job("j04"), keys.updates("j04"))

    second = store.find(JobQuery(limit=3, cursor=first.last))
    third = store.find(JobQuery(limit=3, cursor=second.last))

    assert first.ids == ["j06", "j05", "j04"]
    assert second.ids == ["j03", "j02", "j01"]
    assert third == JobIds(["j00"], ("", ""))


def test_a_cursor_whose_job_was_deleted_still_holds(store: Store) -> None:
    three(store)
    first = store.find(JobQuery(limit=1))
    store.claim("c")
    store.finish("c", outcome="failed")
    store.delete("c")

    assert first.ids == ["c"]
    assert store.find(JobQuery(limit=5, cursor=first.last)).ids == ["b", "a"]


@pytest.mark.parametrize("newest", [True, False])
@pytest.mark.parametrize("missing", [True, False])
def test_a_cursor_holds_within_a_millisecond(store: Store, newest: bool, missing: bool) -> None:
    """Given jobs of one millisecond / when that of the cursor was deleted, or was not / I expect
    the others once each.
    """
    names = ["j1", "j2", "j3", "j4"]
    for name in names:
        store.submit(name)
    for key in (keys.ALL, keys.by("type", "lore")):
        store.redis.zadd(key, dict.fromkeys(names, 5000))
    first = store.find(JobQuery(limit=2, descending=newest))
    if missing:
        last = first.last[1]
        store.claim(last)
        store.finish(last, outcome="failed")
        store.delete(last)

    rest = store.find(JobQuery(limit=9, descending=newest, cursor=first.last)).ids

    assert sorted(first.ids + rest) == names


def test_one_status_is_walked_by_its_own_index(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given an old failure behind more jobs than one request looks at / I expect it found."""
    monkeypatch.setattr("loresmith.api.services.job_query.MAX_SCANNED", 5)
    many(store, 20)
    store.claim("j00")
    store.finish("j00", outcome="failed")

    assert found(store, statuses=("failed",)) == ["j00"]


def test_between_two_scenarios(store: Store) -> None:
    three(store)

    assert found(store, after_ms=1500, before_ms=2500) == ["b"]
    assert found(store, after_ms=1500, before_ms=2500, descending=False) == ["b"]


@pytest.mark.parametrize(
    ("words", "ids"), [("salt", ["a"]), ("DUST", ["c", "b"]), ("b", ["b"]), ("Ärger", ["c"])]
)
def test_by_words(store: Store, words: str, ids: list[str]) -> None:
    three(store)

    assert found(store, search=words) == ids


def test_what_ended_while_nobody_looked(store: Store) -> None:
    """Given two jobs that ended / when one was looked at / I expect the other one alone."""
    three(store)
    for name in ("a", "b"):
        store.claim(name)
        store.finish(name, outcome="failed")
    unseen = keys.by("unseen", "yes")
    assert found(store, unseen, source=keys.ENDED) == ["b", "a"]

    assert store.mark_seen("b") == "ok"
    assert store.mark_seen("b") == "ok"

    assert found(store, unseen, source=keys.ENDED) == ["a"]
    assert store.record("b")["seen_ms"]
    store.retry("b")
    assert "seen_ms" not in store.record("b")


def test_the_work_of_one_request_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given more jobs to look at than one request may / I expect it to stop, and to go on."""
    monkeypatch.setattr("loresmith.api.services.job_query.MAX_SCANNED", 2)
    three(store)

    first = store.find(JobQuery(search="salt"))
    second = store.find(JobQuery(search="salt", cursor=first.last))

    assert (first.ids, second) == ([], JobIds(["a"], ("", "")))


def test_what_has_expired_leaves_every_index(store: Store) -> None:
    three(store)
    store.claim("a")
    store.finish("a", outcome="failed")
    store.redis.delete(keys.job("a"))
    store.redis.zadd(keys.EXPIRY, {"a": 1})
    assert found(store) == ["c", "b"]

    assert (store.expire_ended(), store.expire_ended()) == (1, 0)

    for key in store.redis.scan_iter("jobs:*"):
        held = store.redis.hkeys(key) if key == keys.INDEXED else store.redis.zrange(key, 0, -1)
        assert "a" not in held


def test_a_job_that_was_retried_is_not_tidied(store: Store) -> None:
    store.running()
    store.finish(outcome="failed")
    store.retry()
    store.redis.zadd(keys.EXPIRY, {"j": 1})

    assert store.expire_ended() == 0
    assert found(store) == ["j"]


def test_a_damaged_index_stops_nobody(store: Store) -> None:
    store.redis.set(keys.by("type", "lore"), "damage")
    store.running()
    assert store.finish(result="[]") == "completed"

    assert found(store) == ["j"]
    assert found(store, keys.by("type", "lore")) == []
    store.redis.delete(keys.by("type", "lore"))


def test_the_dearest_and_the_longest_come_first(store: Store) -> None:
    """Given ended jobs and one under way / I expect those alone, by their figures; and one that is
    tried again no more.
    """
    for name, micros in (("a", 5), ("b", 70), ("c", 6)):
        store.running(name)
        store.intent(name)
        store.settle(call_id(name), cost_micros=micros)
        store.finish(name, outcome="failed")
    store.running("d")
    for name, lasted in (("a", 30), ("b", 10), ("c", 20)):
        store.redis.zadd(keys.DURATION, {name: lasted})

    assert found(store, source=keys.COST) == ["b", "c", "a"]
    assert found(store, source=keys.COST, descending=False) == ["a", "c", "b"]
    assert found(store, source=keys.DURATION) == ["a", "c", "b"]
    assert found(store, keys.by("type", "lore"), source=keys.DURATION, limit=1) == ["a"]

    store.retry("b")
    assert found(store, source=keys.COST) == ["c", "a"]


def test_a_late_settlement_moves_its_job(store: Store) -> None:
    """Given a job whose call is settled after its end / I expect it at its new place by cost."""
    for name in ("a", "b"):
        store.running(name)
        store.intent(name, max_micros=100)
        store.finish(name, outcome="failed")

    store.settle(call_id("a"), cost_micros=7)

    assert store.redis.zrange(keys.COST, 0, -1, withscores=True) == [("a", 7.0), ("b", 100.0)]
