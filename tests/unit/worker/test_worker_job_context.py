"""The context of a job type: calls that are bought once, and the archive."""

import json
from typing import Any

import pytest

from loresmith.jobs.core.errors import (
    CancelRequested,
    JobLost,
    JobStopped,
    OutputUnusable,
    SinkFailed,
    TimedOut,
)
from loresmith.worker.adapters import redis_retry
from tests.unit.worker.context_harness import SPEC, ContextHarness
from tests.worker_fakes import (
    CHARACTER,
    JOB_ID,
    OUTPUT,
)


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_retry.time, "sleep", lambda _: None)


def test_a_request_names_its_call_and_spec() -> None:
    harness = ContextHarness(OUTPUT, generation=2, attempt=3)

    output = harness.call()

    assert output.characters[0].name == "Ama"
    (request,) = harness.client.requests
    assert request.call_id == f"{JOB_ID}/generate/2"
    assert (request.attempt, request.model_call) == (3, "generate_characters")
    assert request.fingerprint == SPEC.fingerprint
    assert json.loads(request.input_json)["theme"] == "fantasy"


def test_the_output_is_checkpointed_with_its_usage() -> None:
    harness = ContextHarness(OUTPUT)

    harness.call()

    assert json.loads(harness.store.stored["generate"]) == {"characters": [CHARACTER]}
    assert json.loads(harness.store.fields["usage"]) == {
        "input_tokens": 100,
        "output_tokens": 200,
        "cached_tokens": 0,
        "reasoning_tokens": 0,
        "cache_hits": 0,
        "calls": 1,
    }
    assert harness.store.fields["model"] == "m-1"


def test_a_checkpointed_step_makes_no_call() -> None:
    """Given a second attempt of a job whose call was stored / I expect no call."""
    harness = ContextHarness(attempt=2)
    harness.store.stored["generate"] = OUTPUT

    assert harness.call().characters[0].name == "Ama"
    assert harness.client.requests == []


def test_a_first_attempt_reads_no_checkpoints() -> None:
    harness = ContextHarness(OUTPUT, attempt=1)

    harness.call()

    assert harness.store.checkpoint_reads == 0


def test_a_later_attempt_reads_checkpoints_once() -> None:
    harness = ContextHarness(OUTPUT, OUTPUT, attempt=2)

    harness.call("a")
    harness.call("b")

    assert harness.store.checkpoint_reads == 1


def test_usage_continues_from_earlier_attempts() -> None:
    before = '{"input_tokens":1,"output_tokens":2,"cached_tokens":3,"calls":4}'
    harness = ContextHarness(OUTPUT, attempt=2, usage=before)

    harness.call()

    assert vars(harness.context.summary().usage) == {
        "input_tokens": 101,
        "output_tokens": 202,
        "cached_tokens": 3,
        "reasoning_tokens": 0,
        "cache_hits": 0,
        "calls": 5,
    }


def test_the_first_stored_output_wins() -> None:
    """Given a worker that stored the step first / I expect its output."""
    harness = ContextHarness(OUTPUT)
    harness.store.stored["generate"] = OUTPUT.replace("Ama", "Bel")

    assert harness.call().characters[0].name == "Bel"


def test_storing_a_result_waits_for_redis() -> None:
    """Given Redis unavailable when the call ends / I expect the result stored afterwards."""
    harness = ContextHarness(OUTPUT)
    harness.store.failures = 50

    harness.call()

    assert harness.store.stored["generate"] == OUTPUT


def test_a_job_of_another_worker_is_lost() -> None:
    harness = ContextHarness(OUTPUT)
    harness.store.lost = True

    with pytest.raises(JobLost):
        harness.call()


def test_a_call_has_the_remaining_time_of_its_job() -> None:
    harness = ContextHarness(OUTPUT, timeout_s=90)
    harness.attempt.started_at -= 60

    harness.call()

    assert 29 < harness.client.timeouts[0] < 31


def test_no_call_starts_after_the_timeout() -> None:
    harness = ContextHarness(OUTPUT, timeout_s=90)
    harness.attempt.started_at -= 91

    with pytest.raises(TimedOut):
        harness.call()

    assert harness.client.requests == []


