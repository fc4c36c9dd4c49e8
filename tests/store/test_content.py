"""An ended job holds its text once, and none at all when it is not to be stored."""

from collections.abc import Callable

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import Store, call_id

SECRET = "Once upon a canary"


def written(store: Store, /, **fields: object) -> None:
    """A running job whose text is everywhere that a job writes it."""
    store.running(key="k", payload=f'{{"theme":"{SECRET}"}}', metadata=f'"{SECRET}"', **fields)
    store.intent()
    store.append_event(1, value=SECRET)
    store.append_event(2, kind="item", value=f'"{SECRET}"')
    store.settle(text=SECRET)
    store.checkpoint(output=f'"{SECRET}"')


def places(store: Store) -> set[str]:
    """The keys that hold the text."""
    matches = set()
    for key in store.redis.scan_iter():
        kind = store.redis.type(key)
        if kind == "hash":
            value = str(store.redis.hgetall(key))
        elif kind == "stream":
            value = str(store.redis.xrange(key))
        else:
            value = ""
        matches |= {key} if SECRET in value else set()
    return matches


def completed(store: Store) -> None:
    store.finish(result=f'"{SECRET}"')


def failed(store: Store) -> None:
    store.finish(outcome="failed", partial_result=f'"{SECRET}"')


def test_a_completed_job_holds_its_text_in_its_record(store: Store) -> None:
    """Given a job with deltas, items, a step and a call / when it completes
    / I expect its text in the record only, beside the stream of all jobs that forgets.
    """
    written(store)

    completed(store)

    assert places(store) == {"job:j", keys.UPDATES}


def test_a_failed_job_keeps_what_a_retry_reads(store: Store) -> None:
    """Given a step that is checkpointed and a paid call whose step is not / when the job fails
    / I expect the step, and the text of the call that only the ledger has.
    """
    written(store)
    store.intent(step="t")
    store.settle(call_id(step="t"), text=SECRET)

    failed(store)

    assert places(store) == {"job:j", "job:j:steps", "call:j/t/0", keys.UPDATES}


@pytest.mark.parametrize("end", [completed, failed])
def test_what_is_not_stored_leaves_no_text(store: Store, end: Callable[[Store], None]) -> None:
    """Given a job that is not to be stored / when its content is removed after its end
    / I expect its text nowhere, its record with its cost, and no retry.
    """
    written(store, store=0)
    end(store)
    assert store.remove_content() == 0, "not due yet"
    store.redis.zadd(keys.CONTENT, {"j": 1})

    assert (store.remove_content(), store.remove_content()) == (1, 0)

    record = store.record()
    assert places(store) == set()
    assert (record["payload"], int(record["content_removed_ms"]) > 0) == ("{}", True)
    assert {"spent_micros", "completed_ms", "expires_ms"} <= set(record)
    assert store.retry(consent=True).outcome == ("active" if end is completed else "removed")


def test_what_is_not_stored_stays_while_it_runs(store: Store) -> None:
    """Given an unfinished job that is not to be stored / when it is lost, recovered and read
    / I expect its content to stay: nothing that was paid is lost.
    """
    written(store, store=0)
    store.make_due()
    store.reconcile()

    assert store.remove_content("j") == 0

    assert {"job:j", "job:j:steps", "call:j/s/0"} <= places(store)


def test_a_retried_job_keeps_its_content_until_its_next_end(store: Store) -> None:
    written(store, store=0)
    failed(store)
    store.retry(consent=True)

    assert store.remove_content("j") == 0
    assert store.redis.zscore(keys.CONTENT, "j") is None
    assert "payload" in store.record()


def test_a_job_that_is_stored_keeps_its_content(store: Store) -> None:
    """Given an ended job without the option / when it was read / I expect its result to stay."""
    written(store)
    completed(store)

    assert store.remove_content("j") == 0
    assert store.record()["result"] == f'"{SECRET}"'


def test_a_call_that_settles_after_the_removal_brings_no_text_back(store: Store) -> None:
    written(store, store=0)
    store.intent(step="t")
    failed(store)
    assert store.remove_content("j") == 1

    assert store.settle(call_id(step="t"), text=SECRET) == "ok"

    assert places(store) == set()


def test_the_stream_of_all_jobs_forgets_after_minutes(store: Store) -> None:
    written(store)
    store.redis.xadd(keys.UPDATES, {"type": "new"})
    (old, _), *_ = store.redis.xrange(keys.UPDATES)
    store.redis.delete(keys.UPDATES)
    store.redis.xadd(keys.UPDATES, {"type": "old"}, id=f"{int(old.split('-')[0]) - 600_001}-0")
    store.redis.xadd(keys.UPDATES, {"type": "new"})

    store.expire_ended()

    assert [fields["type"] for _, fields in store.redis.xrange(keys.UPDATES)] == ["new"]
