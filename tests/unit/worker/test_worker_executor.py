"""Jobs on threads: they finish, have a grace period, or are released."""

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from loresmith.jobs.store.queue import JobMessage
from loresmith.worker.adapters.store_types import QueueEntry
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.executor import JobThreadPool
from loresmith.worker.execution.running_jobs import RunningJobs
from tests.waiting import wait_until
from tests.worker_fakes import attempt_of


class FakeExecution:
    """Runs jobs until `finish` is set or they are stopped."""

    def __init__(self) -> None:
        self.finish = threading.Event()
        self.error: Exception | None = None

    def execute(self, attempt: JobAttempt) -> str:
        if self.error:
            raise self.error
        wait_until(lambda: self.finish.is_set() or attempt.stop_reason, "the job may end")
        return "lost" if attempt.stop_reason else "completed"


class FakeRegistry:
    def __init__(self) -> None:
        self.removed: list[tuple[str, str]] = []

    def remove(self, entry: QueueEntry, status: str = "", elapsed_s: float = 0.0) -> None:
        self.removed.append((entry.id, status))


class PoolHarness:
    def __init__(self) -> None:
        self.running, self.execution = RunningJobs(9), FakeExecution()
        self.registry = FakeRegistry()
        self.hurries = 0
        self.released: list[JobMessage] = []
        self.enqueued: list[JobMessage] = []
        dependencies: Any = (self.running, self.execution, self, self.registry, self, self.hurry)
        self.pool = JobThreadPool(*dependencies)

    def hurry(self) -> None:
        self.hurries += 1

    def release(self, jobs: Sequence[JobMessage], message: str) -> list[JobMessage]:
        self.released += jobs
        return [JobMessage(job.job_id, job.attempt + 1) for job in jobs]

    def enqueue(self, messages: Iterable[JobMessage]) -> None:
        self.enqueued += messages


@pytest.fixture
def harness() -> PoolHarness:
    return PoolHarness()


def test_an_ended_job_leaves_the_registry_before_its_slot_is_free(harness: PoolHarness) -> None:
    harness.execution.finish.set()

    harness.pool.start(attempt_of(id="a"))

    harness.running.wait_until_empty(5)
    assert harness.registry.removed == [("a_1", "completed")]


def test_an_internal_error_frees_the_slot_and_is_logged(
    harness: PoolHarness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.execution.error = RuntimeError("a bug")

    harness.pool.start(attempt_of(id="a"))

    assert harness.running.wait_until_empty(5)
    assert "internal error in a job" in caplog.text
    assert "error=RuntimeError" in caplog.text
    assert harness.registry.removed == [("a_1", "")]


def test_a_job_without_a_thread_is_released(
    harness: PoolHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        harness.pool.start(attempt_of(id="a"))

    assert harness.enqueued == [JobMessage("a", 2)]
    assert len(harness.running) == 0


def test_drain_waits_for_the_last_job(harness: PoolHarness) -> None:
    harness.pool.start(attempt_of(id="a"))
    threading.Timer(0.3, harness.execution.finish.set).start()

    harness.pool.drain(lambda: 0, shutdown_grace_s=0)

    assert harness.registry.removed == [("a_1", "completed")]
    assert harness.released == []


def test_drain_releases_jobs_after_the_grace_period(harness: PoolHarness) -> None:
    harness.pool.start(attempt_of(id="a"))

    harness.pool.drain(lambda: 1, shutdown_grace_s=0.1)

    assert harness.released == [JobMessage("a", 1)]
    assert harness.enqueued == [JobMessage("a", 2)]
    assert harness.registry.removed == [("a_1", "lost")]


def test_a_second_signal_ends_the_grace_period(harness: PoolHarness) -> None:
    harness.pool.start(attempt_of(id="a"))

    harness.pool.drain(lambda: 2, shutdown_grace_s=3_600)

    assert harness.enqueued == [JobMessage("a", 2)]


def test_a_text_that_is_read_live_wakes_the_heartbeat(harness: PoolHarness) -> None:
    attempt = attempt_of()
    harness.pool.start(attempt)

    attempt.events.show_now()
    attempt.events.show_now()

    assert harness.hurries == 1, "once, until the events are taken"
    attempt.events.pending()
    attempt.events.show_now()
    assert harness.hurries == 2
