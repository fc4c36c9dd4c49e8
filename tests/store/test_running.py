"""A worker and its job: claim, heartbeat, checkpoint, release."""

import pytest

from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage
from tests.store.direct import snapshot
from tests.store.driver import LEASE_MS, Store


def test_a_claim_hands_over_the_whole_record(store: Store) -> None:
    """Given a waiting job / when it is claimed / I expect all fields, at 20 %, with its message."""
    store.submit(payload='{"theme":"x"}')

    record = store.claim().record

    assert record == store.record()
    assert (record["status"], record["phase"]) == ("processing", "generating")
    assert record["lease_holder"] == "w"
    assert (record["progress"], record["message"]) == ("20", "Working")
    assert record["payload"] == '{"theme":"x"}'


def test_a_claim_whose_reply_was_lost_is_given_again(store: Store) -> None:
    """Given a claimed job / when the same worker asks again
    / I expect the same attempt, same record.
    """
    store.submit()
    first = store.claim()

    assert store.claim() == first
    assert store.claim(owner="w2").refusal == "busy"


def test_a_claim_starts_the_lease(store: Store) -> None:
    """Given a claim / I expect the job to be looked at when its lease ends, not before."""
    store.running()

    record = store.record()
    assert int(record["lease_ms"]) == int(record["attempt_started_ms"]) + LEASE_MS
    assert store.redis.zscore(keys.DEADLINES, "j") == int(record["lease_ms"])


def test_a_heartbeat_renews_the_lease(store: Store) -> None:
    """Given a job whose lease is nearly over / when its worker sends a heartbeat
    / I expect a new lease.
    """
    store.running()
    store.redis.hset(keys.job("j"), "lease_ms", 1)
    store.make_due()

    store.report_progress(progress=30)

    assert int(store.record()["lease_ms"]) > 1
    assert store.redis.zscore(keys.DEADLINES, "j") == int(store.record()["lease_ms"])
    assert store.reconcile() == {}


def test_a_heartbeat_registers_its_worker(store: Store) -> None:
    """Given a worker without jobs / when it sends a heartbeat / I expect it, and no dead one."""
    store.redis.zadd(keys.WORKERS, {"dead": 1})
    store.redis.hset(keys.WORKER_JOBS, "dead", 4)

    assert store.heartbeat(owner="w7") == []

    assert store.redis.zrange(keys.WORKERS, 0, -1) == ["w7"]
    assert store.redis.hgetall(keys.WORKER_JOBS) == {}


def test_progress_never_goes_down(store: Store) -> None:
    """Given 60 % / when heartbeats of 40 and 61 arrive / I expect 60, then 61."""
    store.running()
    store.report_progress(progress=60)

    store.report_progress(progress=40)
    assert store.record()["progress"] == "60"

    store.report_progress(progress=61)
    assert store.record()["progress"] == "61"


def test_a_retry_starts_where_its_steps_ended(store: Store) -> None:
    """Given a job that failed after a step / when it is retried and claimed / I expect the progress
    and the message that the step left, at once.
    """
    store.running()
    store.checkpoint(work_progress=54, work_message="Generating relics...")
    store.finish(outcome="failed")
    store.retry()

    record = store.claim(attempt=2).record

    assert (record["progress"], record["message"]) == ("54", "Generating relics...")


def test_progress_survives_a_takeover(store: Store) -> None:
    """Given 60 % on a worker that died / when another one claims the job / I expect 60, not 20."""
    store.running()
    store.report_progress(progress=60)
    store.make_due()
    assert store.reconcile() == {"j": (2, "recovered")}

    assert store.claim(attempt=2, owner="w2").record["progress"] == "60"

    assert [int(update["progress"]) for update in store.updates()] == [20, 60, 60, 60]


def test_one_heartbeat_for_many_jobs_answers_in_order(store: Store) -> None:
    """Given jobs of several fates / when one heartbeat has all
    / I expect an answer for each, in order.
    """
    for job_id in ("a", "b", "c", "d"):
        store.running(job_id)
    store.cancel("b")
    store.finish("c")

    reply = [snapshot(job_id, progress=50) for job_id in ("a", "b", "c", "absent", "d")]

    assert store.heartbeat(*reply) == ["ok", "now", "lost", "lost", "ok"]
    assert store.record("a")["progress"] == store.record("d")["progress"] == "50"


def test_a_heartbeat_without_change_makes_no_update(store: Store) -> None:
    """Given a job at 30 % / when a heartbeat says 30 again / I expect a new lease, no update."""
    store.running()
    store.report_progress(progress=30)
    before = len(store.updates())

    store.report_progress(progress=30)

    assert len(store.updates()) == before


def test_a_heartbeat_with_an_empty_message_keeps_the_old(store: Store) -> None:
    """Given a message / when heartbeats say nothing new / I expect it to stay."""
    store.running()
    store.report_progress(message="Writing the third")
    store.report_progress(progress=40)

    assert store.record()["message"] == "Writing the third"


