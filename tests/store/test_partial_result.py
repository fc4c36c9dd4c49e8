"""What there is of a job that ends without its worker: it stays readable."""

import json
from collections.abc import Callable

import pytest

from tests.store.driver import Store

OUTPUT = '{"a":[],"b":"ü"}'
TEXT = 'She said "no\\yes",\n\tand left.\x01 ü'


def cancelled_while_it_waits(store: Store) -> None:
    store.retry_later(phase="waiting_provider", counts="wait")
    store.cancel()


def cancelled_when_its_worker_stops(store: Store) -> None:
    store.cancel()
    store.finish(outcome="cancelled")


def cancelled_when_its_worker_is_dead(store: Store) -> None:
    store.cancel()
    store.make_due()
    store.reconcile()


def lost_too_often(store: Store) -> None:
    store.make_due()
    store.reconcile(max_worker_losses=1)


ENDS = [
    cancelled_while_it_waits, cancelled_when_its_worker_stops, cancelled_when_its_worker_is_dead,
    lost_too_often,
]  # fmt: skip


def write(store: Store) -> None:
    """Finishes a step, and writes a part of the next one, which had to start again."""
    store.running()
    store.append_event(1, kind="step", value="started")
    store.checkpoint(step="outline", output=OUTPUT)
    store.append_event(2, kind="step", value="completed")
    store.append_event(3, kind="step", value="started")
    store.append_event(4, value="lost")
    store.append_event(5, value=TEXT)
    store.append_event(6, value=" Then", count=len(TEXT))
    store.append_event(7, kind="item", value='{"name":"Ada"}')


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_finished_steps_and_text_stay(store: Store, end: Callable[[Store], None]) -> None:
    write(store)

    end(store)

    assert json.loads(store.record()["partial_result"]) == {
        "steps": {"outline": json.loads(OUTPUT)},
        "step": "s",
        "text": f"{TEXT} Then",
        "items": [{"name": "Ada"}],
        "complete_items": 1,
    }


def test_a_job_that_wrote_nothing_has_none(store: Store) -> None:
    store.running()
    cancelled_while_it_waits(store)

    assert "partial_result" not in store.record()


def test_the_text_of_a_finished_step_is_not_kept_twice(store: Store) -> None:
    """Given a worker that stored an output, and gave the job back before it could say so."""
    store.running()
    store.append_event(1, kind="step", value="started")
    store.append_event(2, value='{"a":')
    store.checkpoint(output=OUTPUT)
    cancelled_while_it_waits(store)

    assert json.loads(store.record()["partial_result"]) == {"steps": {"s": json.loads(OUTPUT)}}


def test_what_a_worker_reports_counts(store: Store) -> None:
    write(store)
    store.finish(outcome="failed", partial_result='{"title":"t"}')

    assert store.record()["partial_result"] == '{"title":"t"}'


def test_a_retry_that_wrote_nothing_keeps_the_earlier_one(store: Store) -> None:
    """Given a failed job with text / when its retry is cancelled at once, and later after it wrote
    / I expect the earlier text, then the later one.
    """
    store.running()
    store.checkpoint(step="outline", output=OUTPUT)
    store.append_event(value="Once")
    store.finish(outcome="failed", partial_result='{"step":"s","text":"Once"}')
    store.retry()
    store.cancel()
    earlier = json.loads(store.record()["partial_result"])
    store.retry()
    store.claim(attempt=3)
    store.append_event(1, attempt=3, value="Twice")
    store.retry_later(attempt=3, phase="rate_limited", counts="wait")
    store.cancel()

    assert earlier["text"] == "Once"
    assert json.loads(store.record()["partial_result"])["text"] == "Twice"
