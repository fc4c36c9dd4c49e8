"""What a kind may ask of the world while it runs. The worker provides it; tests fake it."""

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    from jobs.kind import Recipe

OutputT = TypeVar("OutputT", bound=BaseModel)


class Context(Protocol):
    """A job being run."""

    @property
    def job_id(self) -> str:
        """Id of the job; what it saves is saved under it, so that saving twice is saving once."""

    def call(self, step: str, recipe: "Recipe[Any, OutputT]", input: BaseModel) -> OutputT:
        """The output of one model call, as the step `step` of the job.

        Checkpointed: a job that runs again gets it without asking the model. Raises JobError
        when the call ends badly, JobStopped when the job must stop.
        """

    def save_world(self, *, user_id: str, title: str, theme: str, world: dict[str, Any]) -> str:
        """Saves a world for good and answers its id, which is the job's. Raises SinkFailed."""
