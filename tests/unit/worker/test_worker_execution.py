"""How a job ends, whatever happens to it on the way."""

import json
from dataclasses import replace
from typing import Any

import pytest
from redis.exceptions import RedisError, ResponseError

from jobs.errors import CallRefused, JobCancelled, JobError, JobLost, SinkFailed, TimedOut
from jobs.kinds.generate_characters import KIND
from jobs.states import Message, Status
from tests.runs import CHARACTER, OUTPUT, FakeClient, FakeShelf, FakeStore, run_of
from worker import patience
from worker.execution import Execution
from worker.store import Outcome


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience.time, "sleep", lambda _: None)


class Bench:
    """An execution with fakes around it."""

    def __init__(self, *answers: str | JobError) -> None:
        self.store, self.client, self.shelf = FakeStore(), FakeClient(list(answers)), FakeShelf()
        self.execution = Execution(self.store, self.client, self.shelf)  # type: ignore[arg-type]

    def execute(self, **record: Any) -> Outcome:
        """The end of a job that was written."""
        self.execution.execute(run_of(**record))
        ((_, outcome, _),) = self.store.ended
        return outcome


def kind_that(run: Any) -> Any:
    """The kind of characters with a `run` of its own."""
    return replace(KIND, run=run)


def raising(error: BaseException) -> Any:
    def run(payload: Any, context: Any) -> Any:
        raise error

    return kind_that(run)


def test_a_job_completes_with_its_result() -> None:
    outcome = Bench(OUTPUT).execute()

    assert outcome.status is Status.COMPLETED
    assert json.loads(outcome.fields["result"]) == [CHARACTER]
    assert outcome.fields["progress"] == 100
    assert outcome.fields["message"] == Message.COMPLETED
    assert json.loads(outcome.fields["usage"])["calls"] == 1
    assert outcome.fields["model"] == "m-1"


def test_just_before_it_is_at_90() -> None:
    bench = Bench(OUTPUT)

    bench.execute()

    last = bench.store.ended[0][2]
    assert last is not None
    assert (last.progress, last.message) == (90, "Finalizing characters...")


def test_a_fresh_run_counts_for_the_statistics() -> None:
    assert Bench(OUTPUT).execute().durations == "durations:generate_characters:"


def test_how_long_requests_and_answers_were_counts_too() -> None:
    """Given an answer of 200 tokens that may have 3,500 / I expect that noted; not of a second try,
    which may have bought less.
    """
    assert Bench(OUTPUT).execute().fields["lengths"] == "3500 200 0 100"
    assert Bench(OUTPUT).execute(attempt=2).fields["lengths"] is None


def test_a_second_attempt_does_not() -> None:
    """Given a job whose call was made before / I expect its short duration forgotten."""
    assert Bench(OUTPUT).execute(attempt=2).durations == ""


def test_a_failed_call_fails_the_job_with_its_code() -> None:
    outcome = Bench(CallRefused("no", retryable=False)).execute()

    detail = json.loads(outcome.fields["error_detail"])
    assert outcome.status is Status.FAILED
    assert outcome.fields["error"] == "no"
    assert (detail["code"], detail["retryable"]) == ("llm_refused", False)
    assert outcome.fields["message"] == Message.FAILED
    assert json.loads(outcome.fields["partial_result"])["complete_items"] == 1
    assert outcome.durations == ""


def test_a_job_over_its_time_fails_with_timeout() -> None:
    outcome = Bench(TimedOut()).execute()

    assert json.loads(outcome.fields["error_detail"])["code"] == "timeout"


def test_a_payload_that_does_not_fit_fails_by_naming_the_field_and_not_its_content() -> None:
    outcome = Bench().execute(payload='{"theme": "secret words", "count": 99}')

    detail = json.loads(outcome.fields["error_detail"])
    assert detail["code"] == "validation"
    assert "count" in outcome.fields["error"]
    assert "secret" not in outcome.fields["error"]


@pytest.mark.parametrize("payload", ["", "no JSON", "[]", "null"])
def test_a_damaged_payload_fails_the_job(payload: str) -> None:
    outcome = Bench().execute(payload=payload)

    assert json.loads(outcome.fields["error_detail"])["code"] == "validation"


def test_a_job_type_from_the_future_fails_by_name() -> None:
    outcome = Bench().execute(type="generate_dragons")

    assert "generate_dragons" in outcome.fields["error"]


def test_a_fault_of_ours_is_a_reference_and_the_log_has_the_rest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Given a kind with a bug / I expect the client told a reference, and no traceback."""
    run = run_of()
    run.kind = raising(KeyError("inner secret"))
    bench = Bench()

    bench.execution.execute(run)

    fields = bench.store.ended[0][1].fields
    detail = json.loads(fields["error_detail"])
    assert detail["code"] == "internal"
    assert "secret" not in json.dumps(fields)
    assert detail["reference"] in fields["error"]
    assert detail["reference"] in caplog.text
    assert "inner secret" in caplog.text


def test_a_result_that_is_no_json_is_a_fault_of_ours() -> None:
    run = run_of()
    run.kind = kind_that(lambda payload, context: object())
    bench = Bench()

    bench.execution.execute(run)

    assert json.loads(bench.store.ended[0][1].fields["error_detail"])["code"] == "internal"


def test_a_lost_job_says_nothing() -> None:
    run = run_of()
    run.kind = raising(JobLost())
    bench = Bench()

    assert bench.execution.execute(run) == "lost"
    assert bench.store.ended == []


def test_a_cancelled_job_keeps_what_it_has() -> None:
    outcome = Bench(JobCancelled()).execute()

    assert outcome.status is Status.CANCELLED
    assert outcome.fields["message"] == Message.CANCELLED
    assert json.loads(outcome.fields["partial_result"])["text"] == "Once upon a"
    assert json.loads(outcome.fields["usage"])["output_tokens"] == 200


def test_a_save_that_fails_keeps_the_world() -> None:
    def run(payload: Any, context: Any) -> Any:
        return context.save_world(user_id="u", title="t", theme="f", world={"title": "t"})

    job, bench = run_of(), Bench()
    job.kind = kind_that(run)
    bench.shelf.full = True

    bench.execution.execute(job)

    fields = bench.store.ended[0][1].fields
    detail = json.loads(fields["error_detail"])
    assert (detail["code"], detail["retryable"]) == (SinkFailed.code, True)
    assert fields["error"] == "the shelf is full"
    assert json.loads(fields["partial_result"]) == {"title": "t"}


def test_an_end_waits_for_redis() -> None:
    bench = Bench(OUTPUT)
    bench.store.away = 100

    assert bench.execute().status is Status.COMPLETED


def test_an_end_of_a_job_that_is_handed_back_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a Redis away for good / When the job is handed back / I expect no more tries."""
    run, bench, pauses = run_of(), Bench(), []
    run.kind = kind_that(lambda payload, context: [])
    bench.store.away = 10_000

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            run.stop(JobLost())

    monkeypatch.setattr(patience.time, "sleep", sleep)

    with pytest.raises(RedisError):
        bench.execution.execute(run)

    assert len(pauses) == 3
    assert bench.store.ended == []


def test_an_end_that_cannot_be_written_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(OUTPUT)

    def damaged(*args: Any) -> str:
        raise ResponseError("WRONGTYPE")

    monkeypatch.setattr(bench.store, "finish", damaged)

    with pytest.raises(ResponseError):
        bench.execution.execute(run_of())
