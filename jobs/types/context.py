"""The interface that a running job type has to its worker; tests provide a fake."""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel

from loresmith.jobs.core.logs.job_type_logger import JobTypeLogger
from loresmith.jobs.safe_http.interface import HttpClient
from loresmith.jobs.types.model_call import ModelCallSpec, OutputT


class ContextMisused(RuntimeError):
    """A job type uses its context in a way that cannot work; the message says what to change."""

    safe_to_log: ClassVar[bool] = True


class Context(Protocol):
    """A running job. Every method but `log` raises JobStopped when the job must stop."""

    @property
    def job_id(self) -> str:
        """Id of the job, under which it saves: saving twice replaces."""

    @property
    def log(self) -> JobTypeLogger:
        """Writes lines with the id of the job to the worker's log."""

    @property
    def http(self) -> HttpClient:
        """Sends requests to public addresses, and to those that LORESMITH_HTTP_ALLOW names.

        A request ends with its job. Raises HttpFailed.
        """

    def call(self, step: str, spec: ModelCallSpec[Any, OutputT], input: BaseModel) -> OutputT:
        """Runs one model call as step `step` of the job.

        Checkpointed: a later attempt reads the stored output. Raises JobError when the call
        fails.
        """

    def step(self, name: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """Runs plain code as a step of the job, and returns its result as JSON has it: a tuple
        becomes a list.

        Checkpointed: a later attempt reads the stored result, and does not call the function. It
        runs on a thread of its own, which the job leaves behind when it ends before. Raises
        what the function raises, TimedOut, and ContextMisused for a result that is no JSON.
        """

    def progress(self, percent: float, message: str = "") -> None:
        """Says how much of the running step is done, and what; a lower number changes nothing."""

    def raise_if_cancelled(self) -> None:
        """Raises JobStopped when the job must stop, TimedOut when its time is over."""

    def save(self, title: str, content: dict[str, Any]) -> str:
        """Saves a result of the job's user in the archive, where it outlives the job; returns its
        id, the job's.

        Raises SinkFailed.
        """

    def save_world(self, *, title: str, theme: str, world: dict[str, Any]) -> str:
        """Saves a world of the job's user in the archive; returns its id, the job's.

        Raises SinkFailed.
        """
