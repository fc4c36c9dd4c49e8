"""After the end: a job is retried, or erased."""

from loresmith.api.services.job_store import RetryOutcome
from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.snapshot import exact


def test_a_retry_begins_again_with_what_there_is(store: Store) -> None:
    """Given a failed job with a checkpoint / when it is retried
    / I expect attempt 2 from 0, steps kept.
    """
    store.running()
    store.report_progress(progress=60)
    store.checkpoint(step="outline", output="[]")
    store.finish(outcome="failed", error="x", error_detail="{}", partial_result="[1]")

    assert store.retry(attempt=1) == RetryOutcome("ok", "2")

    record = store.record()
    assert (record["status"], record["phase"], record["progress"]) == ("pending", "queued", "0")
    assert (record["attempt"], record["generation"], record["worker_losses"]) == ("2", "1", "0")
    assert {"error", "error_detail", "completed_ms", "expires_ms", "cancel"} & set(record) == set()
    assert record["partial_result"] == "[1]"
    assert store.redis.hgetall(keys.steps("j")) == {"outline": "[]"}
    assert store.due() == {"j"}
    assert store.claim(attempt=2).record["progress"] == "20"


def test_a_retried_job_can_be_finished_although_it_was_cancelled_before(store: Store) -> None:
    """Given a cancelled job / when it is retried and completes
    / I expect completed: the mark is gone.
    """
    store.running()
    store.cancel()
    store.finish()
    store.retry()
    store.claim(attempt=2)

    assert store.finish(attempt=2, result="[]") == "completed"


def test_only_what_failed_or_was_cancelled_is_retried(store: Store) -> None:
    """Given a waiting, a running and a completed job / when retried
    / I expect a refusal with the status.
    """
    store.submit()
    assert store.retry() == RetryOutcome("active", "pending")
    store.claim()
    assert store.retry() == RetryOutcome("active", "processing")
    store.finish(result="[]")
    assert store.retry() == RetryOutcome("active", "completed")


def test_a_deleted_job_leaves_only_the_ledger_and_its_tombstone(store: Store) -> None:
    """Given a finished job with steps and calls / when it is deleted
    / I expect the bill to stay, no text.
    """
    store.running(key="k")
    store.intent()
    store.settle(text="secret lore", usage='{"cost":7}')
    store.checkpoint(output='"secret lore"')
    store.finish(result='"secret lore"')

    assert store.delete() == "ok"

    left = {
        key
        for key in store.redis.scan_iter()
        if key not in (keys.UPDATES, keys.DEADLINES, keys.WORKERS, keys.OUTBOX, keys.EPOCH)
        and not key.startswith("gate:queue:")
    }
    assert left == {"call:j/s/0", "idem:u:k"}
    assert store.row()["usage"] == '{"cost":7}'
    assert "secret lore" not in str(exact(store.redis))


def test_a_job_that_runs_is_not_deleted(store: Store) -> None:
    """Given a waiting and a running job / when they are deleted
    / I expect a refusal with the status.
    """
    store.submit()
    assert store.delete() == "active"
    store.claim()
    assert store.delete() == "active"
