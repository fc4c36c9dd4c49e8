"""Runs, and fakes of what a run is given, for unit tests of the worker."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.exceptions import ConnectionError as RedisAway

from jobs.doorbell import Ring
from jobs.errors import JobError, JobLost, JobStopped, SinkFailed
from jobs.job import Record
from protos.lore.v1 import lore_pb2 as pb
from worker.live import News
from worker.progress import Reading
from worker.received import Received
from worker.run import Run
from worker.store import Outcome
from worker.usage import Usage

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
    """What claim.lua answers."""
    told = {
        "id": JOB_ID,
        "type": "generate_characters",
        "status": "processing",
        "attempt": "1",
        "generation": "0",
        "payload": '{"theme": "fantasy"}',
        "work_message": "Generating characters...",
        "expected_s": "30",
        "timeout_s": "90",
    }
    return {name: str(value) for name, value in (told | fields).items()}


def run_of(clock: Callable[[], float] = time.monotonic, **fields: Any) -> Run:
    return Run(record(**fields), "lore", clock)


@dataclass
class FakeCall:
    """A call that ends as it is told, when somebody waits for it."""

    received: Received
    ending: JobError | JobStopped | None = None
    meanwhile: Callable[[], None] = lambda: None
    stopped_by: JobStopped | None = None

    def wait(self, timeout_s: float) -> Received:
        self.meanwhile()
        if self.stopped_by:
            raise JobLost
        if self.ending:
            raise self.ending
        return self.received

    def stop(self, why: JobStopped) -> None:
        self.stopped_by = why


@dataclass
class FakeClient:
    """Answers calls in turn; an answer is an output as JSON, or the error that it ends with."""

    answers: list[str | JobError | JobStopped] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    """What happens while the job waits for a call."""
    requests: list[pb.GenerateRequest] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    calls: list[FakeCall] = field(default_factory=list)

    def generate(self, request: pb.GenerateRequest, timeout_s: float) -> FakeCall:
        self.requests.append(request)
        self.timeouts.append(timeout_s)
        answer = self.answers.pop(0)
        received = Received(
            accepted=pb.Accepted(how=pb.Accepted.HOW_STARTED, model="m-1"), text="Once upon a"
        )
        received.items[0] = '{"name": "Ama"}'
        received.usage = Usage(100, 200, calls=1)
        if isinstance(answer, str):
            received.result = pb.Result(output_json=answer, model="m-1")
        ending = None if isinstance(answer, str) else answer
        self.calls.append(FakeCall(received, ending, self.meanwhile))
        return self.calls[-1]


@dataclass
class FakeStore:
    """Takes what it is given; `away` is how many writes fail before Redis is back."""

    stored: dict[str, str] = field(default_factory=dict)
    away: int = 0
    lost: bool = False
    asked_for_checkpoints: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    ended: list[tuple[Ring, Outcome, Reading | None]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    """What beats answer, by job id."""
    news: list[News] = field(default_factory=list)
    beats: list[list[tuple[Ring, Reading]]] = field(default_factory=list)

    def checkpoint(self, ring: Ring, step: str, output: str, fields: dict[str, Any]) -> str | None:
        self._may_be_away()
        if self.lost:
            return None
        self.fields |= fields
        return self.stored.setdefault(step, output)

    def checkpoints(self, job_id: str) -> dict[str, str]:
        self.asked_for_checkpoints += 1
        return dict(self.stored)

    def finish(self, ring: Ring, outcome: Outcome, last: Reading | None = None) -> str:
        self._may_be_away()
        self.ended.append((ring, outcome, last))
        return "lost" if self.lost else str(outcome.status)

    def beat(
        self,
        beats: list[tuple[Ring, Reading]],
        news: Sequence[tuple[Ring, Sequence[News]]] = (),
    ) -> list[str]:
        self._may_be_away()
        self.news += [each for _, several in news for each in several]
        self.beats.append(beats)
        return [self.answers.get(ring.job_id, "ok") for ring, _ in beats]

    def _may_be_away(self) -> None:
        if self.away:
            self.away -= 1
            raise RedisAway("away")


@dataclass
class FakeShelf:
    """Keeps worlds in a dictionary; `full` refuses them."""

    worlds: dict[str, dict[str, Any]] = field(default_factory=dict)
    full: bool = False

    def save_world(self, *, id: str, content: dict[str, Any], **about: Any) -> None:
        if self.full:
            raise SinkFailed("the shelf is full", retryable=True)
        self.worlds[id] = content
