"""The calls of a job cost at most what its submission has allowed, whoever asks for them."""

import pytest

from loresmith.jobs.store import keys
from tests.store.driver import Store, call_id


def test_calls_are_bought_up_to_the_maximum_of_the_job(store: Store) -> None:
    """Given steps of a stranger's own naming on a running job / I expect an end to the spending."""
    store.running(max_micros=250)

    codes = [store.intent(step=f"mine-{i}", max_micros=100).code for i in range(5)]

    assert codes == ["go", "go", "refused", "refused", "refused"]
    assert store.intent(step="mine-2", max_micros=100) == ("refused", "limit")
    assert store.redis.scard(keys.calls("j")) == 2, "a refused call leaves nothing"
    assert not store.redis.exists(keys.call(call_id(step="mine-2")))


def test_what_a_call_really_cost_counts_once_it_has_ended(store: Store) -> None:
    store.running(max_micros=150)
    store.intent(step="a", max_micros=100)
    assert store.intent(step="b", max_micros=100).code == "refused"

    store.settle(call_id(step="a"), cost_micros=50)

    assert store.intent(step="b", max_micros=100).code == "go"


def test_a_call_of_unknown_outcome_counts_in_full(store: Store) -> None:
    store.running(max_micros=150)
    store.intent(step="a", max_micros=100)
    store.settle(call_id(step="a"), state="unknown")

    assert store.intent(step="b", max_micros=100).code == "refused"


def test_a_retry_may_spend_the_maximum_once_more(store: Store) -> None:
    store.running(max_micros=100)
    store.intent(max_micros=100)
    store.settle(state="cancelled")
    store.finish(outcome="failed")
    store.retry()
    store.claim(attempt=2)

    assert store.intent(attempt=2, generation=1, max_micros=100).code == "go"
    assert store.intent(attempt=2, generation=1, step="t", max_micros=1).code == "refused"


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
    names = [keys.job("j"), keys.call(call_id()), keys.calls("j"), keys.CALL_DEADLINES]
    fields = [part for pair in call.items() for part in pair]

    reply = store.run("calls/intent", names, "j", 1, "s", 0, "lore", 15_000, "model", "m", *fields)

    assert reply[0] == code
    assert code == "go" or reply == ["refused", "price"]


def test_a_job_has_a_limited_number_of_calls(store: Store) -> None:
    """Given a model that costs nothing / I expect an end to its calls, too."""
    store.running()
    store.redis.sadd(keys.calls("j"), *(f"j/s{i}/0" for i in range(999)))

    assert store.intent(step="last").code == "go"
    assert store.intent(step="more") == ("refused", "calls")


def test_a_known_result_is_given_also_at_the_limit(store: Store) -> None:
    store.running(max_micros=100)
    store.intent(max_micros=100)
    store.settle(cost_micros=100)

    assert store.intent(max_micros=100).code == "done"
    assert store.intent(step="t", max_micros=1).code == "refused"
