"""Runs the steps of one attempt, each once: an earlier attempt's output is read, not made again."""

from collections.abc import Callable
from typing import Any, TypeVar

from loresmith.jobs.core.errors import JobLost
from loresmith.jobs.types.base import STEP_NAME
from loresmith.jobs.types.context import ContextMisused
from loresmith.worker.adapters.job_store import WorkerJobStore
from loresmith.worker.adapters.redis_retry import retry_until_available
from loresmith.worker.execution.attempt import JobAttempt

T = TypeVar("T")


class StepCheckpoints:
    """The steps of an attempt, with their outputs as JSON texts."""

    def __init__(
        self,
        attempt: JobAttempt,
        store: WorkerJobStore,
        usage_fields: Callable[[], dict[str, Any]],
    ) -> None:
        """`usage_fields`: the fields of the record that a model call has changed."""
        self._attempt = attempt
        self._store = store
        self._usage_fields = usage_fields
        self._stored: dict[str, str] | None = {} if attempt.is_first else None
        self._begun: set[str] = set()
        self.outputs: dict[str, str] = {}
        """Of the steps that this attempt finished, or read."""

    def run(
        self, step: str, make: Callable[[], str], read: Callable[[str], T], entities: int = 0
    ) -> T:
        """Runs a step, or reads its stored output; `entities` is how many it will make.

        Raises JobStopped, ContextMisused, and what `make` and `read` do.
        """
        self._check(step)
        attempt = self._attempt
        attempt.raise_if_stopped()
        attempt.events.clear_report()
        attempt.tracker.begin(step)
        attempt.events.emit("step", step, "started", entities)
        output = self._stored_outputs().get(step)
        is_stored = output is not None
        if output is None:
            attempt.raise_if_cancelled()
            output = self._checkpoint(step, make())
        value = read(output)
        self.outputs[step] = output
        attempt.events.clear_report()
        attempt.tracker.end(step, reused=is_stored)
        attempt.events.emit("step", step, "completed")
        return value

    def _check(self, step: str) -> None:
        if self._attempt.runs_plain_step:
            raise ContextMisused(f"step {step} begins inside a step; begin it after that has ended")
        if not STEP_NAME.fullmatch(step):
            raise ContextMisused("the name of a step is up to 64 letters, digits, dots, _ or -")
        if step in self._begun:
            raise ContextMisused(f"step {step} ran already; give each step a name of its own")
        self._begun.add(step)

    def _stored_outputs(self) -> dict[str, str]:
        """Returns the outputs of earlier attempts, which are read once."""
        if self._stored is None:
            self._stored = self._retry(lambda: self._store.checkpoints(self._attempt.job_id))
        return self._stored

    def _checkpoint(self, step: str, output: str) -> str:
        """Stores an output, and returns the stored one: the first writer wins."""
        fields = self._usage_fields() | self._attempt.tracker.after(step)
        fields["waits"] = fields["losses_in_a_row"] = 0
        stored = self._retry(
            lambda: self._store.checkpoint(self._attempt.job, step, output, fields)
        )
        if stored is None:
            raise self._attempt.stop_reason or JobLost()
        return stored

    def _retry(self, action: Callable[[], T]) -> T:
        return retry_until_available(action, lambda: self._attempt.is_lost)
