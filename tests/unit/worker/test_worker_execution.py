"""Every outcome of a job is stored."""

import json
from typing import Any

import pytest
from redis.exceptions import RedisError, ResponseError

from loresmith.jobs.core.errors import (
    CallRefused,
    CancelRequested,
    JobLost,
    SinkFailed,
)
from loresmith.jobs.core.status import Message, Status
from loresmith.worker.adapters import redis_retry
from tests.unit.worker.execution_harness import ExecutionHarness, job_type_with
from tests.worker_fakes import CHARACTER, OUTPUT, attempt_of

HEARTBEAT_INTERVAL_S = 0.001


@pytest.fixture(autouse=True)
def _no_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_retry.time, "sleep", lambda _: None)


def raising(error: BaseException) -> Any:
    def run(payload: Any, context: Any) -> Any:
        raise error

    return job_type_with(run)


def test_a_job_completes_with_its_result() -> None:
    outcome = ExecutionHarness(OUTPUT).execute()

    assert outcome.status is Status.COMPLETED
    assert json.loads(outcome.fields["result"]) == [CHARACTER]
    assert outcome.fields["progress"] == 100
    assert outcome.fields["message"] == Message.COMPLETED
    assert json.loads(outcome.fields["usage"])["calls"] == 1
    assert outcome.fields["model"] == "m-1"


def test_a_completed_job_passes_90() -> None:
    harness = ExecutionHarness(OUTPUT)

    harness.execute()

    (last,) = harness.store.outcomes[0][2]
    assert (last.progress, last.message) == (90, "Finalizing characters...")


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def shown_at_90(elapsed_s: float = 30.0, **record: Any) -> bool:
    """Runs a job of `elapsed_s`, and tells whether 90 % was sent by itself."""
    clock, harness = Clock(), ExecutionHarness(OUTPUT)
    attempt = attempt_of(clock, **record)
    clock.now += elapsed_s

    harness.execution.execute(attempt)

    sent = [snapshot.progress for sent in harness.store.heartbeats for _, snapshot in sent]
    assert sent in ([], [90])
    return bool(sent)


def test_a_long_job_shows_90_for_one_heartbeat() -> None:
    """Given a job that took its time / I expect 90 % to be sent before the end; not when a client
    waits for the result, in a batch, nor when the job took no time.
    """
    assert shown_at_90()
    assert not shown_at_90(awaited=1)
    assert not shown_at_90(batch_key="b-1")
    assert not shown_at_90(elapsed_s=0.2)


def test_a_job_that_shows_the_ladder_ends_with_each_step() -> None:
    """Given a call that ends before the ladder does / I expect the rest of its steps, then 90."""
    harness = ExecutionHarness(OUTPUT)

    harness.execute(options='{"progress": "ladder"}', progress=20)

    (_, _, last) = harness.store.outcomes[0]
    assert [snapshot.progress for snapshot in last] == [*range(21, 80), 90]
    assert {snapshot.message for snapshot in last[:-1]} == {""}


def test_the_duration_of_a_complete_run_is_recorded() -> None:
    assert ExecutionHarness(OUTPUT).execute().durations == "durations:generate_characters:"


def test_the_token_usage_of_a_complete_run_is_recorded() -> None:
    """Given 200 of at most 3,500 tokens / I expect both recorded, but not for a second attempt,
    which may have bought less.
    """
    assert ExecutionHarness(OUTPUT).execute().fields["token_usage"] == "3500 200 0 100"
    assert ExecutionHarness(OUTPUT).execute(attempt=2).fields["token_usage"] is None


def test_the_duration_of_a_second_attempt_is_not_recorded() -> None:
    """Given a job whose call was made before / I expect its short duration ignored."""
    assert ExecutionHarness(OUTPUT).execute(attempt=2).durations == ""


def test_a_failed_call_fails_the_job_with_its_code() -> None:
    outcome = ExecutionHarness(CallRefused("no", retryable=False)).execute()

    detail = json.loads(outcome.fields["error_detail"])
    assert outcome.status is Status.FAILED
    assert outcome.fields["error"] == "no"
    assert (detail["code"], detail["retryable"]) == ("llm_refused", False)
    assert outcome.fields["message"] == Message.FAILED
    assert json.loads(outcome.fields["partial_result"])["complete_items"] == 1
    assert outcome.durations == ""


