"""The call ledger."""

from loresmith.jobs.store import keys
from tests.store.driver import Store, call_id
from tests.store.scenarios.scenario import Act, Scenario, collector

SCENARIOS: list[Scenario] = []
scenario = collector(SCENARIOS)


@scenario("calls/intent", "go")
def nobody_asked_before(store: Store) -> Act:
    store.running()
    return lambda: store.intent().outcome


@scenario("calls/intent", "attach")
def it_is_in_flight(store: Store) -> Act:
    store.calling()
    return lambda: store.intent(owner="lore2").outcome


@scenario("calls/intent", "done")
def it_was_bought_before(store: Store) -> Act:
    store.calling()
    store.settle()
    return lambda: store.intent().outcome


@scenario("calls/intent", "unknown")
def it_may_have_been_bought_before(store: Store) -> Act:
    store.calling()
    store.settle(state="unknown")
    return lambda: store.intent().outcome


@scenario("calls/intent", "unusable")
def what_was_bought_is_of_no_use(store: Store) -> Act:
    store.calling()
    store.settle()
    store.mark_unusable()
    return lambda: store.intent().outcome


@scenario("calls/intent", "cancelled")
def it_was_stopped_before(store: Store) -> Act:
    store.calling()
    store.settle(state="cancelled")
    return lambda: store.intent().outcome


@scenario("calls/intent", "fenced")
def a_worker_that_lost_the_job_asks(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: store.intent(attempt=1).outcome


@scenario("calls/intent", "cancel")
def the_job_must_stop(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.intent().outcome


@scenario("calls/intent", "absent")
def only_a_cached_response_would_do(store: Store) -> Act:
    store.running()
    return lambda: store.intent(request="r", cache="only").outcome


@scenario("calls/intent", "refused")
def it_costs_more_than_the_job_may(store: Store) -> Act:
    store.running(max_micros=99)
    return lambda: store.intent(max_micros=100).outcome


@scenario("calls/intent", "wait")
def its_pool_is_closed(store: Store) -> Act:
    store.running()
    store.redis.hset(keys.pool("m"), "closed_until_ms", 10**14)
    return lambda: store.intent(pool="m").outcome


@scenario("calls/settle", "ok")
def the_answer_came(store: Store) -> Act:
    store.calling()
    return lambda: store.settle(text='{"a":[]}')


@scenario("calls/settle", "settled")
def the_answer_came_before(store: Store) -> Act:
    store.calling()
    store.settle(state="cancelled")
    return lambda: store.settle(text="late")


@scenario("calls/settle", "gone")
def the_row_has_expired(store: Store) -> Act:
    return lambda: store.settle()


@scenario("calls/heartbeat", "ok")
def a_call_in_flight(store: Store) -> Act:
    store.calling()
    return lambda: store.call_heartbeat(text="Once upon")


@scenario("calls/heartbeat", "cancel")
def a_call_that_must_stop(store: Store) -> Act:
    store.calling()
    store.cancel_call()
    return lambda: store.call_heartbeat(text="Once upon")


@scenario("calls/heartbeat", "lost")
def a_call_that_somebody_else_has(store: Store) -> Act:
    store.calling()
    return lambda: store.call_heartbeat(owner="lore2", text="Once upon")


def reaped(store: Store) -> Act:
    """Returns a reaping after the lease of the lore_service, and what was done with the call."""
    store.expire_call_lease()
    return lambda: store.reap().get(call_id(), "nothing")


@scenario("calls/reap", "unknown")
def its_lore_service_lost_its_lease(store: Store) -> Act:
    store.calling()
    return reaped(store)


@scenario("calls/reap", "resume")
def the_provider_knows_it_by_an_id(store: Store) -> Act:
    store.redis.hset(keys.call(store.calling()), "response_id", "resp_1")
    return reaped(store)


@scenario("calls/note_response_id", "ok")
def the_provider_names_it(store: Store) -> Act:
    store.running()
    store.intent(fencing_token="t")
    return lambda: store.note_response_id()


@scenario("calls/note_response_id", "gone")
def an_id_for_a_purchase_that_is_over(store: Store) -> Act:
    store.running()
    store.intent(fencing_token="t")
    store.settle(fencing_token="t")
    return lambda: store.note_response_id()


@scenario("calls/mark_unusable", "ok")
def a_paid_text_is_of_no_use(store: Store) -> Act:
    store.calling()
    store.settle()
    return lambda: store.mark_unusable()


@scenario("calls/mark_unusable", "gone")
def no_finished_call_to_mark(store: Store) -> Act:
    store.calling()
    return lambda: store.mark_unusable()


@scenario("calls/cancel", "intent")
def a_call_in_flight_is_cancelled(store: Store) -> Act:
    store.calling()
    return lambda: store.cancel_call()


@scenario("calls/cancel", "absent")
def no_call_is_there(store: Store) -> Act:
    return lambda: store.cancel_call()
