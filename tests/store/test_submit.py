"""Submitting: one key, one job, and what the client sent is what is stored."""

import json

import pytest

from loresmith.jobs.store import keys
from tests.store.direct import identity
from tests.store.driver import NO_LIMITS, Store, idempotency_slot

AWKWARD = [
    '{"a":[]}',
    '{"a":{},"b":[[]]}',
    '{"n":9007199254740993}',
    '{"t":"žluť \\u0000 \\" 龍"}',
    "[]",
]


@pytest.mark.parametrize("payload", AWKWARD)
def test_json_comes_back_as_it_was_sent(store: Store, payload: str) -> None:
    """Given a payload that Lua's cjson would change / when it is submitted
    / I expect it untouched.
    """
    store.submit(payload=payload)

    assert store.record()["payload"] == payload
    assert store.claim().record["payload"] == payload
    json.loads(store.record()["payload"])


def test_a_new_job_waits_and_is_due(store: Store) -> None:
    """Given nothing / when a job is submitted / I expect it pending, at 0, and in the due index."""
    store.submit(user_id="u1", type="lore")

    record = store.record()
    assert (record["status"], record["phase"], record["progress"]) == ("pending", "queued", "0")
    assert (record["attempt"], record["generation"], record["lease_holder"]) == ("1", "0", "")
    assert (record["user_id"], record["version"]) == ("u1", "1")
    assert store.due() == {"j"}


def test_it_is_due_soon_and_must_start_within_a_day(store: Store) -> None:
    """Given a submitted job
    / I expect it to be due in 5 s and a start deadline in 24 h, by Redis' clock.
    """
    store.submit()

    created = int(store.record()["created_ms"])
    assert store.redis.zscore(keys.DEADLINES, "j") == created + 5_000
    assert int(store.record()["start_by_ms"]) == created + keys.DAY_MS


def test_a_second_submit_changes_nothing(store: Store) -> None:
    """Given a job / when its key comes again with whatever content
    / I expect the first one, untouched.
    """
    store.submit("first", key="k", payload='{"count":1}')
    before = store.record("first")

    assert identity(store.submit("second", key="k", payload='{"count":2}')) == ("existing", "first")
    assert identity(store.submit("second", key="k", fingerprint="other")) == ("mismatch", "first")

    assert store.record("first") == before
    assert store.record("second") == {}
    assert store.due() == {"first"}


def test_the_record_comes_with_the_answer(store: Store) -> None:
    """Given a submit, and its replay / I expect the stored record, without a second request."""
    created = store.submit("first", key="k", payload='{"a":1}')
    assert created.record == without_gate(store.record("first"))
    store.claim("first")

    assert store.submit("second", key="k").record == store.record("first")
    assert store.submit("first").record == store.record("first")


def without_gate(record: dict[str, str]) -> dict[str, str]:
    """Leaves out what the gate writes after the reply."""
    return {name: value for name, value in record.items() if name != "gate_cost"}


def test_an_id_is_a_key_too(store: Store) -> None:
    """Given a job without a key / when its id is submitted again
    / I expect the same or a mismatch.
    """
    store.submit("j", payload='{"count":1}')
    before = store.record()

    assert identity(store.submit("j", payload='{"count":2}')) == ("existing", "j")
    assert identity(store.submit("j", fingerprint="other")) == ("mismatch", "j")
    assert store.record() == before


def test_a_job_that_moved_on_is_not_set_back(store: Store) -> None:
    """Given a running job / when its submit is sent again / I expect it to run on."""
    store.running(key="k")
    store.report_progress(progress=55)

    assert identity(store.submit(key="k")) == ("existing", "j")

    assert store.record()["status"] == "processing"
    assert store.record()["progress"] == "55"


def test_keys_do_not_meet(store: Store) -> None:
    """Given two keys / when both submit / I expect two jobs, each slot naming its own."""
    assert identity(store.submit("a", key="k1")) == ("created", "a")
    assert identity(store.submit("b", key="k2")) == ("created", "b")

    assert store.redis.get(idempotency_slot("k1")) == "a fp"
    assert store.redis.get(idempotency_slot("k2")) == "b fp"


def test_a_deleted_job_is_not_made_again(store: Store) -> None:
    """Given a key whose job was deleted / when the key comes late
    / I expect 'deleted' and no job.
    """
    store.running("first", key="k")
    store.finish("first")
    store.delete("first")

    assert identity(store.submit("second", key="k")) == ("deleted", "first")
    assert identity(store.submit("second", key="k", fingerprint="other")) == ("deleted", "first")
    assert store.record("second") == {}


def test_a_record_without_a_message_is_whole(store: Store) -> None:
    """Given a submit that leaves fields out / I expect a job with an event, not half a one."""
    names = [keys.job("j")] * 2
    limits = (5_000, keys.DAY_MS, "type:lore", "", 0, *NO_LIMITS)
    store.run("jobs/submit", names, "j", "fp", *limits, "type", "lore")

    assert store.redis.xrange(keys.UPDATES)[0][1]["message"] == ""
    assert store.updates() == []
    assert store.due() == {"j"}
