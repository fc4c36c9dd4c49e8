"""A hundred at once: one wins, and all others learn of it."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import pytest
from redis import Redis

from loresmith.api.services.job_store import RetryOutcome
from tests.store.driver import Store, call_id
from tests.store.money_race import race

T = TypeVar("T")

MANY = 100
pytestmark = pytest.mark.parametrize(
    "redis", [pytest.param("real", marks=pytest.mark.integration)], indirect=True
)


def at_once(act: Callable[[int], T], many: int = MANY) -> list[T]:
    """The answers of `many` threads that all start at the same scenario, each given its number."""
    start = Barrier(many)

    def run(number: int) -> T:
        start.wait()
        return act(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(run, range(many)))


def test_one_key_makes_one_job(store: Store) -> None:
    """Given 100 clients with the same key / when all submit / I expect one job, known to all."""
    replies = at_once(lambda n: store.submit(f"j{n}", key="k"))

    assert Counter(reply.outcome for reply in replies) == {"created": 1, "existing": MANY - 1}
    assert len({reply.job_id for reply in replies}) == 1
    assert len(store.due()) == 1


def test_a_hundred_keys_make_a_hundred_jobs(store: Store) -> None:
    """Given 500 creates on 100 keys, five each / when all submit / I expect 100 jobs."""
    rounds = at_once(
        lambda n: [store.submit(f"j{n}-{i}", key=f"k{(n + i) % MANY}") for i in range(5)]
    )

    replies = [reply for each in rounds for reply in each]
    assert Counter(reply.outcome for reply in replies) == {"created": MANY, "existing": 4 * MANY}
    assert {reply.job_id for reply in replies} == store.due()


def test_one_worker_gets_the_job(store: Store) -> None:
    """Given a waiting job / when 100 workers claim it
    / I expect one to have it, 99 to hear 'busy'.
    """
    store.submit()

    replies = at_once(lambda n: store.claim(owner=f"w{n}"))

    assert Counter(reply.refusal for reply in replies) == {"": 1, "busy": MANY - 1}
    winner = next(n for n, reply in enumerate(replies) if not reply.refusal)
    assert store.record()["lease_holder"] == f"w{winner}"


def test_whoever_was_answered_cancelled_is(store: Store) -> None:
    """Given 50 running jobs / when each is cancelled and finished at once
    / I expect both to agree.
    """
    for n in range(MANY // 2):
        store.running(f"j{n}")

    def race(n: int) -> str:
        job_id = f"j{n // 2}"
        return store.cancel(job_id) if n % 2 else store.finish(job_id, result="[]")

    values = at_once(race)

    for n in range(MANY // 2):
        finished, cancelled = values[2 * n], values[2 * n + 1]
        ended = store.record(f"j{n}")["status"]
        assert (cancelled, finished, ended) in {
            ("cancelling", "cancelled", "cancelled"),
            ("terminal", "completed", "completed"),
        }


def test_a_hundred_cancels_of_one_job_agree_with_its_end(store: Store) -> None:
    """Given a running job / when 99 cancel it while it is finished / I expect one end for all."""
    store.running()

    values = at_once(lambda n: store.finish(result="[]") if n == 50 else store.cancel())

    ended = store.record()["status"]
    assert ended == values.pop(50)
    assert ("cancelling" in values) == (ended == "cancelled")
    assert [update["type"] for update in store.updates()].count("done") == 1


def test_one_asker_buys_the_call(store: Store) -> None:
    """Given a running job / when 100 ask for the same call
    / I expect one 'go', and 99 to attach to it.
    """
    store.running()

    replies = at_once(lambda n: store.intent(owner=f"lore{n}"))

    assert Counter(reply.outcome for reply in replies) == {"go": 1, "attach": MANY - 1}
    assert {reply.call_id for reply in replies} == {call_id()}
    winner = next(n for n, reply in enumerate(replies) if reply.outcome == "go")
    assert store.row()["lease_holder"] == f"lore{winner}"


def test_no_call_starts_once_cancel_was_answered(store: Store) -> None:
    """Given a running job / when calls are asked for during a cancel
    / I expect rows for the 'go's only.
    """
    store.running()

    values = at_once(lambda n: store.cancel() if n == 50 else store.intent(step=f"s{n}").outcome)

    assert values.pop(50) == "cancelling"
    assert set(values) <= {"go", "cancel"}
    assert store.redis.scard("job:j:calls") == values.count("go")
    assert store.intent(step="after").outcome == "cancel"


def test_one_result_is_booked(store: Store) -> None:
    """Given a call in flight / when 100 settle it
    / I expect one to be booked, and its text to stay.
    """
    store.calling()

    replies = at_once(lambda n: store.settle(text=str(n)))

    assert Counter(replies) == {"ok": 1, "settled": MANY - 1}
    winner = next(n for n, reply in enumerate(replies) if reply == "ok")
    assert store.row()["text"] == str(winner)


def test_one_reconciler_takes_over(store: Store) -> None:
    """Given an expired lease / when 100 reconcilers run / I expect one takeover, one attempt
    more.
    """
    store.running()
    store.make_due()

    matches = [matches for matches in at_once(lambda _: store.reconcile()) if matches]

    assert matches == [{"j": (2, "recovered")}]
    assert (store.record()["attempt"], store.record()["worker_losses"]) == ("2", "1")


def test_one_retry_counts(store: Store) -> None:
    """Given a failed job / when 100 retry it / I expect one new attempt, one new generation."""
    store.running()
    store.finish(outcome="failed")

    replies = at_once(lambda _: store.retry(attempt=1))

    assert Counter(replies) == {
        RetryOutcome("ok", "2"): 1,
        RetryOutcome("active", "pending"): MANY - 1,
    }
    assert store.record()["generation"] == "1"


def test_heartbeats_around_the_end_touch_nothing(store: Store) -> None:
    """Given a job that finishes / when 99 heartbeats of its worker race with it
    / I expect 100 % to stay.
    """
    store.running()

    at_once(
        lambda n: (
            store.finish(progress=100) if n == 50 else store.report_progress(progress=20 + n % 60)
        )
    )

    assert (store.record()["status"], store.record()["progress"]) == ("completed", "100")
    shown = [int(update["progress"]) for update in store.updates()]
    assert shown == sorted(shown)
    assert store.updates()[-1]["type"] == "done"


def test_no_budget_is_overrun_and_none_leaks(redis: Redis) -> None:
    """Given three overlapping budgets near their limits / when 90 clients submit, run, end, retry
    and delete at once, three times / I expect no budget over its limit in any reading, nothing held
    afterwards, and the books to say what the ledger says.
    """
    for seed in range(3):
        matches = race(redis, MANY - 10, seed)  # a pool has 100 connections

        assert matches.overruns == []
        assert matches.left == {}
        assert matches.spent == matches.paid > 0
        assert matches.answers["refused"]
        assert matches.answers["created"]
