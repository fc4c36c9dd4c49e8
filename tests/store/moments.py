"""Every answer that a script can give, with a moment in which it gives it.

A moment brings a store to the point right before a script is run, and hands back the run. Three
suites walk through all of them: the answers themselves (test_answers), running twice
(test_twice), and keys of a wrong type (test_wrong_types). test_answers also compares this list
with the `Returns` of the scripts' headers, so that none can be forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass

from jobs import keys
from tests.store.driver import DURATIONS, Store, call_id

Act = Callable[[], object]
"""Runs the script; answers its reply, whole or the part that is named."""


@dataclass(frozen=True)
class Moment:
    """Right before `script` answers `answer`."""

    script: str
    answer: str
    arrange: Callable[[Store], Act]

    def __str__(self) -> str:
        return f"{self.script}:{self.answer}"


MOMENTS: list[Moment] = []


def moment(script: str, answer: str) -> Callable[[Callable[[Store], Act]], Callable[[Store], Act]]:
    def keep(arrange: Callable[[Store], Act]) -> Callable[[Store], Act]:
        MOMENTS.append(Moment(script, answer, arrange))
        return arrange

    return keep


@moment("submit", "created")
def a_new_job(store: Store) -> Act:
    return lambda: store.submit(key="k").code


@moment("submit", "existing")
def the_same_key_again(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.submit("other", key="k").code


@moment("submit", "mismatch")
def the_same_key_for_another_body(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.submit("other", key="k", fingerprint="fp2").code


@moment("submit", "deleted")
def the_key_of_a_deleted_job(store: Store) -> Act:
    store.submit(key="k")
    store.cancel()
    store.delete()
    return lambda: store.submit("other", key="k").code


@moment("claim", "ok")
def a_job_that_waits(store: Store) -> Act:
    store.submit()
    return lambda: store.claim().code


@moment("claim", "gone")
def a_job_nobody_made(store: Store) -> Act:
    return lambda: store.claim().code


@moment("claim", "terminal")
def a_cancelled_job(store: Store) -> Act:
    store.submit()
    store.cancel()
    return lambda: store.claim().code


@moment("claim", "stale")
def a_ring_for_an_older_attempt(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: store.claim(attempt=1).code


@moment("claim", "busy")
def a_job_that_another_worker_runs(store: Store) -> Act:
    store.running(owner="w2")
    return lambda: store.claim(owner="w").code


@moment("claim", "late")
def a_job_past_its_start_deadline(store: Store) -> Act:
    store.submit()
    store.too_late()
    return lambda: store.claim().code


@moment("beat", "ok")
def a_running_job(store: Store) -> Act:
    store.running()
    return lambda: store.tick(progress=30)


@moment("beat", "lost")
def a_job_taken_over(store: Store) -> Act:
    store.running()
    store.silent()
    store.sweep()
    return lambda: store.tick(progress=30)


@moment("beat", "now")
def a_job_told_to_stop(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.tick(progress=30)


@moment("beat", "after_current_call")
def a_job_told_to_stop_after_its_call(store: Store) -> Act:
    store.running()
    store.cancel(mode="after_current_call")
    return lambda: store.tick(progress=30)


@moment("checkpoint", "ok")
def a_step_is_done(store: Store) -> Act:
    store.running()
    return lambda: store.checkpoint().code


@moment("checkpoint", "lost")
def a_step_of_a_job_given_back(store: Store) -> Act:
    store.running()
    store.release()
    return lambda: store.checkpoint().code


@moment("finish", "completed")
def all_is_well(store: Store) -> Act:
    store.running(key="k")
    store.intent()
    return lambda: store.finish(durations=DURATIONS, result="[]", progress=100).code


@moment("finish", "failed")
def the_model_refuses(store: Store) -> Act:
    store.running(key="k")
    return lambda: store.finish(outcome="failed", error="refused").code


@moment("finish", "cancelled")
def it_was_told_to_stop(store: Store) -> Act:
    store.running(key="k")
    store.cancel()
    return lambda: store.finish(result="[1]").code


@moment("finish", "lost")
def somebody_else_finishes(store: Store) -> Act:
    store.running()
    return lambda: store.finish(owner="w2").code


@moment("finish", "terminal")
def it_is_finished_already(store: Store) -> Act:
    store.running()
    store.finish(outcome="failed")
    return lambda: store.finish().code


@moment("release", "ok")
def a_worker_stops(store: Store) -> Act:
    store.running()
    return lambda: store.release(counts=True).code


@moment("release", "cancel")
def a_worker_gives_back_what_must_stop(store: Store) -> Act:
    store.running()
    store.cancel()
    return lambda: store.release().code


@moment("release", "lost")
def a_worker_gives_back_what_it_lost(store: Store) -> Act:
    store.running()
    store.silent()
    store.sweep()
    return lambda: store.release().code


def swept(store: Store, **how: int) -> Act:
    """A sweep after the time to look at the job has come; the word about that job."""
    store.silent()
    return lambda: store.sweep(**how).get("j", ("", "nothing"))[1]


@moment("sweep", "ring")
def nobody_came_for_it(store: Store) -> Act:
    store.submit()
    return swept(store)


@moment("sweep", "recovered")
def its_worker_fell_silent(store: Store) -> Act:
    store.running()
    return swept(store)


@moment("sweep", "failed")
def it_lost_its_last_worker(store: Store) -> Act:
    store.running(key="k")
    return swept(store, max_lost=1)


@moment("sweep", "cancelled")
def it_was_told_to_stop_and_its_worker_fell_silent(store: Store) -> Act:
    store.running(key="k")
    store.cancel()
    return swept(store)


@moment("sweep", "gone")
def its_record_is_gone(store: Store) -> Act:
    store.submit()
    store.expire()
    return swept(store)


@moment("sweep", "waiting")
def the_server_has_just_come_back(store: Store) -> Act:
    store.running()
    return swept(store, take_over=False)


@moment("cancel", "cancelled")
def nobody_runs_it_yet(store: Store) -> Act:
    store.submit(key="k")
    return lambda: store.cancel().code


@moment("cancel", "cancelling")
def a_worker_runs_it(store: Store) -> Act:
    store.running()
    return lambda: store.cancel().code


@moment("cancel", "terminal")
def it_is_over(store: Store) -> Act:
    store.running()
    store.finish()
    return lambda: store.cancel().code


@moment("cancel", "gone")
def there_is_nothing_to_cancel(store: Store) -> Act:
    return lambda: store.cancel().code


def failed(store: Store) -> None:
    store.running(key="k")
    store.intent()
    store.settle()
    store.checkpoint()
    store.finish(outcome="failed", error="x")


@moment("retry", "ok")
def a_failed_job(store: Store) -> Act:
    failed(store)
    return lambda: store.retry(attempt=1).code


@moment("retry", "gone")
def there_is_nothing_to_retry(store: Store) -> Act:
    return lambda: store.retry().code


@moment("retry", "active")
def a_job_that_still_runs(store: Store) -> Act:
    store.running()
    return lambda: store.retry().code


@moment("retry", "stale")
def somebody_retried_it_before(store: Store) -> Act:
    failed(store)
    store.retry()
    store.cancel()
    return lambda: store.retry(attempt=1).code


@moment("retry", "unknown")
def a_call_may_have_been_bought(store: Store) -> Act:
    store.calling()
    store.settle(state="unknown")
    store.finish(outcome="failed")
    return lambda: store.retry().code


@moment("delete", "ok")
def a_finished_job(store: Store) -> Act:
    failed(store)
    return lambda: store.delete().code


@moment("delete", "gone")
def there_is_nothing_to_delete(store: Store) -> Act:
    return lambda: store.delete().code


@moment("delete", "active")
def a_job_that_waits_still(store: Store) -> Act:
    store.submit()
    return lambda: store.delete().code


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
