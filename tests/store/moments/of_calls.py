"""The call ledger."""

from jobs import keys
from tests.store.driver import Store, call_id
from tests.store.moments.moment import Act, Moment, collector

MOMENTS: list[Moment] = []
moment = collector(MOMENTS)


@moment("call_intent", "go")
def nobody_asked_before(store: Store) -> Act:
    store.running()
    return lambda: store.intent().code


@moment("call_intent", "attach")
def it_is_in_flight(store: Store) -> Act:
    store.calling()
    return lambda: store.intent(owner="lore2").code


@moment("call_intent", "done")
def it_was_bought_before(store: Store) -> Act:
    store.calling()
    store.settle()
    return lambda: store.intent().code


@moment("call_intent", "unknown")
def it_may_have_been_bought_before(store: Store) -> Act:
    store.calling()
    store.settle(state="unknown")
    return lambda: store.intent().code


@moment("call_intent", "unusable")
def what_was_bought_is_of_no_use(store: Store) -> Act:
    store.calling()
    store.settle()
    store.judge()
    return lambda: store.intent().code


@moment("call_intent", "cancelled")
def it_was_stopped_before(store: Store) -> Act:
    store.calling()
    store.settle(state="cancelled")
    return lambda: store.intent().code


@moment("call_intent", "fenced")
def a_worker_that_lost_the_job_asks(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: store.intent(attempt=1).code


@moment("call_intent", "cancel")
def the_job_must_stop(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.intent().code


@moment("call_intent", "absent")
def only_a_kept_answer_would_do(store: Store) -> Act:
    store.running()
    return lambda: store.intent(request="r", cache="only").code


@moment("call_settle", "ok")
def the_answer_came(store: Store) -> Act:
    store.calling()
    return lambda: store.settle(text='{"a":[]}').code


@moment("call_settle", "settled")
def the_answer_came_before(store: Store) -> Act:
    store.calling()
    store.settle(state="cancelled")
    return lambda: store.settle(text="late").code


@moment("call_settle", "gone")
def the_row_has_expired(store: Store) -> Act:
    return lambda: store.settle().code


@moment("call_beat", "ok")
def a_call_in_flight(store: Store) -> Act:
    store.calling()
    return lambda: store.call_beat(text="Once upon")


@moment("call_beat", "cancel")
def a_call_that_must_stop(store: Store) -> Act:
    store.calling()
    store.call_cancel()
    return lambda: store.call_beat(text="Once upon")


@moment("call_beat", "lost")
def a_call_that_somebody_else_has(store: Store) -> Act:
    store.calling()
    return lambda: store.call_beat(owner="lore2", text="Once upon")


def reaped(store: Store) -> Act:
    """A reaping after the lore_service fell silent; the word about the call."""
    store.call_silent()
    return lambda: store.reap().get(call_id(), ("nothing", ""))[0]


@moment("call_reap", "unknown")
def its_lore_service_fell_silent(store: Store) -> Act:
    store.calling()
    return reaped(store)


@moment("call_reap", "resume")
def the_provider_knows_it_by_an_id(store: Store) -> Act:
    store.redis.hset(keys.call(store.calling()), "response_id", "resp_1")
    return reaped(store)


@moment("call_note", "ok")
def the_provider_names_it(store: Store) -> Act:
    store.running()
    store.intent(ticket="t")
    return lambda: store.call_note().code


@moment("call_note", "gone")
def an_id_for_a_purchase_that_is_over(store: Store) -> Act:
    store.running()
    store.intent(ticket="t")
    store.settle(ticket="t")
    return lambda: store.call_note().code


@moment("call_judge", "ok")
def a_paid_text_is_of_no_use(store: Store) -> Act:
    store.calling()
    store.settle()
    return lambda: store.judge().code


@moment("call_judge", "gone")
def nothing_is_there_to_judge(store: Store) -> Act:
    store.calling()
    return lambda: store.judge().code


@moment("call_cancel", "intent")
def a_call_in_flight_is_cancelled(store: Store) -> Act:
    store.calling()
    return lambda: store.call_cancel().code


@moment("call_cancel", "absent")
def no_call_is_there(store: Store) -> Act:
    return lambda: store.call_cancel().code
