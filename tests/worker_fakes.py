"""Attempts, and fakes of their stores and clients, for unit tests of the worker."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ConnectionError as RedisUnavailable

from loresmith.jobs.core.errors import JobError, JobLost, JobStopped, SinkFailed
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.store.queue import JobMessage
from loresmith.protos.lore.v1 import lore_pb2 as pb
from loresmith.worker.adapters.store_types import (
    AttemptOutcome,
    BufferedEvent,
    ProgressSnapshot,
    RetryDecision,
)
from loresmith.worker.execution.attempt import JobAttempt
from loresmith.worker.execution.hand_over import HandOver
from loresmith.worker.execution.running_jobs import RunningJobs
from loresmith.worker.model_client.response_accumulator import ResponseAccumulator
from loresmith.worker.model_client.token_totals import TokenTotals

JOB_ID = "0198c1d2-0000-7000-8000-000000000001"
CHARACTER = {
    "name": "Ama",
    "role": "smuggler",
    "species": "human",
    "age": 31,
    "description": "d",
    "appearance": "a",
    "personality": ["dry", "loyal"],
    "backstory": "b",
    "motivation": "m",
    "secret": "s",
}
OUTPUT = json.dumps({"characters": [CHARACTER]})


def record(**fields: Any) -> Record:
    """Returns a record as claim.lua returns it."""
    defaults = {
        "id": JOB_ID,
        "type": "generate_characters",
        "status": "processing",
        "attempt": "1",
        "generation": "0",
        "payload": '{"theme": "fantasy"}',
        "user_id": "u",
        "work_message": "Generating characters...",
        "expected_s": "30",
        "timeout_s": "90",
    }
    return {name: str(value) for name, value in (defaults | fields).items()}


def attempt_of(clock: Callable[[], float] = time.monotonic, **fields: Any) -> JobAttempt:
    return JobAttempt(record(**fields), "lore", clock)


@dataclass
class FakeCall:
    """A call that ends with `error` or a response when the job waits for it."""

    response: ResponseAccumulator
    error: JobError | JobStopped | None = None
    during_wait: Callable[[], None] = lambda: None
    stop_reason: JobStopped | None = None

    def wait(self, timeout_s: float) -> ResponseAccumulator:
        self.during_wait()
        if self.stop_reason:
            raise JobLost
        if self.error:
            raise self.error
        return self.response

    def stop(self, reason: JobStopped) -> None:
        self.stop_reason = reason


@dataclass
class FakeClient:
    """Answers calls in turn, each with an output as JSON or with an error."""

    answers: list[str | JobError | JobStopped] = field(default_factory=list)
    during_wait: Callable[[], None] = lambda: None
    """Runs while the job waits for a call."""
    requests: list[pb.GenerateRequest] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    calls: list[FakeCall] = field(default_factory=list)

    def generate(
        self, request: pb.GenerateRequest, timeout_s: float, response: ResponseAccumulator
    ) -> FakeCall:
        self.requests.append(request)
        self.timeouts.append(timeout_s)
        answer = self.answers.pop(0)
        accepted = pb.Accepted(how=pb.Accepted.HOW_STARTED, model="m-1")
        response.add(pb.GenerateResponse(accepted=accepted))
        response.add(pb.GenerateResponse(delta=pb.Delta(text="Once upon a")))
        response.items[0] = '{"name": "Ama"}'
        response.usage = TokenTotals(100, 200, calls=1)
        if isinstance(answer, str):
            response.result = pb.Result(output_json=answer, model="m-1")
        error = None if isinstance(answer, str) else answer
        self.calls.append(FakeCall(response, error, self.during_wait))
        return self.calls[-1]


@dataclass
class FakeStore:
    """Records writes; `failures` is how many of them fail first."""

    stored: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    lost: bool = False
    checkpoint_reads: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    outcomes: list[tuple[JobMessage, AttemptOutcome, Sequence[ProgressSnapshot]]] = field(
        default_factory=list
    )
    answers: dict[str, str] = field(default_factory=dict)
    """What heartbeats return, by job id."""
    events: list[BufferedEvent] = field(default_factory=list)
    retries: list[tuple[RetryDecision, str]] = field(default_factory=list)
    """Decisions to run a job again, each with its message."""
    heartbeats: list[list[tuple[JobMessage, ProgressSnapshot]]] = field(default_factory=list)
    running: int | None = None
    """The number of jobs in the last heartbeat."""

    def checkpoint(
        self, job: JobMessage, step: str, output: str, fields: dict[str, Any]
    ) -> str | None:
        self._maybe_fail()
        if self.lost:
            return None
        self.fields |= fields
        return self.stored.setdefault(step, output)

    def checkpoints(self, job_id: str) -> dict[str, str]:
        self.checkpoint_reads += 1
        return dict(self.stored)

    def finish(
        self,
        job: JobMessage,
        outcome: AttemptOutcome,
        last: Sequence[ProgressSnapshot] = (),
        free_slots: int = 0,
    ) -> tuple[str, list[JobMessage]]:
        self._maybe_fail()
        self.outcomes.append((job, outcome, last))
        return ("lost" if self.lost else str(outcome.status)), []

    def retry_later(
        self, job: JobMessage, retry: RetryDecision, message: str, fields: dict[str, Any]
    ) -> str:
        self._maybe_fail()
        self.retries.append((retry, message))
        return "lost" if self.lost else "ok"

    def heartbeat(
        self,
        snapshots: list[tuple[JobMessage, ProgressSnapshot]],
        events: Sequence[tuple[JobMessage, Sequence[BufferedEvent]]] = (),
        running: int | None = None,
    ) -> list[str]:
        self._maybe_fail()
        self.running = running
        self.events += [event for _, job_events in events for event in job_events]
        self.heartbeats.append(snapshots)
        return [self.answers.get(job.job_id, "ok") for job, _ in snapshots]

    def _maybe_fail(self) -> None:
        if self.failures:
            self.failures -= 1
            raise RedisUnavailable("unavailable")


@dataclass
class FakeArchive:
    """Saves worlds in a dictionary; refuses them when `full`, and for now when `locked`."""

    worlds: dict[str, dict[str, Any]] = field(default_factory=dict)
    retention_s: float | None = None
    """That of the last world."""
    saved: list[dict[str, Any]] = field(default_factory=list)
    """The other values of each world, in order."""
    full: bool = False
    locked: bool = False

    def save(self, *, id: str, content: dict[str, Any], **fields: Any) -> None:
        if self.full:
            raise SinkFailed("the archive is full", retryable=False)
        if self.locked:
            raise SinkFailed("The archive is locked", retryable=True)
        self.worlds[id] = content
        self.saved.append(fields)
        self.retention_s = fields["retention_s"]


def no_hand_over() -> HandOver:
    """Returns the hand-over of a worker that takes no other job."""
    queue: Any = None
    return HandOver(RunningJobs(1), queue, lambda: False)
