"""Runs the plain code of one step on a thread of its own.

Python cannot stop a thread, so a job that is cancelled, or out of time, leaves a function that
blocks behind: its result is dropped. Its next use of the context stops it.
"""

from collections.abc import Callable
from contextvars import copy_context
from threading import Event, Thread
from typing import Any

from pydantic_core import PydanticSerializationError

from loresmith.jobs.core.errors import JobStopped, TimedOut
from loresmith.jobs.core.job_record import json_text
from loresmith.jobs.types.context import ContextMisused
from loresmith.worker.execution.attempt import JobAttempt

MAX_RESULT_BYTES = 4_000_000


class PlainStep:
    """One run of a function."""

    def __init__(self, name: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._name = name
        self._function = function
        self._arguments = arguments
        self._wait_ended = Event()
        self._is_done = False
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self, attempt: JobAttempt) -> Any:
        """Returns the result. Raises what the function raises, JobStopped and TimedOut."""
        thread = Thread(
            target=copy_context().run, args=(self._work,), name=f"{attempt.job_id}/{self._name}",
            daemon=True,
        )  # fmt: skip
        attempt.runs_plain_step = True
        try:
            with attempt.waiting_for(self):
                thread.start()
                self._wait_ended.wait(max(0.0, attempt.remaining_s))
        finally:
            attempt.runs_plain_step = False
        attempt.raise_if_stopped()
        if not self._is_done:
            raise TimedOut
        if self._error:
            raise self._error
        return self._result

    def stop(self, reason: JobStopped) -> None:
        """Ends the wait for the function."""
        self._wait_ended.set()

    def _work(self) -> None:
        try:
            self._result = self._function(*self._arguments)
        except Exception as error:
            self._error = error
        except BaseException as error:
            self._error = ContextMisused(f"step {self._name} raised {type(error).__name__}")
        self._is_done = True
        self._wait_ended.set()


def result_text(step: str, result: Any) -> str:
    """Returns a result as JSON text. Raises ContextMisused."""
    try:
        text = json_text(result)
    except (PydanticSerializationError, ValueError, RecursionError):
        raise ContextMisused(
            f"step {step} returned a {type(result).__name__} that is no JSON; return dicts, lists, "
            "texts and numbers"
        ) from None
    if len(text) > MAX_RESULT_BYTES:
        raise ContextMisused(f"step {step} returned more than {MAX_RESULT_BYTES:,} bytes of JSON")
    return text
