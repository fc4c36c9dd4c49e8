"""Steps of plain code: run once, stopped in time, shown; and what else a context offers them."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from loresmith.jobs.core.errors import (
    CancelRequested,
    HttpFailed,
    JobLost,
    JobStopped,
    SinkFailed,
    StepFailed,
    TimedOut,
)
from loresmith.jobs.core.logs.formatter import SafeFormatter
from loresmith.jobs.core.status import ProgressSource
from loresmith.jobs.types.context import ContextMisused
from tests.unit.jobs.safe_http.local_server import reply, serving
from tests.unit.worker.context_harness import ContextHarness
from tests.unit.worker.execution_harness import ExecutionHarness
from tests.waiting import wait_until
from tests.worker_fakes import JOB_ID, OUTPUT


class Blocking:
    """A function that blocks until it is released, as a slow program would."""

    def __init__(self) -> None:
        self.started, self.released, self.ended = (threading.Event() for _ in range(3))
        self.error: BaseException | None = None

    def __call__(self, then: Callable[[], Any] = lambda: "late") -> Any:
        self.started.set()
        self.released.wait(20)
        try:
            return then()
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.ended.set()


@pytest.fixture
def harness() -> ContextHarness:
    return ContextHarness()


def test_a_result_is_what_json_makes_of_it_now_and_in_a_later_attempt(
    harness: ContextHarness,
) -> None:
    """Given a step that returns a tuple / when a second attempt reaches it
    / I expect a list both times, and one call of the function.
    """
    calls: list[int] = []

    def count(number: int) -> Any:
        calls.append(number)
        return {"pair": (number, 2)}

    first = harness.context.step("count", count, 1)
    again = ContextHarness(attempt=2)
    again.store.stored = harness.store.stored
    second = again.context.step("count", count, 1)

    assert first == second == {"pair": [1, 2]}
    assert calls == [1]


def test_a_function_gets_its_arguments_on_a_thread_of_its_own(harness: ContextHarness) -> None:
    here = threading.get_ident()

    assert harness.context.step("which", lambda: threading.get_ident() == here) is False
    assert harness.context.step("sum", sum, [1, 2, 3]) == 6


def test_its_error_is_the_job_s(harness: ContextHarness) -> None:
    def fail() -> None:
        raise StepFailed("The mailbox is empty.", retryable=True)

    with pytest.raises(StepFailed, match="mailbox"):
        harness.context.step("read", fail)
    assert harness.store.stored == {}


@pytest.mark.parametrize("name", ["", "a/b", "a b", "x" * 65, "ä"])
def test_a_step_has_a_plain_name(harness: ContextHarness, name: str) -> None:
    with pytest.raises(ContextMisused, match="the name of a step"):
        harness.context.step(name, int)


def test_two_steps_of_one_name_would_share_an_output(harness: ContextHarness) -> None:
    harness.context.step("read", int)

    with pytest.raises(ContextMisused, match="step read ran already"):
        harness.context.step("read", int)


def test_a_result_that_is_no_json_is_named(harness: ContextHarness) -> None:
    with pytest.raises(ContextMisused, match="step read returned a object that is no JSON"):
        harness.context.step("read", object)
    with pytest.raises(ContextMisused, match="more than"):
        harness.context.step("long", lambda: "x" * 5_000_000)


@pytest.mark.parametrize("use", ["step", "call", "save"])
def test_steps_and_saves_do_not_begin_inside_a_step(use: str) -> None:
    harness = ContextHarness(OUTPUT)
    uses: dict[str, Callable[[], Any]] = {
        "step": lambda: harness.context.step("inner", int),
        "call": harness.call,
        "save": lambda: harness.context.save("t", {}),
    }

    with pytest.raises(ContextMisused, match="inside a step"):
        harness.context.step("outer", uses[use])


def test_the_end_of_the_interpreter_is_not_for_a_step_to_decide() -> None:
    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(ContextMisused, match="step read raised SystemExit"):
        ContextHarness().context.step("read", leave)

    outcome = ExecutionHarness().execute(run=lambda payload, context: leave(), max_attempts=1)
    assert outcome.status == "failed"


@pytest.mark.parametrize("reason", [CancelRequested, JobLost])
def test_a_stop_ends_the_wait_for_a_function_that_blocks(
    harness: ContextHarness, reason: type[JobStopped]
) -> None:
    """Given a function that blocks / when the job is stopped
    / I expect its thread free at once, nothing stored, and the function stopped when it next uses
    the context.
    """
    blocking = Blocking()
    stopper = threading.Thread(
        target=lambda: (blocking.started.wait(20), harness.attempt.stop(reason()))
    )
    stopper.start()

    with pytest.raises(reason):
        harness.context.step("block", blocking, lambda: harness.context.progress(50))
    assert not blocking.ended.is_set()
    blocking.released.set()
    wait_until(blocking.ended.is_set, "the function ends")
    assert isinstance(blocking.error, reason)
    assert harness.store.stored == {}
    stopper.join()


def test_a_function_that_takes_too_long_fails_its_job() -> None:
    harness, blocking = ContextHarness(timeout_s="0.05"), Blocking()

    with pytest.raises(TimedOut):
        harness.context.step("block", blocking)
    with pytest.raises(TimedOut):
        harness.context.raise_if_cancelled()
    with pytest.raises(TimedOut):
        harness.context.step("next", int)
    blocking.released.set()
    assert harness.store.stored == {}


def test_a_job_cancelled_after_its_call_begins_no_other_step(harness: ContextHarness) -> None:
    harness.attempt.cancel_after_current_call()

    with pytest.raises(CancelRequested):
        harness.context.step("read", int)


def test_progress_is_measured_by_what_the_code_says_and_never_goes_back(
    harness: ContextHarness,
) -> None:
    shown = []

    def work() -> None:
        for percent, message in ((50, "5 of 10"), (20, "again\n2 of 10"), (500, "done")):
            harness.context.progress(percent, message)
            measured = harness.attempt.events.measured()
            assert measured
            shown.append((measured.share, measured.label, measured.source))

    harness.context.step("generate", work)

    sent = [(0.5, "5 of 10"), (0.5, "again 2 of 10"), (0.95, "done")]
    assert shown == [(*each, ProgressSource.STEPS) for each in sent]
    assert harness.attempt.events.measured() is None, "the next step starts without it"


def test_the_message_shows_what_the_code_says(harness: ContextHarness) -> None:
    messages = []

    def work() -> None:
        harness.context.progress(10, "12 of 24 invoices")
        messages.append(harness.attempt.snapshot().message)

    harness.context.step("generate", work)

    assert messages == ["Generating characters... (12 of 24 invoices)"]


def test_a_log_line_has_the_job_and_what_the_author_gives_it(
    harness: ContextHarness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "loresmith.job_types")
    harness.context.log.info("read\nthe mailbox", vendor="A b", count=3, job_id="another")
    (record,) = caplog.records

    assert record.name == "loresmith.job_types.generate_characters"
    text = SafeFormatter("worker").format(record)
    assert text.endswith('read the mailbox vendor="A b" count=3 job_id=another')
    as_json = SafeFormatter("worker", "json").format(record)
    assert '"message": "read the mailbox"' in as_json
    assert '"fields": {"vendor": "A b", "count": 3, "job_id": "another"}' in as_json


def test_a_saved_result_has_the_kind_of_its_job_type(harness: ContextHarness) -> None:
    assert harness.context.save("Invoices", {"total": 3}) == JOB_ID

    assert harness.archive.worlds == {JOB_ID: {"total": 3}}
    (saved,) = harness.archive.saved
    assert (saved["kind"], saved["title"]) == ("generate_characters", "Invoices")
    harness.context.save_world(title="t", theme="f", world={})
    assert harness.archive.saved[-1]["kind"] == "world"


def test_a_job_that_is_not_stored_saves_nothing() -> None:
    harness = ContextHarness(store="0")

    assert harness.context.save("Invoices", {"total": 3}) == JOB_ID
    assert harness.archive.worlds == {}


def test_an_archive_that_refuses_is_an_error_of_the_job(harness: ContextHarness) -> None:
    harness.archive.full = True

    with pytest.raises(SinkFailed):
        harness.context.save("Invoices", {"total": 3})


@pytest.mark.parametrize("in_step", [True, False])
def test_a_request_beside_and_inside_a_step(harness: ContextHarness, in_step: bool) -> None:
    with serving(lambda handler: reply(handler, b"hello")) as port:
        url = f"http://127.0.0.1:{port}/"

        def fetch() -> str:
            return harness.context.http.get(url).text

        assert (harness.context.step("fetch", fetch) if in_step else fetch()) == "hello"


@pytest.mark.parametrize("in_step", [True, False])
def test_a_cancelled_job_ends_its_request(harness: ContextHarness, in_step: bool) -> None:
    """Given a server that does not answer / when the job is cancelled
    / I expect the job's thread free, and the connection closed.
    """
    waiting, closed = threading.Event(), threading.Event()

    def hang(handler: Any) -> None:
        waiting.set()
        handler.connection.settimeout(20)
        if handler.connection.recv(1) == b"":
            closed.set()

    with serving(hang) as port:
        stopper = threading.Thread(
            target=lambda: (waiting.wait(20), harness.attempt.stop(CancelRequested()))
        )
        stopper.start()

        def fetch() -> Any:
            return harness.context.http.get(f"http://127.0.0.1:{port}/").text

        with pytest.raises(CancelRequested):
            harness.context.step("fetch", fetch) if in_step else fetch()
        wait_until(closed.is_set, "the connection is closed")
        stopper.join()


def test_a_request_that_fails_is_retryable_and_a_refused_one_is_not(
    harness: ContextHarness,
) -> None:
    with pytest.raises(HttpFailed) as failed:
        harness.context.http.get("http://127.0.0.1:1/")
    with pytest.raises(HttpFailed) as refused:
        harness.context.http.get("http://169.254.169.254/latest/meta-data")

    assert failed.value.as_detail()["retryable"] is True
    assert refused.value.as_detail()["retryable"] is False
    assert "not a public address" in str(refused.value)
