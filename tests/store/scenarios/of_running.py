"""Submitting and running: submit, claim, beat, checkpoint, release."""

from rq.suspension import resume, suspend

from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)


@scenario("jobs/submit", "created")
def a_new_job(store: Store) -> Act:
    return lambda: store.submit(key="k").code


@scenario("jobs/submit", "existing")
def the_same_key_again(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.submit("other", key="k").code


@scenario("jobs/submit", "mismatch")
def the_same_key_for_another_body(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.submit("other", key="k", fingerprint="fp2").code


@scenario("jobs/submit", "deleted")
def the_key_of_a_deleted_job(store: Store) -> Act:
    store.submit(key="k")
    store.cancel()
    store.delete()
    return lambda: store.submit("other", key="k").code


@scenario("jobs/submit", "full")
def a_queue_without_room(store: Store) -> Act:
    store.submit("first", indexes="user_id:u")
    return lambda: store.submit(key="k", indexes="user_id:u", limits=(9, 1)).code


@scenario("jobs/claim", "ok")
def a_job_that_waits(store: Store) -> Act:
    store.submit()
    return lambda: store.claim().code


@scenario("jobs/claim", "gone")
def a_job_nobody_made(store: Store) -> Act:
    return lambda: store.claim().code


@scenario("jobs/claim", "terminal")
def a_cancelled_job(store: Store) -> Act:
    store.submit()
    store.cancel()
    return lambda: store.claim().code


@scenario("jobs/claim", "stale")
def a_ring_for_an_older_attempt(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: store.claim(attempt=1).code


@scenario("jobs/claim", "busy")
def a_job_that_another_worker_runs(store: Store) -> Act:
    store.running(owner="w2")
    return lambda: store.claim(owner="w").code


@scenario("jobs/claim", "other_queue")
def a_message_in_the_wrong_queue(store: Store) -> Act:
    store.submit(queue="slow")
    return lambda: store.claim().code


@scenario("jobs/claim", "late")
def a_job_past_its_start_deadline(store: Store) -> Act:
    store.submit()
    store.too_late()
    return lambda: store.claim().code


@scenario("jobs/heartbeat", "ok")
def a_running_job(store: Store) -> Act:
    store.running()
    return lambda: store.tick(progress=30)


@scenario("jobs/heartbeat", "lost")
def a_job_taken_over(store: Store) -> Act:
    store.running()
    store.silent()
    store.reconcile()
    return lambda: store.tick(progress=30)


@scenario("jobs/heartbeat", "now")
def a_job_told_to_stop(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.tick(progress=30)


@scenario("jobs/heartbeat", "after_current_call")
def a_job_told_to_stop_after_its_call(store: Store) -> Act:
    store.running()
    store.cancel(mode="after_current_call")
    return lambda: store.tick(progress=30)


@scenario("jobs/checkpoint", "ok")
def a_step_is_done(store: Store) -> Act:
    store.running()
    return lambda: store.checkpoint().code


@scenario("jobs/checkpoint", "lost")
def a_step_of_a_job_given_back(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: store.checkpoint().code


@scenario("jobs/release", "ok")
def a_worker_stops(store: Store) -> Act:
    store.running()
    return lambda: store.release(counts="retry").code


@scenario("jobs/release", "cancel")
def a_worker_gives_back_what_must_stop(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.release().code


@scenario("jobs/release", "lost")
def a_worker_gives_back_what_it_lost(store: Store) -> Act:
    store.running()
    store.silent()
    store.reconcile()
    return lambda: store.release().code


@scenario("jobs/append_events", "ok")
def a_piece_of_text_comes(store: Store) -> Act:
    store.running()
    return lambda: store.tell(2)


@scenario("jobs/append_events", "duplicate")
def a_piece_of_text_comes_again(store: Store) -> Act:
    store.running()
    store.tell(2)
    return lambda: store.tell(2)


@scenario("jobs/append_events", "lost")
def a_piece_of_text_of_another_worker(store: Store) -> Act:
    store.running()
    return lambda: store.tell(2, owner="another")


@scenario("jobs/queue_position", "no_worker")
def nobody_is_there_to_run_it(store: Store) -> Act:
    store.submit()
    return lambda: store.waiting().code


@scenario("jobs/queue_position", "suspended")
def rq_is_suspended(store: Store) -> Act:
    store.submit()
    store.beat()
    return lambda: with_suspension(store, lambda: store.waiting().code)


def with_suspension(store: Store, ask: Act) -> object:
    """Asks while `rq suspend` is in effect."""
    suspend(store.redis)
    try:
        return ask()
    finally:
        resume(store.redis)


@scenario("jobs/queue_position", "queued")
def a_worker_is_there_and_has_not_taken_it(store: Store) -> Act:
    store.submit()
    store.beat()
    return lambda: store.waiting().code


@scenario("jobs/queue_position", "next_try")
def its_next_try_is_later(store: Store) -> Act:
    store.running()
    store.release(phase="retry_wait", wait_ms=60_000)
    return lambda: store.waiting().code


@scenario("jobs/queue_position", "recovering")
def its_worker_gave_it_back(store: Store) -> Act:
    store.running()
    store.beat()
    store.release()
    return lambda: store.waiting().code


@scenario("jobs/queue_position", "running")
def somebody_runs_it(store: Store) -> Act:
    store.running()
    return lambda: store.waiting().code


@scenario("jobs/queue_position", "gone")
def a_question_about_nothing(store: Store) -> Act:
    return lambda: store.waiting().code
