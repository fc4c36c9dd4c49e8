"""The call ledger: at most one billable request for a call_id, and nothing paid is thrown away."""

import pytest

from loresmith.api.services.job_store import RetryOutcome
from loresmith.jobs.store import keys
from loresmith.lore_service.ledger.ledger import IntentReply
from tests.store.driver import LEASE_MS, Store, call_id


def retried(store: Store, attempt: int = 2, *, consent: bool = False) -> None:
    """The job fails, is retried and taken again."""
    store.finish(attempt=attempt - 1, outcome="failed")
    assert store.retry(consent=consent) == RetryOutcome("ok", str(attempt))
    store.claim(attempt=attempt)


def test_the_intent_is_written_before_the_request_leaves(store: Store) -> None:
    """Given a running job / when a call is about to be bought
    / I expect its row, its lease, its place.
    """
    store.running()

    assert store.intent(fingerprint="fp", hold_micros=5) == IntentReply("go", "j/s/0")

    row = store.row()
    assert (row["state"], row["job_id"], row["step"], row["lease_holder"]) == (
        "intent",
        "j",
        "s",
        "lore",
    )
    assert (row["attempt"], row["fingerprint"], row["hold_micros"], row["model"]) == (
        "1",
        "fp",
        "5",
        "m",
    )
    assert store.redis.zscore(keys.CALL_DEADLINES, "j/s/0") == int(row["intent_ms"]) + LEASE_MS
    assert store.redis.smembers(keys.calls("j")) == {"j/s/0"}


def test_a_second_asker_attaches(store: Store) -> None:
    """Given a call in flight / when anybody asks again
    / I expect to be sent to its owner, not to buy.
    """
    store.calling()

    assert store.intent(owner="lore2") == IntentReply("attach", "j/s/0")
    assert store.intent(owner="lore") == IntentReply("attach", "j/s/0")


def test_a_next_attempt_attaches_to_the_call_of_the_last(store: Store) -> None:
    """Given a worker that died in mid-call / when the next one asks
    / I expect the same call, not another.
    """
    store.calling()
    store.make_due()
    store.reconcile()
    store.claim(attempt=2, owner="w2")

    assert store.intent(attempt=2) == IntentReply("attach", "j/s/0")


def test_a_finished_call_is_replayed(store: Store) -> None:
    """Given a call that was paid / when it is asked for again / I expect its text as it came."""
    store.calling()
    store.settle(text='{"a":[]}', usage='{"cost":7}')

    reply = store.intent(owner="lore2")

    assert (reply.outcome, reply.call_id) == ("done", "j/s/0")
    assert (reply.row["text"], reply.row["usage"]) == ('{"a":[]}', '{"cost":7}')
    assert reply.row == store.row()


@pytest.mark.parametrize("state", ["unknown", "cancelled"])
def test_what_ended_badly_is_not_bought_again_unasked(store: Store, state: str) -> None:
    """Given a call of unknown outcome, or stopped / when it is asked for again
    / I expect the state.
    """
    store.calling()
    store.call_heartbeat(text="Once upon")
    store.settle(state=state)

    reply = store.intent()

    assert reply.outcome == state
    assert reply.row["text"] == "Once upon"


def test_a_call_that_was_not_bought_may_be_sent_again(store: Store) -> None:
    """Given a request that the provider refused / when it is asked for again
    / I expect a fresh 'go'.
    """
    store.calling()
    store.redis.hset(keys.call(call_id()), mapping={"response_id": "resp_1", "cancel": "1"})
    store.settle(state="released", error="429")

    assert store.intent(owner="lore2") == IntentReply("go", "j/s/0")

    row = store.row()
    assert (row["state"], row["lease_holder"]) == ("intent", "lore2")
    assert {"error", "usage", "text", "response_id", "cancel", "settled_ms"} & set(row) == set()
    assert store.call_heartbeat(owner="lore2") == "ok"


def test_a_useless_result_is_kept_but_never_replayed(store: Store) -> None:
    """Given a paid text that is no JSON / when it is marked unusable
    / I expect 'unusable', text and reason kept.
    """
    store.calling()
    store.settle(text="I am sorry")
    assert store.mark_unusable(error="no JSON") == "ok"

    reply = store.intent()

    assert reply.outcome == "unusable"
    assert (reply.row["text"], reply.row["error"]) == ("I am sorry", "no JSON")


def test_an_earlier_generation_is_replayed(store: Store) -> None:
    """Given a step that was paid before the job failed / when a retry asks for it
    / I expect it for nothing.
    """
    store.calling()
    store.settle(text="paid")
    retried(store)

    reply = store.intent(attempt=2, generation=1)

    assert (reply.outcome, reply.call_id) == ("done", "j/s/0")
    assert reply.row["text"] == "paid"
    assert store.row("j/s/1") == {}


def test_a_much_earlier_generation_is_replayed(store: Store) -> None:
    """Given a step paid three retries ago / I expect it to be found still."""
    store.calling()
    store.settle(text="paid")
    for attempt in (2, 3, 4):
        retried(store, attempt)

    reply = store.intent(attempt=4, generation=3)
    assert (reply.outcome, reply.call_id) == ("done", "j/s/0")


