"""A call in flight: kept alive, given up, resumed, stopped; and settled once."""

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import Store, call_id


def test_a_call_settles_once(store: Store) -> None:
    """Given a settled call / when it settles again in any way / I expect the first end to stand."""
    store.calling()
    assert store.settle(usage="1", text="first") == "ok"
    before = store.row()

    for state in ("done", "unknown", "released", "cancelled"):
        assert store.settle(state=state, usage="2", text="second") == "settled"

    assert store.row() == before
    assert store.redis.zcard(keys.CALL_DEADLINES) == 0


def test_a_late_result_corrects_an_unknown_once(store: Store) -> None:
    """Given a call given up as unknown / when its result comes after all
    / I expect it to be kept, once.
    """
    store.calling()
    store.settle(state="unknown")

    assert store.settle(state="cancelled") == "settled"
    assert store.settle(text="late", usage="7") == "ok"
    assert store.settle(text="later", usage="8") == "settled"

    assert store.intent().row["text"] == "late"


def test_the_id_of_another_purchase_is_not_noted(store: Store) -> None:
    """Given a call that was released and bought anew / when the first purchase names its id late
    / I expect the second one to have none.
    """
    store.running()
    store.intent(fencing_token="second")

    assert store.note_response_id(fencing_token="first") == "gone"
    assert "response_id" not in store.row()
    assert store.note_response_id(fencing_token="second", response_id="resp_2") == "ok"
    assert store.row()["response_id"] == "resp_2"


def test_a_call_is_kept_alive_with_its_text(store: Store) -> None:
    """Given a call whose lease is nearly over / when its owner sends a heartbeat
    / I expect a new lease, text kept.
    """
    store.calling()
    store.expire_call_lease()

    assert store.call_heartbeat(text="Once upon") == "ok"
    assert store.call_heartbeat() == "ok"

    assert store.row()["text"] == "Once upon"
    assert store.reap() == {}


def test_a_stranger_cannot_keep_a_call_alive(store: Store) -> None:
    """Given a call of another lore_service / when another lore_service sends a heartbeat
    / I expect 'lost' and none of its text.
    """
    store.calling()
    store.expire_call_lease()

    assert store.call_heartbeat(owner="stranger", text="Mine") == "lost"

    assert "text" not in store.row()
    assert store.reap() == {call_id(): "unknown"}


def test_a_call_whose_lore_service_died_is_unknown(store: Store) -> None:
    """Given a lore_service killed in mid-call / when it is reaped
    / I expect 'unknown', its text kept.
    """
    store.calling()
    store.call_heartbeat(text="Once upon")
    assert store.reap() == {}
    store.expire_call_lease()

    assert store.reap() == {call_id(): "unknown"}

    assert (store.row()["state"], store.row()["text"]) == ("unknown", "Once upon")
    assert store.redis.zcard(keys.CALL_DEADLINES) == 0
    assert store.call_heartbeat() == "lost"


def test_a_call_that_the_provider_knows_is_resumed_by_the_reaper(store: Store) -> None:
    """Given a response id / when its lore_service died
    / I expect the reaper to own the call and go on.
    """
    call = store.calling()
    store.redis.hset(keys.call(call), "response_id", "resp_1")
    store.expire_call_lease()

    assert store.reap(owner="reaper") == {call: "resume"}

    assert store.call_heartbeat(owner="lore") == "lost"
    assert store.call_heartbeat(owner="reaper") == "ok"
    assert store.reap() == {}
    assert store.settle(text="resumed") == "ok"


def test_the_index_of_calls_forgets_what_is_settled_or_gone(store: Store) -> None:
    """Given entries of a settled, an expired and a damaged call / when reaped
    / I expect them dropped.
    """
    store.calling()
    store.settle()
    store.redis.zadd(keys.CALL_DEADLINES, {call_id(): 1, "gone/s/0": 1, "damaged/s/0": 1})
    store.redis.set("call:damaged/s/0", "damage")

    assert store.reap() == {}

    assert store.redis.zcard(keys.CALL_DEADLINES) == 0
    store.redis.delete("call:damaged/s/0")


def test_a_reaper_takes_a_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given three calls with expired leases / when a reaper may take two
    / I expect the third to stay for the next.
    """
    store.running()
    for step in "abc":
        store.intent(step=step)
        store.expire_call_lease(f"j/{step}/0")

    monkeypatch.setattr("loresmith.lore_service.ledger.ledger.MAX_REAPED_AT_ONCE", 2)

    assert [len(store.reap()), len(store.reap())] == [2, 1]


def test_cancel_reaches_the_owner_by_its_heartbeat(store: Store) -> None:
    """Given a call in flight / when it is to be stopped
    / I expect its owner named, and its heartbeat to say so.
    """
    store.calling()
    assert store.call_heartbeat() == "ok"

    assert store.cancel_call() == "intent"

    assert store.call_heartbeat() == "cancel"


def test_a_settled_call_is_not_cancelled(store: Store) -> None:
    """Given a paid call / when it is to be stopped / I expect its state, and no mark on it."""
    store.calling()
    store.settle()

    assert store.cancel_call() == "done"

    assert "cancel" not in store.row()


def test_cancelling_a_job_stops_its_call_without_a_worker(store: Store) -> None:
    """Given a call in flight / when its job is cancelled now
    / I expect the heartbeat of its owner to say so.
    """
    store.calling()
    store.intent(step="paid")
    store.settle(call_id(step="paid"))

    store.cancel()

    assert store.call_heartbeat() == "cancel"
    assert "cancel" not in store.row(call_id(step="paid"))


def test_cancelling_after_the_current_call_lets_it_end(store: Store) -> None:
    """Given a call in flight / when its job is cancelled after it / I expect it to go on."""
    store.calling()

    store.cancel(mode="after_current_call")

    assert store.call_heartbeat() == "ok"
