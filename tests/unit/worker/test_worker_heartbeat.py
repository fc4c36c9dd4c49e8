"""The rounds of the heartbeat thread: what is sent, and how the answers are applied."""

from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisUnavailable

from loresmith.jobs.core.errors import CancelRequested, JobLost
from loresmith.jobs.core.settings import Settings
from loresmith.worker.adapters.store_types import QueueEntry
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.running_jobs import RunningJobs
from loresmith.worker.progress.heartbeat import HeartbeatThread
from tests.waiting import wait_until
from tests.worker_fakes import FakeStore, attempt_of

CONFIG = Settings(lease_s=15, heartbeat_interval_s=0.5)


class FakeRegistry:
    def __init__(self) -> None:
        self.renewed: list[list[str]] = []
        self.removed: list[str] = []
        self.states: list[tuple[bool, bool]] = []

    def renew(self, entries: list[QueueEntry]) -> None:
        self.renewed.append([entry.id for entry in entries])

    def remove(self, entry: QueueEntry) -> None:
        self.removed.append(entry.id)

    def heartbeat(self, *, busy: bool, suspended: bool) -> None:
        self.states.append((busy, suspended))


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class HeartbeatHarness:
    """Runs single rounds on a fake clock."""

    def __init__(self) -> None:
        self.clock, self.store, self.registry = Clock(), FakeStore(), FakeRegistry()
        self.running, self.suspended = RunningJobs(10), False
        stores: Any = (self.store, self.registry)
        self.thread = HeartbeatThread(
            self.running.all, *stores, CONFIG, lambda: self.suspended, self.clock
        )

    def job(self, job_id: str = "a", **fields: Any) -> JobAttempt:
        attempt = attempt_of(self.clock, id=job_id, **fields)
        self.running.add(attempt)
        return attempt

    def round_after(self, seconds: float) -> list[tuple[str, int]]:
        """Runs a round and returns the job ids and progress that it sends."""
        self.clock.now += seconds
        before = len(self.store.heartbeats)
        self.thread.run_once()
        return [
            (job.job_id, snapshot.progress)
            for snapshots in self.store.heartbeats[before:]
            for job, snapshot in snapshots
        ]


@pytest.fixture
def harness() -> HeartbeatHarness:
    return HeartbeatHarness()


def test_only_changed_jobs_are_sent(harness: HeartbeatHarness) -> None:
    """Given a job of 30 s and one of an hour / When half a second passes / I expect one of them."""
    harness.job("quick", expected_s=30)
    harness.job("slow", expected_s=3_600)

    assert harness.round_after(0.5) == [("quick", 21)]


def test_each_job_is_sent_once_a_second(harness: HeartbeatHarness) -> None:
    harness.job("slow", expected_s=3_600)

    assert harness.round_after(0.5) == []
    assert harness.round_after(0.5) == [("slow", 20)]


def test_an_idle_worker_sends_a_heartbeat_each_third_of_a_lease(harness: HeartbeatHarness) -> None:
    for _ in range(60):
        harness.round_after(0.5)

    assert len(harness.store.heartbeats) == 6


def test_the_number_of_jobs_is_sent_when_it_changes(harness: HeartbeatHarness) -> None:
    """Given a job that starts and ends / I expect its worker to say so with the next round."""
    job = harness.job("slow", expected_s=3_600)
    harness.round_after(0.5)
    assert harness.store.running == 1

    harness.running.remove(job)
    harness.round_after(0.5)

    assert harness.store.running == 0


def test_a_job_that_shows_the_ladder_is_sent_each_step(harness: HeartbeatHarness) -> None:
    """Given a ladder of 5 s / when half a second passes / I expect its six steps, each sent."""
    harness.job(expected_s=5, options='{"progress": "ladder"}', progress=20)
    harness.job("b", expected_s=5, progress=20)

    sent = harness.round_after(0.5)

    assert sent == [*(("a", step) for step in range(21, 27)), ("b", 26)]


