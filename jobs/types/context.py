"""The interface that a running job type has to its worker; tests provide a fake."""

from typing import Any, Protocol

from pydantic import BaseModel

from loresmith.jobs.types.model_call import ModelCallSpec, OutputT


class Context(Protocol):
    """A running job."""

    @property
    def job_id(self) -> str:
        """Id of the job, under which it saves: saving twice replaces."""

    def call(self, step: str, spec: ModelCallSpec[Any, OutputT], input: BaseModel) -> OutputT:
        """Runs one model call as step `step` of the job.

        Checkpointed: a later attempt reads the stored output. Raises JobError when the call
        fails, JobStopped when the job must stop.
        """

    def save_world(self, *, title: str, theme: str, world: dict[str, Any]) -> str:
        """Saves a world of the job's user in the archive; returns its id, the job's.

        Raises SinkFailed.
        """
