"""A fencing token names one provider call: a late or repeated reply changes no other call."""

from loresmith.lore_service.ledger.ledger import IntentReply
from tests.store.driver import Store, call_id


def test_the_same_purchase_may_ask_again(store: Store) -> None:
    """Given an intent whose reply was lost / when it is sent again / I expect 'go' once more."""
    store.running()
    store.intent(fencing_token="t1")

    assert store.intent(fencing_token="t1") == IntentReply("go", call_id())


def test_another_purchase_attaches(store: Store) -> None:
    """Given a call in flight / when the same lore_service asks under a new token / I expect it
    to attach.
    """
    store.running()
    store.intent(fencing_token="t1")

    assert store.intent(fencing_token="t2") == IntentReply("attach", call_id())


def test_a_late_settlement_does_not_release_the_next_purchase(store: Store) -> None:
    """Given a call that was released and is in flight again / when the first release arrives a
    second time / I expect the one in flight untouched, or it would be bought twice.
    """
    store.running()
    store.intent(fencing_token="t1")
    store.settle(state="released", fencing_token="t1")
    store.intent(fencing_token="t2")

    assert store.settle(state="released", fencing_token="t1") == "settled"
    assert store.row()["state"] == "intent"
    assert store.settle(fencing_token="t2", text="ours") == "ok"


def test_a_settlement_without_the_token_is_refused(store: Store) -> None:
    """Given a row with a token / when somebody settles it without / I expect nothing to happen."""
    store.running()
    store.intent(fencing_token="t1")

    assert store.settle(fencing_token="none") == "settled"
    assert store.row()["state"] == "intent"


def test_a_new_purchase_inherits_nothing(store: Store) -> None:
    """Given a released call with an error / when it is bought again / I expect a clean row."""
    store.running()
    store.intent(fencing_token="t1")
    store.settle(
        state="released", fencing_token="t1", error='{"code":"llm_unavailable"}', reason="x"
    )

    store.intent(fencing_token="t2")

    assert not {"error", "reason", "settled_ms"} & set(store.row())


def test_the_text_of_a_deleted_job_is_not_kept(store: Store) -> None:
    """Given a job deleted while its call was in flight / when the text arrives / I expect the
    row to say that it was bought, and not what was written.
    """
    store.calling()
    store.finish(outcome="failed")
    store.delete()

    store.settle(text="Once upon")

    assert store.row()["state"] == "done"
    assert "text" not in store.row()
