"""Jobs that wait past their deadline while no worker listens."""

from loresmith.jobs.store import keys
from tests.store.driver import Store


def test_a_waiting_job_fails_at_its_deadline_without_a_worker(store: Store) -> None:
    """Given a started job that waits / when its deadline is over and no worker listens / I expect
    it failed; before, and without a deadline, it goes on waiting.
    """
    for job_id, fields in (("a", {"deadline_s": 60}), ("b", {"deadline_s": 9_000}), ("c", {})):
        store.running(job_id, **fields)
        store.retry_later(job_id, phase="waiting_provider", delay_s=0.001)
        store.redis.hincrby(keys.job(job_id), "created_ms", -3_600_000)
        store.make_due(job_id)

    assert {job_id: what for job_id, (_, what) in store.reconcile().items()} == {
        "a": "failed",
        "b": "enqueue",
        "c": "enqueue",
    }
    assert '"code":"timeout"' in store.record("a")["error_detail"]


def test_the_deadline_of_a_retried_job_starts_anew(store: Store) -> None:
    """Given a job that is retried after its deadline / when it waits / I expect it to go on."""
    store.running(deadline_s=60)
    store.finish(outcome="failed")
    store.redis.hincrby(keys.job("j"), "created_ms", -3_600_000)
    store.retry()
    store.claim(attempt=2)
    store.retry_later(attempt=2, phase="waiting_provider", delay_s=0.001)
    store.make_due()

    assert store.reconcile()["j"][1] == "enqueue"


def test_a_running_job_is_recovered_after_its_deadline(store: Store) -> None:
    """Given a job past its deadline whose worker is lost / I expect its next worker to decide."""
    store.running(deadline_s=60)
    store.redis.hincrby(keys.job("j"), "created_ms", -3_600_000)
    store.make_due()

    assert store.reconcile()["j"][1] == "recovered"
    assert store.record()["worker_losses"] == "1"
