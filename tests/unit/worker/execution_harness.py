"""Runs jobs on fakes."""

from dataclasses import replace
from typing import Any

from loresmith.jobs.core.errors import (
    JobError,
)
from loresmith.jobs.types.builtin.generate_characters import JOB_TYPE
from loresmith.worker.adapters.store_types import AttemptOutcome, RetryDecision
from loresmith.worker.execution.execution import Execution
from tests.worker_fakes import FakeArchive, FakeClient, FakeStore, attempt_of, no_hand_over

HEARTBEAT_INTERVAL_S = 0.001


class ExecutionHarness:
    """An execution on fakes."""

    def __init__(self, *answers: str | JobError) -> None:
        self.store, self.client = FakeStore(), FakeClient(list(answers))
        self.archive = FakeArchive()
        stores: Any = (self.store, self.client, self.archive)
        self.execution = Execution(*stores, HEARTBEAT_INTERVAL_S, no_hand_over())

    def execute(self, **record: Any) -> AttemptOutcome:
        """Runs a job and returns the stored outcome."""
        self._run(record)
        ((_, outcome, _),) = self.store.outcomes
        return outcome

    def wait(self, **record: Any) -> tuple[RetryDecision, str]:
        """Runs a job that must wait; returns how, and its message."""
        assert self._run(record) == "waiting"
        assert self.store.outcomes == []
        return self.store.retries[-1]

    def _run(self, record: dict[str, Any]) -> str:
        run = record.pop("run", None)
        attempt = attempt_of(**record)
        if run:
            attempt.job_type = job_type_with(run)
        return self.execution.execute(attempt)


def job_type_with(run: Any) -> Any:
    """Returns the characters type with another `run`."""
    return replace(JOB_TYPE, run=run)
