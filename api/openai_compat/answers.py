"""The answers of a job to the client that asked for it: at its end, or as a stream."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from loresmith.api.http.openai_errors import openai_error
from loresmith.api.http.problems import Problem
from loresmith.api.openai_compat.creation import CreatedJob
from loresmith.api.openai_compat.ended_jobs import require_completed
from loresmith.api.openai_compat.event_stream import disconnected
from loresmith.api.openai_compat.following import JobFollower, Started, Step
from loresmith.api.openai_compat.text_position import TextChanged, TextPosition
from loresmith.api.services.job_store import JobStore
from loresmith.jobs.core.damaged_record import DamagedRecord
from loresmith.jobs.core.job_record import Record

T = TypeVar("T")
Steps = AsyncGenerator[Step, None]
CHANGED = {
    "message": "The model has written another text since. Read the answer by its id.",
    "type": "server_error",
    "param": None,
    "code": "text_changed",
}


class Answers:
    """Waits for jobs. `limit_s`: how long a request without a stream waits."""

    def __init__(self, follower: JobFollower, limit_s: float) -> None:
        self._follower = follower
        self._limit_s = limit_s

    def place(self, request: Request) -> AbstractContextManager[None]:
        """Counts a stream or a wait of the request's principal. Raises Problem."""
        return self._follower.place(request)

    def steps(self, request: Request, created: CreatedJob, position: TextPosition) -> Steps:
        """Yields new text, and at last the job's record. Raises Problem, TextChanged."""
        return self._follower.steps(request, created.store, created.record["id"], position)

    async def ended(
        self, request: Request, store: JobStore, record: Record, timeout_s: float
    ) -> Record:
        """Returns the job once it has ended, or as it is after the timeout. Raises Problem."""
        try:
            return await self._follower.until_ended(request, store, record["id"], timeout_s)
        except TimeoutError:
            return await store.read(record["id"]) or record

    async def at_the_end(
        self, request: Request, created: CreatedJob, represent: Callable[[Record], Any]
    ) -> Response:
        """Returns the answer of the completed job. Raises Problem, ClientDisconnect."""
        job_id = created.record["id"]
        ended = self._follower.until_ended(request, created.store, job_id, self._limit_s)
        try:
            record = await while_connected(request, ended)
        except TimeoutError:
            raise Problem(
                "not-finished",
                f"The job runs for more than {self._limit_s:g} s, and goes on. Send the "
                "request again, or read the answer by its id later.",
            ) from None
        return created.response(represent(await self.completed(created, record)))

    async def completed(self, created: CreatedJob, ended: Record) -> Record:
        """Returns the ended job if it has a result. Raises Problem: that is its answer, so that no
        retry of a later request with the same body gets it.
        """
        try:
            return require_completed(ended)
        except Problem:
            await created.delivered()
            raise

    async def first_step(
        self, request: Request, created: CreatedJob, position: TextPosition
    ) -> tuple[Step, Steps]:
        """Returns the first text of a job, its record if it ends without, or Idle after a while;
        and what follows. Raises Problem, ClientDisconnect.
        """
        steps = self.steps(request, created, position)
        try:
            return await while_connected(request, _first(steps)), steps
        except BaseException:
            await steps.aclose()
            raise


async def _first(steps: Steps) -> Step:
    async for step in steps:
        if not isinstance(step, Started):
            return step
    raise RuntimeError("a job has no end")


async def while_connected(request: Request, waiting: Coroutine[Any, Any, T]) -> T:
    """Awaits something as long as the client does. Raises ClientDisconnect."""
    task = asyncio.ensure_future(waiting)
    leaving = asyncio.create_task(disconnected(request.receive))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientDisconnect
        return task.result()
    finally:
        for each in (task, leaving):
            each.cancel()
        await asyncio.gather(task, leaving, return_exceptions=True)


def error_body(error: Exception) -> dict[str, Any]:
    """Returns an error that ends a stream."""
    if isinstance(error, TextChanged):
        return {"error": CHANGED}
    if isinstance(error, DamagedRecord):
        error = Problem("damaged-record", f"A record in Redis is damaged: {error}.")
    if isinstance(error, Problem):
        return openai_error(error)[1]
    raise error