def test_a_failed_round_is_sent_with_the_next_one(harness: HeartbeatHarness) -> None:
    """Given a Redis that misses two rounds / I expect the third to send where the job is now."""
    harness.job(expected_s=30)
    harness.store.failures = 2

    for _ in range(2):
        with pytest.raises(RedisUnavailable):
            harness.round_after(0.5)

    assert harness.round_after(0.5) == [("a", 23)]


def test_rq_s_entries_are_renewed_each_third_of_a_lease(harness: HeartbeatHarness) -> None:
    harness.job()

    for _ in range(31):
        harness.round_after(0.5)

    assert harness.registry.renewed == [["a_1"]] * 3


def test_a_lost_job_is_stopped_and_removed(harness: HeartbeatHarness) -> None:
    attempt = harness.job()
    harness.store.answers = {"a": "lost"}

    harness.round_after(0.5)

    with pytest.raises(JobLost):
        attempt.raise_if_stopped()
    assert harness.registry.removed == ["a_1"]


def test_a_cancelled_job_is_stopped(harness: HeartbeatHarness) -> None:
    attempt = harness.job()
    harness.store.answers = {"a": "now"}

    harness.round_after(0.5)

    with pytest.raises(CancelRequested):
        attempt.raise_if_stopped()


def test_a_cancelled_job_may_finish_its_call_first(harness: HeartbeatHarness) -> None:
    attempt = harness.job()
    harness.store.answers = {"a": "after_current_call"}

    harness.round_after(0.5)

    attempt.raise_if_stopped()
    with pytest.raises(CancelRequested):
        attempt.raise_if_cancelled()


def test_answers_belong_to_their_jobs(harness: HeartbeatHarness) -> None:
    attempts = [harness.job(name) for name in "abc"]
    harness.store.answers = {"b": "lost"}

    harness.round_after(0.5)

    assert [attempt.is_lost for attempt in attempts] == [False, True, False]


@pytest.mark.parametrize(
    ("busy", "suspended"), [(False, False), (True, False), (True, True), (False, True)]
)
def test_the_registry_learns_the_state(
    harness: HeartbeatHarness, busy: bool, suspended: bool
) -> None:
    if busy:
        harness.job()
    harness.suspended = suspended

    harness.round_after(0.5)

    assert harness.registry.states == [(busy, suspended)]


def test_urgent_text_is_sent_between_two_rounds_and_no_other_job_is(
    harness: HeartbeatHarness,
) -> None:
    """Given two jobs with new text, of which a client reads one / I expect that one at once."""
    harness.job("other", expected_s=3_600).events.emit("step", "generate", "started")
    read = harness.job("read", expected_s=3_600)
    read.events.emit("step", "generate", "started")
    read.events.show_now()

    harness.thread.send_urgent()

    assert [job.job_id for beat in harness.store.heartbeats for job, _ in beat] == ["read"]
    assert harness.store.running == 2
    assert harness.registry.states == [], "RQ is not written to in between"
    harness.thread.send_urgent()
    assert len(harness.store.heartbeats) == 1, "nothing new, nothing sent"
    assert harness.round_after(0.5) == [("other", 20)]


def test_the_thread_sends_urgent_text_before_its_next_round() -> None:
    """Given rounds an hour apart / When a client reads a text / I expect it sent, and a stop."""
    harness = HeartbeatHarness()
    slow = Settings(lease_s=15_000, heartbeat_interval_s=3_600)
    stores: Any = (harness.store, harness.registry)
    thread = HeartbeatThread(harness.running.all, *stores, slow, lambda: False)
    harness.registry.flush = lambda: None  # type: ignore[attr-defined]
    attempt = attempt_of(id="read")
    attempt.events.on_urgent = thread.wake
    thread.start()
    wait_until(lambda: harness.registry.states, "the first round")
    harness.running.add(attempt)

    attempt.events.emit("step", "generate", "started")
    attempt.events.show_now()

    wait_until(lambda: harness.store.events, "the text")
    thread.stop()
