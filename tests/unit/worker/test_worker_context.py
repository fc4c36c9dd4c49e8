"""What a kind is given while it runs: calls that are bought once, and a place for worlds."""

import json
from typing import Any

import pytest

from jobs.errors import (
    JobCancelled,
    JobError,
    JobLost,
    JobStopped,
    OutputUnusable,
    SinkFailed,
    TimedOut,
)
from jobs.kinds.generate_characters import KIND, Payload
from tests.runs import CHARACTER, JOB_ID, OUTPUT, FakeClient, FakeShelf, FakeStore, run_of
from worker import patience
from worker.context import JobContext
from worker.lengths import Lengths
from worker.run import Run

RECIPE = KIND.recipes[0]
INPUT = Payload(theme="fantasy")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda _: None)


class Desk:
    """A context, and all that is around it."""

    def __init__(self, *answers: str | JobError | JobStopped, **record: Any) -> None:
        self.run: Run = run_of(**record)
        self.store, self.shelf = FakeStore(), FakeShelf()
        self.client = FakeClient(list(answers))
        self.context = JobContext(  # type: ignore[arg-type]
            self.run, self.store, self.client, self.shelf, Lengths()
        )

    def call(self, step: str = "generate") -> Any:
        return self.context.call(step, RECIPE, INPUT)


def test_a_call_is_asked_for_by_its_name_and_recipe() -> None:
    desk = Desk(OUTPUT, generation=2, attempt=3)

    made = desk.call()

    assert made.characters[0].name == "Ama"
    (request,) = desk.client.requests
    assert request.call_id == f"{JOB_ID}/generate/2"
    assert (request.attempt, request.recipe) == (3, "generate_characters")
    assert request.fingerprint == RECIPE.fingerprint
    assert json.loads(request.input_json)["theme"] == "fantasy"


def test_the_output_is_checkpointed_with_what_it_used() -> None:
    desk = Desk(OUTPUT)

    desk.call()

    assert json.loads(desk.store.stored["generate"]) == {"characters": [CHARACTER]}
    assert json.loads(desk.store.fields["usage"]) == {
        "input_tokens": 100,
        "output_tokens": 200,
        "cached_tokens": 0,
        "reasoning_tokens": 0,
        "cache_hits": 0,
        "calls": 1,
    }
    assert desk.store.fields["model"] == "m-1"


def test_what_is_checkpointed_is_not_asked_for() -> None:
    """Given a second attempt of a job whose call was stored / I expect no call."""
    desk = Desk(attempt=2)
    desk.store.stored["generate"] = OUTPUT

    assert desk.call().characters[0].name == "Ama"
    assert desk.client.requests == []


def test_a_first_attempt_does_not_even_look_for_checkpoints() -> None:
    desk = Desk(OUTPUT, attempt=1)

    desk.call()

    assert desk.store.asked_for_checkpoints == 0


def test_a_later_attempt_looks_once() -> None:
    desk = Desk(OUTPUT, OUTPUT, attempt=2)

    desk.call("a")
    desk.call("b")

    assert desk.store.asked_for_checkpoints == 1


def test_usage_goes_on_from_the_attempts_before() -> None:
    before = '{"input_tokens":1,"output_tokens":2,"cached_tokens":3,"calls":4}'
    desk = Desk(OUTPUT, attempt=2, usage=before)

    desk.call()

    assert vars(desk.context.usage) == {
        "input_tokens": 101,
        "output_tokens": 202,
        "cached_tokens": 3,
        "reasoning_tokens": 0,
        "cache_hits": 0,
        "calls": 5,
    }


def test_the_output_that_was_stored_first_is_the_output() -> None:
    """Given another one that stored the step first / I expect its output, not mine."""
    desk = Desk(OUTPUT)
    desk.store.stored["generate"] = OUTPUT.replace("Ama", "Bel")

    assert desk.call().characters[0].name == "Bel"


def test_a_result_waits_for_redis() -> None:
    """Given a Redis that is away when the call ends / I expect the result stored afterwards."""
    desk = Desk(OUTPUT)
    desk.store.away = 50

    desk.call()

    assert desk.store.stored["generate"] == OUTPUT


def test_a_job_that_is_another_worker_s_is_lost() -> None:
    desk = Desk(OUTPUT)
    desk.store.lost = True

    with pytest.raises(JobLost):
        desk.call()


