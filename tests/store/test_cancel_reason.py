"""The reason of a cancel: in the record and in the events, until a retry; and who cancels."""

from tests.store.driver import Store


def test_a_cancel_without_a_reason_keeps_the_earlier_one(store: Store) -> None:
    store.running()
    store.cancel(mode="after_current_call", reason="too dear")
    store.cancel(mode="now")

    assert store.record()["cancel_reason"] == "too dear"


def test_events_of_a_cancelled_job_have_its_reason_and_who_acted(store: Store) -> None:
    """Given a running job that is cancelled, ends and is retried
    / I expect the reason in its events until the retry, and not after it.
    """
    store.running()
    store.cancel(reason="typo")
    store.finish()
    store.retry()

    events = [
        (event["type"], event.get("cancel_reason"), event.get("by")) for event in store.updates()
    ]
    assert events[-3:] == [
        ("status", "typo", "key:c"),
        ("done", "typo", "key:c"),
        ("status", None, "key:c"),
    ]