def test_a_call_that_is_being_stopped_is_not_joined_by_a_retry(store: Store) -> None:
    """Given a cancelled job whose call is still being stopped / when it is retried
    / I expect a call of its own.
    """
    store.calling()
    store.cancel()
    store.finish(outcome="cancelled")
    store.retry(consent=True)
    store.claim(attempt=2)

    assert store.intent(attempt=2, generation=1) == IntentReply("go", "j/s/1")


def test_a_call_in_flight_of_an_earlier_generation_is_attached_to(store: Store) -> None:
    """Given a call that outlived its job / when the retry asks
    / I expect to wait for it, not to buy.
    """
    store.calling()
    retried(store, consent=True)

    assert store.intent(attempt=2, generation=1) == IntentReply("attach", "j/s/0")


@pytest.mark.parametrize("end", ["unusable", "released", "cancelled"])
def test_a_retry_buys_anew_what_ended_badly(store: Store, end: str) -> None:
    """Given a call without a usable result / when a retry asks for it
    / I expect a new generation, bought.
    """
    store.calling()
    store.settle(state="done" if end == "unusable" else end)
    if end == "unusable":
        store.mark_unusable()
    retried(store)

    assert store.intent(attempt=2, generation=1) == IntentReply("go", "j/s/1")


def retried_with_consent(store: Store, attempt: int) -> None:
    assert store.retry(consent=True) == RetryOutcome("ok", str(attempt))
    store.claim(attempt=attempt)


def test_what_may_have_been_bought_is_bought_again_by_consent_only(store: Store) -> None:
    """Given a call of unknown outcome / when the job is retried / I expect to be asked first."""
    store.calling()
    store.settle(state="unknown")
    store.finish(outcome="failed")

    assert store.retry() == RetryOutcome("unknown", "j/s/0")
    assert store.record()["status"] == "failed"

    assert store.retry(consent=True) == RetryOutcome("ok", "2")
    store.claim(attempt=2)
    assert store.intent(attempt=2, generation=1) == IntentReply("go", "j/s/1")


@pytest.mark.parametrize("state", ["unknown", "intent"])
@pytest.mark.parametrize("step", ["s", "s~repair"])
def test_a_call_in_doubt_of_any_generation_needs_consent(
    store: Store, state: str, step: str
) -> None:
    """Given a job that ended with a call in doubt, and failed again after a consent
    / when it is retried / I expect to be asked before the first purchase and before the second.
    """
    store.running()
    store.intent(step=step)
    if state == "unknown":
        store.settle(call_id(step=step), state=state)
    store.finish(outcome="failed")
    assert store.retry() == RetryOutcome("unknown", call_id(step=step))
    retried_with_consent(store, attempt=2)
    store.intent(attempt=2, step="s", generation=1)
    store.settle(call_id(generation=1), state="released")
    store.finish(attempt=2, outcome="failed")

    assert store.retry() == RetryOutcome("unknown", call_id(step=step))


@pytest.mark.parametrize("bought", ["checkpointed", "answered"])
def test_a_call_in_doubt_of_a_step_that_is_not_bought_again_needs_no_consent(
    store: Store, bought: str
) -> None:
    """Given an unknown call whose step was bought with consent / when the job fails at another
    step / I expect no question.
    """
    store.calling()
    store.settle(state="unknown")
    store.finish(outcome="failed")
    retried_with_consent(store, attempt=2)
    store.intent(attempt=2, generation=1)
    store.settle(call_id(generation=1), state="done")
    if bought == "checkpointed":
        store.checkpoint(attempt=2, step="s")
        store.mark_unusable(call_id(generation=1))
    store.finish(attempt=2, outcome="failed")

    assert store.retry() == RetryOutcome("ok", "3")


def test_a_consent_covers_a_call_that_was_still_open(store: Store) -> None:
    """Given a consent to retry a job whose call is still in flight / when that call becomes
    unknown / I expect one automatic purchase, and the consent used up by it.
    """
    store.calling()
    store.finish(outcome="failed")

    retried_with_consent(store, attempt=2)
    assert store.record()["consent"] == "1"

    assert store.retry_later(attempt=2, counts="again") == "ok"
    record = store.record()
    assert (record["generation"], "consent" in record) == ("2", False)


def test_consent_is_asked_for_once_a_call(store: Store) -> None:
    """Given a consent that was used / when the job fails for another reason
    / I expect no second question.
    """
    store.calling()
    store.settle(state="unknown")
    retried(store, consent=True)
    store.intent(attempt=2, generation=1)
    store.settle(call_id(generation=1), text="bought again")
    store.finish(attempt=2, outcome="failed")

    assert store.retry() == RetryOutcome("ok", "3")


def test_no_call_starts_after_cancel(store: Store) -> None:
    """Given a job that is being cancelled / when any call of it is asked for
    / I expect a refusal and no row.
    """
    store.calling()
    store.settle()
    store.cancel(mode="after_current_call")

    assert store.intent(step="t").outcome == "cancel"
    assert store.row("j/t/0") == {}
