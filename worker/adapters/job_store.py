"""Changes jobs in Redis: each method runs one script of jobs/store/lua."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from redis import Redis
from redis.exceptions import RedisError

from loresmith.jobs.core.status import Message, Phase, Status
from loresmith.jobs.store import keys
from loresmith.jobs.store.queue import JobMessage, messages_of
from loresmith.jobs.store.scripts import ScriptCall, flat, pairs, run_scripts
from loresmith.worker.adapters.redis_retry import raise_transient
from loresmith.worker.adapters.store_types import (
    AttemptOutcome,
    BufferedEvent,
    Claim,
    ProgressSnapshot,
    RetryDecision,
)

T = TypeVar("T")

MAX_HEARTBEAT_JOBS = 250
"""Jobs in one script call, so that no call blocks the server for long."""


@dataclass
class WorkerJobStore:
    """The jobs of one worker. `redis` must decode its replies.

    `owner` is unique to this process: the scripts refuse changes to a job that another owner holds.
    Every method may raise RedisError.
    """

    redis: Redis = field(repr=False)
    owner: str
    lease_s: float
    requeue_after_s: float
    """How long the reconciler ignores an admitted job."""

    def claim(self, queues: Mapping[JobMessage, str]) -> list[Claim]:
        """Claims jobs in one round trip, each with the queue that its message was in."""
        replies = self._send(
            ScriptCall(
                "jobs/claim",
                [keys.job(job.job_id)],
                [*_fence(job), self.owner, self._lease_ms, queue],
            )
            for job, queue in queues.items()
        )
        return [_claim(job, reply) for job, reply in zip(queues, replies, strict=True)]

    def heartbeat(
        self,
        snapshots: Sequence[tuple[JobMessage, ProgressSnapshot]],
        events: Sequence[tuple[JobMessage, Sequence[BufferedEvent]]] = (),
        running: int | None = None,
    ) -> list[str]:
        """Registers this worker as live, with the number of jobs that it runs, renews leases,
        writes progress and appends events.

        Takes one round trip; returns the reply of heartbeat.lua for each job.
        """
        flat_events = [(job, event) for job, job_events in events for event in job_events]
        scripts = [self._append_events(batch) for batch in _batches(flat_events)]
        skipped = len(scripts)
        scripts += [self._heartbeat(batch, running) for batch in _batches(snapshots) or [[]]]
        replies = self._send(scripts)[skipped:]
        return [answer for reply in replies for answer in _checked(reply)]

    def checkpoint(
        self, job: JobMessage, step: str, output: str, fields: dict[str, Any]
    ) -> str | None:
        """Stores the output of a step, and fields of the record that changed with it.

        Returns the stored output, which is the first writer's; None when the job is lost.
        """
        (reply,) = self._send(
            [
                ScriptCall(
                    "jobs/checkpoint",
                    [keys.job(job.job_id), keys.steps(job.job_id)],
                    [job.attempt, self.owner, step, output, *flat(fields)],
                )
            ]
        )
        answer = _checked(reply)
        return str(answer[1]) if answer[0] == "ok" else None

    def checkpoints(self, job_id: str) -> dict[str, str]:
        """Returns the outputs that earlier attempts stored, as JSON by step."""
        return self.redis.hgetall(keys.steps(job_id))  # type: ignore[return-value]

    def admit(self, free_slots: int, max_jobs: int, queues: Sequence[str]) -> dict[JobMessage, str]:
        """Shows the free slots of this worker, and returns jobs that it may claim, with their
        queues.
        """
        arguments = [self.owner, free_slots, max_jobs, self._requeue_after_ms, *queues]
        (reply,) = self._send([ScriptCall("jobs/admit", [keys.WORKER_SLOTS], arguments)])
        rows = _checked(reply)
        return {JobMessage(rows[i], int(rows[i + 1])): rows[i + 2] for i in range(0, len(rows), 3)}

    def finish(
        self,
        job: JobMessage,
        outcome: AttemptOutcome,
        last: Sequence[ProgressSnapshot] = (),
        free_slots: int = 0,
    ) -> tuple[str, list[JobMessage]]:
        """Ends a job; returns the status it ended with, 'lost' or 'terminal', and the next job
        where one was admitted.

        `last` is the progress that clients see just before, up to 90. `free_slots` includes that of
        this job; 0: this worker takes no other job.
        """
        before = [self._heartbeat([(job, snapshot) for snapshot in last])] if last else []
        *_, reply = self._send([*before, self._finish(job, outcome, free_slots)])
        status, *following = _checked(reply)
        return str(status), messages_of(following)

    def retry_later(
        self, job: JobMessage, retry: RetryDecision, message: str, fields: dict[str, Any]
    ) -> str:
        """Gives a job back until its next attempt is due; returns 'ok', 'cancel' or 'lost'."""
        delay_ms = max(1, int(retry.delay_s * 1000))
        arguments = [retry.phase, message, delay_ms, retry.counts, self._requeue_after_ms]
        arguments += flat(fields)
        (reply,) = self._send([self._release(job, arguments)])
        return str(_checked(reply)[0])

    def release(self, jobs: Sequence[JobMessage], message: str) -> list[JobMessage]:
        """Gives jobs back, and ends the cancelled ones; returns the admitted jobs to enqueue."""
        arguments = [Phase.RECOVERING, message, 0, "0", self._requeue_after_ms]
        replies = self._send(self._release(job, arguments) for job in jobs)
        answers = [(job, _checked(reply)) for job, reply in zip(jobs, replies, strict=True)]
        cancelled = AttemptOutcome(Status.CANCELLED, {"message": Message.CANCELLED})
        self._send(self._finish(job, cancelled) for job, answer in answers if answer[0] == "cancel")
        return [
            each for _, answer in answers if answer[0] == "ok" for each in messages_of(answer[2])
        ]

    def unregister(self) -> None:
        """Removes this worker from the live workers."""
        self.redis.zrem(keys.WORKERS, self.owner)
        self.redis.hdel(keys.WORKER_SLOTS, self.owner)
        self.redis.hdel(keys.WORKER_JOBS, self.owner)

    @property
    def _requeue_after_ms(self) -> int:
        return int(self.requeue_after_s * 1000)

    @property
    def _lease_ms(self) -> int:
        return int(self.lease_s * 1000)

    def _append_events(self, events: Sequence[tuple[JobMessage, BufferedEvent]]) -> ScriptCall:
        arguments: list[Any] = [self.owner]
        for job, event in events:
            arguments += [job.job_id, job.attempt, event.number, event.type]
            arguments += [event.step, event.count, event.value]
        return ScriptCall("jobs/append_events", [], arguments)

    def _heartbeat(
        self,
        snapshots: Sequence[tuple[JobMessage, ProgressSnapshot]],
        running: int | None = None,
    ) -> ScriptCall:
        arguments: list[Any] = [self.owner, self._lease_ms, "" if running is None else running]
        for job, snapshot in snapshots:
            arguments += _fence(job)
            arguments += (snapshot.progress, snapshot.source, snapshot.phase, snapshot.message)
        return ScriptCall("jobs/heartbeat", [keys.WORKERS], arguments)

    def _release(self, job: JobMessage, arguments: Sequence[Any]) -> ScriptCall:
        return ScriptCall(
            "jobs/release", [keys.job(job.job_id)], [*_fence(job), self.owner, *arguments]
        )

    def _finish(self, job: JobMessage, outcome: AttemptOutcome, free_slots: int = 0) -> ScriptCall:
        return ScriptCall(
            "jobs/finish",
            [keys.job(job.job_id)],
            [
                *_fence(job),
                self.owner,
                outcome.status,
                Message.CANCELLED,
                outcome.durations,
                free_slots,
                self._requeue_after_ms,
                *flat(outcome.fields),
            ],
        )

    def _send(self, scripts: Iterable[ScriptCall]) -> list[Any]:
        """Returns replies or errors, in order. Raises transient RedisErrors."""
        replies = run_scripts(self.redis, list(scripts))
        raise_transient(replies)
        return replies


def _batches(items: Sequence[T]) -> list[Sequence[T]]:
    return [
        items[start : start + MAX_HEARTBEAT_JOBS]
        for start in range(0, len(items), MAX_HEARTBEAT_JOBS)
    ]


def _fence(job: JobMessage) -> tuple[str, int]:
    return job.job_id, job.attempt


def _claim(job: JobMessage, reply: Any) -> Claim:
    if isinstance(reply, RedisError):
        return Claim(job, None, str(reply))
    if reply[0] != "ok":
        return Claim(job, None, reply[0])
    return Claim(job, pairs(reply[1:]))


def _checked(reply: Any) -> Any:
    if isinstance(reply, RedisError):
        raise reply
    return reply
