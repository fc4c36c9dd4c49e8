"""A cancel reaches the model calls in flight, whoever is there to pass it on."""

from tests.store.driver import Store


def test_a_call_in_flight_is_marked(store: Store) -> None:
    """Given a running job with a call in flight / when it is cancelled
    / I expect the lore_service to learn of it by its next heartbeat, also when the worker is dead.
    """
    call = store.calling()

    assert store.cancel() == "cancelling"

    assert store.call_heartbeat(call) == "cancel"


def test_a_call_whose_job_nobody_owns_is_marked(store: Store) -> None:
    """Given a job between two workers, its call still in flight / when it is cancelled
    / I expect it cancelled at once and the call marked.
    """
    call = store.calling()
    store.make_due()
    store.reconcile()

    assert store.cancel() == "cancelled"

    assert store.call_heartbeat(call) == "cancel"


def test_a_call_that_is_to_be_finished_is_left_alone(store: Store) -> None:
    """Given a call in flight / when its job is cancelled after the current call
    / I expect the call to run on.
    """
    call = store.calling()

    store.cancel(mode="after_current_call")

    assert store.call_heartbeat(call) == "ok"


def test_a_settled_call_is_left_alone(store: Store) -> None:
    """Given a finished call / when the job is cancelled / I expect its row as it was."""
    call = store.calling()
    store.settle(call)
    before = store.row(call)

    store.cancel()

    assert store.row(call) == before


def test_now_overrules_later_but_not_the_other_way(store: Store) -> None:
    """Given a job that is to stop after its call / when somebody wants it stopped now, and then
    later again / I expect now.
    """
    store.running()

    store.cancel(mode="after_current_call")
    assert store.report_progress() == "after_current_call"

    store.cancel(mode="now")
    assert store.report_progress() == "now"

    store.cancel(mode="after_current_call")
    assert store.report_progress() == "now"
