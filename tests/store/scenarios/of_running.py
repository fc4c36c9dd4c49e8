"""Submitting and running: submit, claim, heartbeat, checkpoint, release."""

from rq.suspension import resume, suspend

from loresmith.jobs.store import keys
from tests.store.driver import Store
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)


@scenario("jobs/submit", "created")
def a_new_job(store: Store) -> Act:
    return lambda: store.submit(key="k").outcome


@scenario("jobs/submit", "existing")
def the_same_key_again(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.submit("other", key="k").outcome


@scenario("jobs/submit", "mismatch")
def the_same_key_for_another_body(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.submit("other", key="k", fingerprint="fp2").outcome


@scenario("jobs/submit", "deleted")
def the_key_of_a_deleted_job(store: Store) -> Act:
    store.submit(key="k")
    store.cancel()
    store.delete()
    return lambda: store.submit("other", key="k").outcome


@scenario("jobs/submit", "full")
def a_queue_without_room(store: Store) -> Act:
    store.submit("first")
    return lambda: store.submit(key="k", limits=(9, 1)).outcome


@scenario("jobs/claim", "ok")
def a_job_that_waits(store: Store) -> Act:
    store.submit()
    return lambda: store.claim().refusal or "ok"


@scenario("jobs/claim", "gone")
def a_job_nobody_made(store: Store) -> Act:
    return lambda: store.claim().refusal or "ok"


@scenario("jobs/claim", "terminal")
def a_cancelled_job(store: Store) -> Act:
    store.submit()
    store.cancel()
    return lambda: store.claim().refusal or "ok"


@scenario("jobs/claim", "stale")
def a_message_for_an_older_attempt(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: store.claim(attempt=1).refusal or "ok"


@scenario("jobs/claim", "busy")
def a_job_that_another_worker_runs(store: Store) -> Act:
    store.running(owner="w2")
    return lambda: store.claim(owner="w").refusal or "ok"


@scenario("jobs/claim", "other_queue")
def a_message_in_the_wrong_queue(store: Store) -> Act:
    store.submit(queue="slow")
    return lambda: store.claim().refusal or "ok"


@scenario("jobs/claim", "paused")
def a_job_whose_queue_was_paused(store: Store) -> Act:
    store.submit()
    store.redis.hset(keys.PAUSED, "all", "{}")
    return lambda: store.claim().refusal or "ok"


@scenario("jobs/claim", "late")
def a_job_past_its_start_deadline(store: Store) -> Act:
    store.submit()
    store.pass_start_deadline()
    return lambda: store.claim().refusal or "ok"


@scenario("jobs/heartbeat", "ok")
def a_running_job(store: Store) -> Act:
    store.running()
    return lambda: store.report_progress(progress=30)


@scenario("jobs/heartbeat", "lost")
def a_job_taken_over(store: Store) -> Act:
    store.running()
    store.make_due()
    store.reconcile()
    return lambda: store.report_progress(progress=30)


@scenario("jobs/heartbeat", "now")
def a_cancelled_running_job(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.report_progress(progress=30)


@scenario("jobs/heartbeat", "after_current_call")
def a_cancelled_running_job_after_its_call(store: Store) -> Act:
    store.running()
    store.cancel(mode="after_current_call")
    return lambda: store.report_progress(progress=30)


@scenario("jobs/checkpoint", "ok")
def a_step_is_done(store: Store) -> Act:
    store.running()
    return lambda: "ok" if store.checkpoint() else "lost"


@scenario("jobs/checkpoint", "lost")
def a_step_of_a_job_given_back(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: "ok" if store.checkpoint() else "lost"


@scenario("jobs/release", "ok")
def a_worker_stops(store: Store) -> Act:
    store.running()
    return lambda: store.retry_later()


@scenario("jobs/release", "cancel")
def a_worker_gives_back_what_must_stop(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.retry_later()


@scenario("jobs/release", "lost")
def a_worker_gives_back_what_it_lost(store: Store) -> Act:
    store.running()
    store.make_due()
    store.reconcile()
    return lambda: store.retry_later()


@scenario("jobs/append_events", "ok")
def a_piece_of_text_comes(store: Store) -> Act:
    store.running()
    return lambda: store.append_event(2)


@scenario("jobs/append_events", "duplicate")
def a_piece_of_text_comes_again(store: Store) -> Act:
    store.running()
    store.append_event(2)
    return lambda: store.append_event(2)


@scenario("jobs/append_events", "lost")
def a_piece_of_text_of_another_worker(store: Store) -> Act:
    store.running()
    return lambda: store.append_event(2, owner="another")


@scenario("jobs/queue_position", "no_worker")
def nobody_is_there_to_run_it(store: Store) -> Act:
    store.submit()
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "suspended")
def rq_is_suspended(store: Store) -> Act:
    store.submit()
    store.heartbeat()
    return lambda: with_suspension(store, lambda: store.queue_position()[0])


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
    store.heartbeat()
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "paused")
def everything_is_paused(store: Store) -> Act:
    store.submit()
    store.redis.hset(keys.PAUSED, "all", "{}")
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "pool_closed")
def the_provider_refuses_its_model(store: Store) -> Act:
    return waiting_for_pool(store, closed_until_ms=10**14)


@scenario("jobs/queue_position", "pool_requests")
def its_model_has_no_request_left(store: Store) -> Act:
    return waiting_for_pool(store, set_requests=1, requests_left=0)


@scenario("jobs/queue_position", "pool_tokens")
def its_model_has_no_token_left(store: Store) -> Act:
    return waiting_for_pool(store, set_tokens=1, tokens_left=0)


@scenario("jobs/queue_position", "pool_concurrency")
def its_model_answers_as_many_as_it_may(store: Store) -> Act:
    store.redis.zadd(keys.pool_calls("p"), {"other": 10**14})
    return waiting_for_pool(store, set_concurrency=1)


def waiting_for_pool(store: Store, **limits: int) -> Act:
    store.redis.hset(keys.pool("p"), mapping=limits)
    store.heartbeat()
    store.submit(pool="p")
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "owner_concurrency")
def as_many_jobs_of_its_owner_run_as_may(store: Store) -> Act:
    store.redis.hset(keys.owner_limits("user:u"), "concurrency", 1)
    store.running("other")
    store.heartbeat()
    store.submit()
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "next_try")
def its_next_try_is_later(store: Store) -> Act:
    store.running()
    store.retry_later()
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "recovering")
def its_worker_gave_it_back(store: Store) -> Act:
    store.running()
    store.heartbeat()
    store.release()
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "running")
def somebody_runs_it(store: Store) -> Act:
    store.running()
    return lambda: store.queue_position()[0]


@scenario("jobs/queue_position", "gone")
def a_question_about_nothing(store: Store) -> Act:
    return lambda: store.queue_position()[0]
