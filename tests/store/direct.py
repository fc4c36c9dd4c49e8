"""Runs the product's stores without an event loop, and stands in for what they depend on."""

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from redis import Redis

from loresmith.api.services.job_store import SubmitOutcome
from loresmith.jobs.core.job_record import PriceQuote
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.statistics.durations import DurationEstimate
from loresmith.jobs.store.primary import PrimaryGuard
from loresmith.jobs.store.queue import JobMessage
from loresmith.jobs.store.reconciler import ReconcileResult
from loresmith.jobs.store.scripts import run_script
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.store_types import ProgressSnapshot

T = TypeVar("T")
REQUEUE_AFTER_S = 5


class DirectPipeline:
    """Sends every command at once, so that the coroutines of a store never wait."""

    def __init__(self, redis: Redis) -> None:
        self.guard = PrimaryGuard()
        self.reply: Any = None
        """The reply of the last script, of which a store may return a part, or nothing."""
        self._redis: Any = redis

    async def execute(self, *command: Any, acknowledged: bool = False) -> Any:
        return self._redis.execute_command(*command)

    async def script(self, name: str, names: Sequence[str], *arguments: Any) -> Any:
        self.reply = run_script(self._redis, name, names, *arguments)
        return self.reply


def result_of(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that never waits, without an event loop, in any thread."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        value: T = stop.value
        return value
    raise AssertionError(f"{coroutine} waits")


@dataclass(frozen=True)
class FixedStatistics:
    """Estimates the same duration for all job types."""

    expected_s: float

    async def duration(self, job_type: str, model: str | None) -> DurationEstimate:
        return DurationEstimate(self.expected_s, 1.5 * self.expected_s)


@dataclass(frozen=True)
class Quote(PriceQuote):
    """A price whose reservation differs from its maximum."""

    reserved: int = 0

    @property
    def reserve(self) -> int:
        return self.reserved


class Worker(WorkerJobStore):
    """Keeps the replies that the worker does not read."""

    replies: Sequence[Any] = ()

    def _send(self, scripts: Any) -> list[Any]:
        self.replies = super()._send(scripts)
        return self.replies


@cache
def settings(max_worker_losses: int) -> Settings:
    return Settings(max_worker_losses=max_worker_losses, requeue_after_s=REQUEUE_AFTER_S)


def snapshot(
    job_id: str = "j", attempt: int = 1, progress: int = 21, *,
    source: Any = "simulated", phase: Any = "generating", message: str = "",
) -> tuple[JobMessage, ProgressSnapshot]:  # fmt: skip
    """Returns what a heartbeat says of a job."""
    return JobMessage(job_id, attempt), ProgressSnapshot(progress, source, phase, message)


def identity(outcome: SubmitOutcome) -> tuple[str, str]:
    """Returns an outcome without the record."""
    return outcome.outcome, outcome.job_id


def first_of_each(page: Sequence[ReconcileResult]) -> list[ReconcileResult]:
    """Returns the first result of each job, in order."""
    first = {result.job_id: result for result in reversed(page)}
    return [result for result in page if result is first[result.job_id]]
