"""A job is looked after where its own queue is listened to."""

from tests.store.driver import Store


def test_only_a_worker_of_its_queue_counts_for_a_waiting_job(store: Store) -> None:
    """Given workers of other queues / I expect no_worker, and queued once one listens."""
    store.submit(queue="slow")

    store.heartbeat(owner="anna@home.1@lore,slower,so.slow")
    assert store.queue_position()[0] == "no_worker"

    store.heartbeat(owner="bert.2@lore,slow")
    assert store.queue_position()[0] == "queued"


def test_the_position_counts_the_pending_jobs_of_the_same_queue(store: Store) -> None:
    """Given jobs of two queues / when those in front start or end / I expect to move up, past none
    of the other queue.
    """
    for job_id, queue in [("a", "slow"), ("b", "lore"), ("c", "slow"), ("j", "slow")]:
        store.submit(job_id, queue=queue)
    positions = [position(store)]
    store.claim("a", queue="slow")
    positions.append(position(store))
    store.cancel("c")
    positions.append(position(store))
    store.retry("c")

    assert positions == [3, 2, 1]
    assert position(store, "b") == 1


def test_a_message_in_another_queue_is_refused_until_it_comes_in_its_own(store: Store) -> None:
    store.submit(queue="slow")
    assert store.claim().refusal == "other_queue"

    store.submit("k", queue="lore")
    assert store.claim("k").refusal == ""


def position(store: Store, job_id: str = "j") -> int:
    return int(store.queue_position(job_id)[1])