def test_the_call_has_what_is_left_of_the_job_s_time() -> None:
    desk = Desk(OUTPUT, timeout_s=90)
    desk.run.started -= 60

    desk.call()

    assert 29 < desk.client.timeouts[0] < 31


def test_over_its_time_no_call_starts() -> None:
    desk = Desk(OUTPUT, timeout_s=90)
    desk.run.started -= 91

    with pytest.raises(TimedOut):
        desk.call()

    assert desk.client.requests == []


@pytest.mark.parametrize("why", [JobCancelled(), JobLost()])
def test_a_stop_reaches_the_call_in_flight(why: JobStopped) -> None:
    """Given a call in flight / When its job must stop / I expect the call told why, and its end."""
    desk = Desk(OUTPUT)
    desk.client.meanwhile = lambda: desk.run.stop(why)

    with pytest.raises(type(why)):
        desk.call()

    assert desk.client.calls[0].stopped_by is why


def test_a_call_that_ends_without_a_result_leaves_what_had_arrived() -> None:
    desk = Desk(TimedOut())

    with pytest.raises(TimedOut):
        desk.call()

    assert desk.context.partial_result() == {
        "step": "generate",
        "text": "Once upon a",
        "items": [{"name": "Ama"}],
        "complete_items": 1,
    }
    assert desk.context.usage.output_tokens == 200


def test_a_retry_asks_only_for_the_entities_that_are_missing() -> None:
    """Given an earlier attempt that finished one of three, beside one that fits nothing."""
    partial = {"step": "generate", "text": "…", "items": [CHARACTER, {"name": "half"}]}
    desk = Desk(OUTPUT, attempt=2, partial_result=json.dumps(partial))

    desk.call()

    (request,) = desk.client.requests
    assert [json.loads(item) for item in request.finished_items] == [CHARACTER]


@pytest.mark.parametrize(
    "partial",
    [
        {"step": "another", "items": [CHARACTER]},
        {"step": "generate", "items": [CHARACTER] * 3},
        {"steps": {}},
        ["no", "object"],
    ],
)
def test_what_is_no_beginning_of_this_step_is_not_built_on(partial: Any) -> None:
    desk = Desk(OUTPUT, attempt=2, partial_result=json.dumps(partial))

    desk.call()

    assert not desk.client.requests[0].finished_items


def test_a_job_told_to_stop_after_its_call_keeps_the_output() -> None:
    desk = Desk(OUTPUT, OUTPUT)
    desk.client.meanwhile = desk.run.stop_after_call

    desk.call("a")
    with pytest.raises(JobCancelled):
        desk.call("b")

    assert list(desk.store.stored) == ["a"]
    assert len(desk.client.requests) == 1


def test_the_steps_that_are_done_are_shown_of_a_job_that_fails() -> None:
    desk = Desk(OUTPUT, OutputUnusable())
    desk.call("a")

    with pytest.raises(OutputUnusable):
        desk.call("b")

    assert desk.context.partial_result()["steps"] == {"a": {"characters": [CHARACTER]}}


def test_an_output_that_fits_no_more_says_which() -> None:
    """Given a checkpoint of an older version / I expect an error that names step and recipe."""
    desk = Desk(attempt=2)
    desk.store.stored["generate"] = '{"people": []}'

    with pytest.raises(OutputUnusable, match=r"step generate does not fit .*generate_characters"):
        desk.call()


def test_a_world_is_saved_under_the_job_s_id() -> None:
    desk = Desk()

    saved = desk.context.save_world(user_id="u", title="t", theme="f", world={"title": "t"})

    assert saved == JOB_ID
    assert desk.shelf.worlds == {JOB_ID: {"title": "t"}}
    assert desk.run.meter.read().progress == 90


def test_a_world_that_cannot_be_saved_is_kept() -> None:
    desk = Desk()
    desk.shelf.full = True

    with pytest.raises(SinkFailed):
        desk.context.save_world(user_id="u", title="t", theme="f", world={"title": "t"})

    assert desk.context.partial_result() == {"title": "t"}


def test_a_world_of_a_cancelled_job_is_not_saved() -> None:
    desk = Desk()
    desk.run.stop(JobCancelled())

    with pytest.raises(JobCancelled):
        desk.context.save_world(user_id="u", title="t", theme="f", world={"title": "t"})

    assert desk.shelf.worlds == {}
    assert desk.context.partial_result() == {"title": "t"}
