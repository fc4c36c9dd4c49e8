"""The calls of a job cost at most what its submission has allowed, whoever asks for them."""

import pytest

from loresmith.jobs.store import keys
from loresmith.lore_service.ledger.ledger import CallId, IntentReply
from tests.store.direct import result_of
from tests.store.driver import Store, call_id


def test_calls_are_bought_up_to_the_maximum_of_the_job(store: Store) -> None:
    """Given steps of a stranger's own naming on a running job / I expect an end to the spending."""
    store.running(max_micros=250)

    codes = [store.intent(step=f"mine-{i}", max_micros=100).outcome for i in range(5)]

    assert codes == ["go", "go", "refused", "refused", "refused"]
    assert store.intent(step="mine-2", max_micros=100) == IntentReply("refused", exceeded="limit")
    assert store.redis.scard(keys.calls("j")) == 2, "a refused call leaves nothing"
    assert not store.redis.exists(keys.call(call_id(step="mine-2")))


def test_what_a_call_really_cost_counts_once_it_has_ended(store: Store) -> None:
    store.running(max_micros=150)
    store.intent(step="a", max_micros=100)
    assert store.intent(step="b", max_micros=100).outcome == "refused"

    store.settle(call_id(step="a"), cost_micros=50)

    assert store.intent(step="b", max_micros=100).outcome == "go"


def test_a_call_of_unknown_outcome_counts_in_full(store: Store) -> None:
    store.running(max_micros=150)
    store.intent(step="a", max_micros=100)
    store.settle(call_id(step="a"), state="unknown")

    assert store.intent(step="b", max_micros=100).outcome == "refused"


def test_a_retry_may_spend_the_maximum_once_more(store: Store) -> None:
    store.running(max_micros=100)
    store.intent(max_micros=100)
    store.settle(state="cancelled")
    store.finish(outcome="failed")
    store.retry()
    store.claim(attempt=2)

    assert store.intent(attempt=2, generation=1, max_micros=100).outcome == "go"
    assert store.intent(attempt=2, generation=1, step="t", max_micros=1).outcome == "refused"


@pytest.mark.parametrize(
    ("job", "call", "code"),
    [
        ({"max_micros": 1_000_000}, {}, "refused"),
        ({}, {"max_micros": 1}, "refused"),
        ({}, {"max_micros": 0}, "go"),
        ({"max_micros": 0}, {"max_micros": 0}, "go"),
        ({}, {}, "go"),
    ],
)
def test_another_model_than_the_one_that_was_priced(
    store: Store, job: dict[str, int], call: dict[str, int], code: str
) -> None:
    """Given a job with a price and a call without one, or the reverse / I expect no purchase."""
    store.running(**job)

    reply = result_of(store.ledger().intent(CallId("j", "s", 0), 1, "t", call))

    assert reply.outcome == code
    assert reply.exceeded == ("price" if code == "refused" else "")


def test_a_job_has_a_limited_number_of_calls(store: Store) -> None:
    """Given a model that costs nothing / I expect an end to its calls, too."""
    store.running()
    store.redis.sadd(keys.calls("j"), *(f"j/s{i}/0" for i in range(999)))

    assert store.intent(step="last").outcome == "go"
    assert store.intent(step="more") == IntentReply("refused", exceeded="calls")


def test_a_known_result_is_given_also_at_the_limit(store: Store) -> None:
    store.running(max_micros=100)
    store.intent(max_micros=100)
    store.settle(cost_micros=100)

    assert store.intent(max_micros=100).outcome == "done"
    assert store.intent(step="t", max_micros=1).outcome == "refused"