def test_an_invalid_payload_names_the_field_without_its_content() -> None:
    outcome = ExecutionHarness().execute(payload='{"theme": "secret words", "count": 99}')

    detail = json.loads(outcome.fields["error_detail"])
    assert detail["code"] == "validation"
    assert "count" in outcome.fields["error"]
    assert "secret" not in outcome.fields["error"]


@pytest.mark.parametrize("payload", ["", "no JSON", "[]", "null"])
def test_a_damaged_payload_fails_the_job(payload: str) -> None:
    outcome = ExecutionHarness().execute(payload=payload)

    assert json.loads(outcome.fields["error_detail"])["code"] == "validation"


def test_an_internal_error_is_logged_under_a_reference(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a job type with a bug / I expect a reference for the client, and no traceback."""
    attempt = attempt_of()
    attempt.job_type = raising(KeyError("inner secret"))
    harness = ExecutionHarness()

    harness.execution.execute(attempt)

    fields = harness.store.outcomes[0][1].fields
    detail = json.loads(fields["error_detail"])
    assert detail["code"] == "internal"
    assert "secret" not in json.dumps(fields)
    assert detail["reference"] in fields["error"]
    assert detail["reference"] in caplog.text
    assert "KeyError" in caplog.text
    assert "inner secret" not in caplog.text


def test_a_result_without_json_form_is_an_internal_error() -> None:
    attempt = attempt_of()
    attempt.job_type = job_type_with(lambda payload, context: object())
    harness = ExecutionHarness()

    harness.execution.execute(attempt)

    assert json.loads(harness.store.outcomes[0][1].fields["error_detail"])["code"] == "internal"


def test_a_lost_job_stores_nothing() -> None:
    attempt = attempt_of()
    attempt.job_type = raising(JobLost())
    harness = ExecutionHarness()

    assert harness.execution.execute(attempt) == "lost"
    assert harness.store.outcomes == []


def test_a_cancelled_job_keeps_its_partial_result() -> None:
    outcome = ExecutionHarness(CancelRequested()).execute()

    assert outcome.status is Status.CANCELLED
    assert outcome.fields["message"] == Message.CANCELLED
    assert json.loads(outcome.fields["partial_result"])["text"] == "Once upon a"
    assert json.loads(outcome.fields["usage"])["output_tokens"] == 200


def test_a_failed_save_keeps_the_world() -> None:
    def run(payload: Any, context: Any) -> Any:
        return context.save_world(title="t", theme="f", world={"title": "t"})

    attempt, harness = attempt_of(), ExecutionHarness()
    attempt.job_type = job_type_with(run)
    harness.archive.full = True

    harness.execution.execute(attempt)

    fields = harness.store.outcomes[0][1].fields
    detail = json.loads(fields["error_detail"])
    assert (detail["code"], detail["retryable"]) == (SinkFailed.code, False)
    assert fields["error"] == "the archive is full"
    assert json.loads(fields["partial_result"]) == {"title": "t"}


def test_storing_an_outcome_waits_for_redis() -> None:
    harness = ExecutionHarness(OUTPUT)
    harness.store.failures = 100

    assert harness.execute().status is Status.COMPLETED


def test_a_released_job_gives_up_storing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given Redis unavailable / When the job is released / I expect no more tries."""
    attempt, harness, pauses = attempt_of(), ExecutionHarness(), []
    attempt.job_type = job_type_with(lambda payload, context: [])
    harness.store.failures = 10_000

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            attempt.stop(JobLost())

    monkeypatch.setattr(redis_retry.time, "sleep", sleep)

    with pytest.raises(RedisError):
        harness.execution.execute(attempt)

    assert len(pauses) == 3
    assert harness.store.outcomes == []


def test_a_permanent_store_error_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    harness = ExecutionHarness(OUTPUT)

    def damaged(*args: Any) -> str:
        raise ResponseError("WRONGTYPE")

    monkeypatch.setattr(harness.store, "finish", damaged)

    with pytest.raises(ResponseError):
        harness.execution.execute(attempt_of())
