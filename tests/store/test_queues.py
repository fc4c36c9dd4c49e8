"""A job is looked after where its own queue is listened to."""

from tests.store.driver import Store


def test_only_a_worker_of_its_queue_counts_for_a_waiting_job(store: Store) -> None:
    """Given workers of other queues / I expect no_worker, and queued once one listens."""
    store.submit(queue="slow")

    store.beat(owner="anna@home.1@lore,slower,so.slow")
    assert store.waiting().code == "no_worker"

    store.beat(owner="bert.2@lore,slow")
    assert store.waiting().code == "queued"


def test_a_message_in_another_queue_is_refused_until_it_comes_in_its_own(store: Store) -> None:
    store.submit(queue="slow")
    assert store.claim().code == "other_queue"

    store.submit("k", queue="lore")
    assert store.claim("k").code == "ok"
