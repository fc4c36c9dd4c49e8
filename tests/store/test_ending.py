"""How jobs end: finished by their worker, cancelled, given up by the reconciler."""

import pytest
from redis.exceptions import ResponseError

from loresmith.jobs.core.errors import ExpiredBeforeStart, WorkerLost
from loresmith.jobs.core.status import Message
from loresmith.jobs.store import keys
from tests.store.driver import DURATIONS, Store
from tests.store.snapshot import exact


def test_a_completed_job_has_its_result(store: Store) -> None:
    """Given a running job / when it completes
    / I expect the result as given, nobody's, off the index.
    """
    store.running()

    reply = store.finish(result='[{"names":[]}]', progress=100, message="Done", usage="{}")

    record = store.record()
    assert reply == "completed"
    assert (record["status"], record["phase"], record["progress"]) == (
        "completed",
        "completed",
        "100",
    )
    assert (record["result"], record["message"]) == ('[{"names":[]}]', "Done")
    assert (record["progress_source"], record["lease_holder"], record["lease_ms"]) == (
        "terminal",
        "",
        "0",
    )
    assert int(record["expires_ms"]) == int(record["completed_ms"]) + keys.DAY_MS
    assert store.due() == set()


def test_a_failed_job_says_why_and_keeps_its_progress(store: Store) -> None:
    """Given a job at 60 % / when it fails / I expect the error, the partial result, and 60 %."""
    store.running()
    store.report_progress(progress=60)

    store.finish(
        outcome="failed",
        error="refused",
        error_detail='{"code":"llm_refused"}',
        partial_result="[1]",
    )

    record = store.record()
    assert (record["status"], record["progress"]) == ("failed", "60")
    assert (record["error"], record["error_detail"]) == ("refused", '{"code":"llm_refused"}')
    assert record["partial_result"] == "[1]"


def test_a_result_takes_the_place_of_a_partial_one(store: Store) -> None:
    """Given a failed attempt with a partial result / when the retry completes
    / I expect one result.
    """
    store.running()
    store.finish(outcome="failed", partial_result="[1]")
    store.retry()
    store.claim(attempt=2)

    store.finish(attempt=2, result="[1, 2]")

    assert store.record()["result"] == "[1, 2]"
    assert "partial_result" not in store.record()


def test_cancel_before_finish_wins(store: Store) -> None:
    """Given a job that is being cancelled / when its worker completes it
    / I expect cancelled, result kept.
    """
    store.running()
    store.report_progress(progress=60)
    assert store.cancel(reason="typo") == "cancelling"

    assert (
        store.finish(result='[{"a":[]}]', progress=100, message="Done", usage='{"cost":1}')
        == "cancelled"
    )

    record = store.record()
    assert (record["status"], record["message"]) == ("cancelled", "Job cancelled")
    assert (record["partial_result"], record["usage"]) == ('[{"a":[]}]', '{"cost":1}')
    assert "result" not in record
    assert record["progress"] == "60"
    assert record["cancel_reason"] == "typo"


def test_cancel_before_failure_wins_too(store: Store) -> None:
    """Given a job that is being cancelled / when its worker fails
    / I expect cancelled, without an error.
    """
    store.running()
    store.cancel()

    assert store.finish(outcome="failed", error="x", error_detail="{}") == "cancelled"

    assert {"error", "error_detail"} & set(store.record()) == set()


def test_finish_before_cancel_wins(store: Store) -> None:
    """Given a completed job / when a cancel comes late / I expect 'terminal', and completed."""
    store.running()
    store.finish(result="[]")

    assert store.cancel() == "terminal"
    assert store.record()["status"] == "completed"


def test_a_waiting_job_is_cancelled_here_and_now(store: Store) -> None:
    """Given a waiting job / when it is cancelled / I expect it over, and no worker to get it."""
    store.submit()

    assert store.cancel(reason="typo") == "cancelled"

    assert (store.record()["status"], store.record()["cancel_reason"]) == ("cancelled", "typo")
    assert store.due() == set()
    assert store.claim().refusal == "terminal"


def test_a_job_between_two_workers_is_cancelled_here_and_now(store: Store) -> None:
    """Given a job that waits for its next try / when it is cancelled / I expect it over at once."""
    store.running()
    store.retry_later()

    assert store.cancel() == "cancelled"

    assert store.record()["next_try_ms"] == "0"
    assert store.claim(attempt=2).refusal == "terminal"


def test_a_cancelled_job_whose_worker_dies_ends_cancelled(store: Store) -> None:
    """Given a job that is being cancelled / when its worker dies
    / I expect cancelled, not one more attempt.
    """
    store.running()
    store.cancel()
    store.make_due()

    assert store.reconcile(max_worker_losses=1) == {"j": (1, "cancelled")}

    assert store.record()["message"] == "Job cancelled"


def test_cancelling_twice_keeps_the_first_reason(store: Store) -> None:
    """Given a job that is being cancelled / when it is cancelled again
    / I expect the same answer, nothing new.
    """
    store.running()
    store.cancel(mode="after_current_call", reason="first")
    before = exact(store.redis)

    assert store.cancel(reason="second", mode="after_current_call") == "cancelling"

    assert exact(store.redis) == before