def test_what_a_cancelled_job_shows_is_not_talked_over(store: Store) -> None:
    """Given "Cancelling..." / when the worker reports more / I expect message and phase to stay."""
    store.running()
    store.cancel()

    store.report_progress(progress=50, phase="finalizing", message="Nearly there")

    assert (store.record()["phase"], store.record()["message"]) == ("cancelling", "Cancelling...")


def test_the_first_checkpoint_wins(store: Store) -> None:
    """Given a stored step / when it is stored again / I expect the first output, handed back."""
    store.running()
    assert store.checkpoint(output='{"items":[]}') == '{"items":[]}'

    assert store.checkpoint(output='{"items":[1]}') == '{"items":[]}'
    assert store.redis.hgetall(keys.steps("j")) == {"s": '{"items":[]}'}


def test_what_grows_with_a_step_is_stored_with_it(store: Store) -> None:
    """Given a step and the usage so far / when it is stored twice
    / I expect the first usage, too.
    """
    store.running()

    store.checkpoint(output="[1]", usage='{"cost":1}')
    store.checkpoint(output="[2]", usage='{"cost":2}')

    assert store.record()["usage"] == '{"cost":1}'


def test_checkpoints_outlive_their_attempt(store: Store) -> None:
    """Given a checkpoint / when another worker takes over / I expect it to find it."""
    store.running()
    store.checkpoint(step="outline", output="[1]")
    store.release()
    store.claim(attempt=2, owner="w2")

    assert store.checkpoint(attempt=2, owner="w2", step="outline", output="[2]") == "[1]"


def test_what_is_given_back_can_be_taken_at_once(store: Store) -> None:
    """Given a worker that stops / when it releases a job
    / I expect the next attempt for anybody.
    """
    store.running()

    assert store.release() == [JobMessage("j", 2)]

    assert store.reconcile() == {"j": (2, "enqueue")}
    assert store.claim(attempt=2, owner="w2").refusal == ""
    assert "retries" not in store.record()


def test_a_retry_waits_for_its_time(store: Store) -> None:
    """Given a model that is overloaded / when the next try is in a minute
    / I expect no message before.
    """
    store.running()

    store.retry_later()

    record = store.record()
    assert (record["phase"], record["retries"], record["lease_holder"]) == ("retry_wait", "1", "")
    assert int(record["next_try_ms"]) == int(record["updated_ms"]) + 60_000
    assert store.reconcile() == {}
    store.make_due()
    assert store.reconcile() == {"j": (2, "enqueue")}


def test_the_wait_is_over_with_the_claim(store: Store) -> None:
    """Given a job that waited for its next try / when it is claimed
    / I expect no next try to be shown.
    """
    store.running()
    store.retry_later()

    store.claim(attempt=2)

    assert store.record()["next_try_ms"] == "0"


@pytest.mark.parametrize("page", [1, 2, 100])
def test_the_reconciler_handles_a_page(
    store: Store, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    """Given three jobs that are due / when a page has so many
    / I expect no more, longest due first.
    """
    for score, job_id in enumerate(("a", "b", "c")):
        store.submit(job_id)
        store.redis.zadd(keys.DEADLINES, {job_id: score})

    monkeypatch.setattr("loresmith.jobs.store.reconciler.PAGE", page)

    assert list(store.reconcile()) == ["a", "b", "c"][:page]


def test_the_reconciler_enqueues_again_later_not_at_once(store: Store) -> None:
    """Given a job that was enqueued for / when the next reconcile comes at once
    / I expect it left alone.
    """
    store.submit()
    store.make_due()

    assert store.reconcile() == {"j": (1, "enqueue")}
    assert store.reconcile() == {}


def test_what_its_worker_enqueues_is_left_alone(store: Store) -> None:
    """Given a job handed back by a worker that enqueues it / I expect no second message at once."""
    store.running()
    store.release(requeue_after_s=60)

    assert store.reconcile() == {}
    assert store.claim(attempt=2).refusal == ""


def test_an_expired_job_leaves_the_index(store: Store) -> None:
    """Given an entry whose job is gone / when the reconciler meets it
    / I expect it to meet it once.
    """
    store.submit()
    store.expire_keys()
    store.make_due()

    assert store.reconcile() == {"j": (0, "deleted")}

    assert store.due() == set()


def test_after_a_restart_live_workers_get_their_time(store: Store) -> None:
    """Given a server that was away / when reconciles may not take over yet
    / I expect the worker to keep it.
    """
    store.running()
    store.make_due()

    assert store.reconcile(take_over=False) == {"j": (1, "waiting")}

    assert store.report_progress(progress=30) == "ok"


def test_a_damaged_job_harms_no_other(store: Store) -> None:
    """Given one job whose record was overwritten by a text
    / I expect heartbeats and the reconciler to serve the rest.
    """
    store.running("a")
    store.running("b")
    store.redis.set(keys.job("a"), "damage")

    assert store.heartbeat(snapshot("a"), snapshot("b")) == ["lost", "ok"]
    store.make_due("a")
    store.make_due("b")
    assert store.reconcile() == {"a": (0, "gone"), "b": (2, "recovered")}

    store.expire_keys()