@pytest.mark.parametrize("reason", [CancelRequested(), JobLost()])
def test_a_stop_reaches_the_running_call(reason: JobStopped) -> None:
    """Given a running call / When its job must stop / I expect the call stopped with the reason."""
    harness = ContextHarness(OUTPUT)
    harness.client.during_wait = lambda: harness.attempt.stop(reason)

    with pytest.raises(type(reason)):
        harness.call()

    assert harness.client.calls[0].stop_reason is reason


def test_a_failed_call_leaves_a_partial_result() -> None:
    harness = ContextHarness(TimedOut())

    with pytest.raises(TimedOut):
        harness.call()

    assert harness.context.summary().partial_result == {
        "step": "generate",
        "text": "Once upon a",
        "items": [{"name": "Ama"}],
        "complete_items": 1,
    }
    assert harness.context.summary().usage.output_tokens == 200


def test_a_retry_requests_only_the_missing_entities() -> None:
    """Given an earlier attempt that finished one of three, and an invalid one."""
    partial = {"step": "generate", "text": "…", "items": [CHARACTER, {"name": "half"}]}
    harness = ContextHarness(OUTPUT, attempt=2, partial_result=json.dumps(partial))

    harness.call()

    (request,) = harness.client.requests
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
def test_a_partial_result_of_another_step_is_ignored(partial: Any) -> None:
    harness = ContextHarness(OUTPUT, attempt=2, partial_result=json.dumps(partial))

    harness.call()

    assert not harness.client.requests[0].finished_items


def test_a_job_cancelled_after_its_call_keeps_the_output() -> None:
    harness = ContextHarness(OUTPUT, OUTPUT)
    harness.client.during_wait = harness.attempt.cancel_after_current_call

    harness.call("a")
    with pytest.raises(CancelRequested):
        harness.call("b")

    assert list(harness.store.stored) == ["a"]
    assert len(harness.client.requests) == 1


def test_a_failed_job_shows_its_finished_steps() -> None:
    harness = ContextHarness(OUTPUT, OutputUnusable())
    harness.call("a")

    with pytest.raises(OutputUnusable):
        harness.call("b")

    assert harness.context.summary().partial_result["steps"] == {"a": {"characters": [CHARACTER]}}


def test_an_outdated_checkpoint_is_named_in_the_error() -> None:
    """Given a checkpoint of an older version / I expect an error that names step and spec."""
    harness = ContextHarness(attempt=2)
    harness.store.stored["generate"] = '{"people": []}'

    with pytest.raises(OutputUnusable, match=r"step generate does not match .*generate_characters"):
        harness.call()


def test_a_world_has_the_id_of_its_job() -> None:
    harness = ContextHarness()

    saved = harness.context.save_world(title="t", theme="f", world={"title": "t"})

    assert saved == JOB_ID
    assert harness.archive.worlds == {JOB_ID: {"title": "t"}}
    assert harness.attempt.tracker.snapshot().progress == 90


@pytest.mark.parametrize(("record", "seconds"), [({}, None), ({"world_retention_s": "60"}, 60)])
def test_a_world_is_kept_as_long_as_its_job_says(
    record: dict[str, str], seconds: float | None
) -> None:
    harness = ContextHarness(**record)

    harness.context.save_world(title="t", theme="f", world={"title": "t"})

    assert harness.archive.retention_s == seconds


def test_the_world_of_a_job_that_is_not_stored_never_enters_the_archive() -> None:
    harness = ContextHarness(store="0")

    assert harness.context.save_world(title="t", theme="f", world={"title": "t"}) == JOB_ID

    assert harness.archive.worlds == {}


def test_an_unsaved_world_is_the_partial_result() -> None:
    harness = ContextHarness()
    harness.archive.full = True

    with pytest.raises(SinkFailed):
        harness.context.save_world(title="t", theme="f", world={"title": "t"})

    assert harness.context.summary().partial_result == {"title": "t"}


def test_the_world_of_a_cancelled_job_is_not_saved() -> None:
    harness = ContextHarness()
    harness.attempt.stop(CancelRequested())

    with pytest.raises(CancelRequested):
        harness.context.save_world(title="t", theme="f", world={"title": "t"})

    assert harness.archive.worlds == {}
    assert harness.context.summary().partial_result == {"title": "t"}