def test_a_cancel_can_be_made_sooner_but_not_later(store: Store) -> None:
    """Given "after this call" / when "now" follows, then "after this call"
    / I expect "now" to stay.
    """
    store.running()
    store.cancel(mode="after_current_call")
    store.cancel(mode="now", reason="changed my mind")
    store.cancel(mode="after_current_call")

    assert store.report_progress() == "now"
    assert store.record()["cancel_reason"] == "changed my mind"


def test_a_job_that_is_given_back_after_cancel_is_not_given_on(store: Store) -> None:
    """Given a job that is being cancelled / when its worker wants to release it
    / I expect it to end, and not to be enqueued.
    """
    store.running()
    store.cancel()

    assert store.release() == []
    assert store.record()["status"] == "cancelled"


def test_a_job_that_kills_its_workers_fails(store: Store) -> None:
    """Given three workers lost / when the third loses its lease / I expect failed."""
    store.submit()
    for attempt in (1, 2):
        store.claim(attempt=attempt, owner=f"w{attempt}")
        store.make_due()
        assert store.reconcile() == {"j": (attempt + 1, "recovered")}
    store.claim(attempt=3, owner="w3")
    store.make_due()

    assert store.reconcile() == {"j": (3, "failed")}

    record = store.record()
    assert (record["status"], record["message"]) == ("failed", Message.FAILED)
    assert record["error"] == str(WorkerLost())
    assert '"code":"worker_lost"' in record["error_detail"]
    assert store.due() == set()


def test_a_job_that_nobody_started_fails_by_its_deadline(store: Store) -> None:
    """Given a job past its start deadline / when the reconciler runs
    / I expect failed, not vanished.
    """
    store.submit()
    store.pass_start_deadline()
    store.make_due()

    assert store.claim().refusal == "late"
    assert store.reconcile() == {"j": (1, "failed")}

    assert store.record()["error"] == str(ExpiredBeforeStart())
    assert '"code":"expired_before_start"' in store.record()["error_detail"]


def test_a_started_job_has_no_start_deadline(store: Store) -> None:
    """Given a job that has run and waits for another worker / when the deadline passes
    / I expect it to run.
    """
    store.running()
    store.release()
    store.pass_start_deadline()

    assert store.reconcile() == {"j": (2, "enqueue")}
    assert store.claim(attempt=2).refusal == ""


def test_the_last_fifty_durations_are_kept(store: Store) -> None:
    """Given 51 runs / I expect 50 durations, in seconds, the newest first."""
    for run in range(51):
        store.running(f"j{run}")
        store.redis.hincrby(keys.job(f"j{run}"), "attempt_started_ms", -1000 * run)
        store.finish(f"j{run}", durations=DURATIONS)

    stored = [float(seconds) for seconds in store.redis.lrange(DURATIONS, 0, -1)]

    assert len(stored) == 50
    assert stored == pytest.approx(list(range(50, 0, -1)), abs=1)


def test_how_long_answers_were_is_kept_beside_the_durations(store: Store) -> None:
    for run, values in (("a", "9 4 3 2"), ("b", None), ("c", "9 7 3 2")):
        store.running(run)
        store.finish(run, durations=DURATIONS, token_usage=values)

    assert store.redis.lrange(keys.token_usage("lore", "m"), 0, -1) == ["9 7 3 2", "9 4 3 2"]
    assert store.redis.llen(DURATIONS) == 3
    assert store.redis.ttl(keys.token_usage("lore", "m")) > 0


def test_a_damaged_list_stops_the_end_before_anything_is_written(store: Store) -> None:
    store.running()
    store.redis.set(keys.token_usage("lore", "m"), "not a list")

    with pytest.raises(ResponseError, match="is not a list"):
        store.finish(durations=DURATIONS, token_usage="1 1 1 1")

    assert store.record()["status"] == "processing"
    assert not store.redis.exists(DURATIONS)
    store.redis.delete(keys.token_usage("lore", "m"))


def test_only_what_was_made_counts_for_the_statistics(store: Store) -> None:
    """Given a failed, a cancelled and an uncounted run / I expect no durations of them."""
    store.running("failed")
    store.finish("failed", outcome="failed", durations=DURATIONS)
    store.running("cancelled")
    store.cancel("cancelled")
    store.finish("cancelled", durations=DURATIONS)
    store.running("uncounted")
    store.finish("uncounted")

    assert not store.redis.exists(DURATIONS)


def test_a_retried_job_waits_for_a_worker_as_long_as_it_said(store: Store) -> None:
    """Given a job that wanted to start within a minute / when it is retried / I expect the same."""
    store.submit(start_deadline_s=60.0)
    store.claim()
    store.finish(outcome="failed")

    store.retry()

    record = store.record()
    assert int(record["start_by_ms"]) - int(record["updated_ms"]) == 60_000
