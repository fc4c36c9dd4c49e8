"""`/v1/responses`: create, read, follow, cancel and delete."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from typing import Any

from pydantic import Field
from pydantic_core import from_json
from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.handlers.job_responses import job_problem
from loresmith.api.http.audit import audit
from loresmith.api.http.problems import Problem, body_error
from loresmith.api.http.query import Flag, Integer, QueryModel
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openai_compat.answers import Answers, error_body
from loresmith.api.openai_compat.creation import CreatedJob, OpenAIJobs
from loresmith.api.openai_compat.ended_jobs import read_job
from loresmith.api.openai_compat.event_stream import KEEP_ALIVE, OpenAIStream
from loresmith.api.openai_compat.following import Idle
from loresmith.api.openai_compat.ids import RESPONSE
from loresmith.api.openai_compat.operations import (
    NEW_HEADERS,
    NEW_PARAMETERS,
    NEW_PROBLEMS,
    READ_PROBLEMS,
    id_parameter,
)
from loresmith.api.openai_compat.requests import new_job, read_request
from loresmith.api.openai_compat.response_events import ResponseEvents, text_start
from loresmith.api.openai_compat.response_objects import output_items, response_object
from loresmith.api.openai_compat.text_position import TextChanged, TextPosition
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.openai_requests import ResponseRequest
from loresmith.jobs.core.damaged_record import DamagedRecord
from loresmith.jobs.core.job_record import Record
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.core.status import Status

TYPE = "response"
ROUTE = "POST /v1/responses"
ID = id_parameter("resp_…")
CANCEL_TIMEOUT_S = 5.0
MAX_CONVERSATION = 4
"""How many of the largest bodies the items before a request may have: each turn stores them."""


class FollowParams(QueryModel):
    """Whether to stream a response, and from where."""

    stream: Flag = Field(False, description="Send its events until its end")
    starting_after: Integer | None = Field(
        None, ge=0, description="The sequence_number of the last event that the client has"
    )


class ResponseHandlers:
    """Responses are jobs of the type `response`."""

    def __init__(self, jobs: OpenAIJobs, answers: Answers, settings: Settings) -> None:
        self._jobs = jobs
        self._answers = answers
        self._settings = settings

    @operation(
        "Create a response",
        {200: ResponseSpec("The response, or its events.", "ResponseObject", NEW_HEADERS)},
        scope="jobs:write",
        problems=NEW_PROBLEMS,
        parameters=NEW_PARAMETERS,
        body="ResponseRequest",
        example={"model": "gpt-5-mini", "input": "Name three rivers."},
    )
    async def create(self, request: Request) -> Response:
        """Creates a job and waits for its end, streams its events, or with `background` returns at
        once. A client that leaves never ends the job.
        """
        settings = self._settings
        body, form = await read_request(request, ResponseRequest, settings.max_body_bytes)
        earlier = await self._earlier_items(request, form.previous_response_id)
        payload = form.payload(settings.v1_max_output_tokens, earlier)
        job = new_job(request, form, TYPE, payload, settings)
        with ExitStack() as stack:
            if form.stream or not form.background:
                stack.enter_context(self._answers.place(request))
            created = await self._jobs.create(
                request,
                ROUTE,
                body,
                job,
                is_awaited=not form.background,
                reads_text=bool(form.stream),
            )
            if form.stream:
                return self._stream(request, created, None, stack.pop_all())
            if not form.background:
                return await self._answers.at_the_end(request, created, response_object)
        return created.response(response_object(created.record))

    @operation(
        "Read or follow a response",
        {200: ResponseSpec("The response, or its events.", "ResponseObject")},
        scope="jobs:read",
        problems=(*READ_PROBLEMS, "too-many-streams"),
        parameters=(ID, *FollowParams.parameters()),
    )
    async def read(self, request: Request) -> Response:
        """Returns a response as it is, or goes on with its events after `starting_after`: as long
        as its job is stored.
        """
        params = FollowParams.from_query(request.query_params)
        store = self._jobs.store_of(request)
        record = await read_job(store, RESPONSE, request.path_params["id"], TYPE)
        if not params.stream:
            return JSONResponse(response_object(record))
        with ExitStack() as stack:
            stack.enter_context(self._answers.place(request))
            followed = CreatedJob(record, store, is_replay=False)
            return self._stream(request, followed, params.starting_after, stack.pop_all())

    @operation(
        "Cancel a response",
        {200: ResponseSpec("The response.", "ResponseObject")},
        scope="jobs:write",
        problems=(*READ_PROBLEMS, "already-terminal"),
        parameters=(ID,),
    )
    async def cancel(self, request: Request) -> Response:
        """Is idempotent. What the model has written stays in `output`."""
        store = self._jobs.store_of(request)
        record = await read_job(store, RESPONSE, request.path_params["id"], TYPE)
        outcome = await store.cancel(record["id"], "now", "")
        if outcome == "terminal" and record["status"] != Status.CANCELLED:
            detail = f"The response has already ended as {record['status']}."
            raise job_problem("already-terminal", detail, record)
        if outcome in ("cancelled", "cancelling"):
            await audit(request, "job.cancel", f"job {record['id']}")
        ended = await self._answers.ended(request, store, record, CANCEL_TIMEOUT_S)
        return JSONResponse(response_object(ended))

    @operation(
        "Delete a response",
        {200: ResponseSpec("The job and its content are deleted.", "DeletedObject")},
        scope="jobs:write",
        problems=(*READ_PROBLEMS, "not-finished"),
        parameters=(ID,),
    )
    async def delete(self, request: Request) -> Response:
        """Deletes a job that has ended."""
        store, text = self._jobs.store_of(request), request.path_params["id"]
        record = await read_job(store, RESPONSE, text, TYPE)
        if await store.delete(record["id"]) != "ok":
            raise job_problem("not-finished", "The response has not ended.", record)
        await audit(request, "job.delete", f"job {record['id']}")
        return JSONResponse({"id": text, "object": "response.deleted", "deleted": True})

    def _stream(
        self, request: Request, job: CreatedJob, after: int | None, stack: ExitStack
    ) -> OpenAIStream:
        events = ResponseEvents(job.record, after)
        position = TextPosition(text_start(after))
        steps = self._answers.steps(request, job, position)
        parts = _parts(events, steps, position)
        return OpenAIStream(parts, stack, job.delivered, job.headers)

    async def _earlier_items(self, request: Request, previous: str | None) -> list[Any]:
        """Returns the items of the previous response: what it was asked, and its answer."""
        if previous is None:
            return []
        store = self._jobs.store_of(request)
        try:
            record = await read_job(store, RESPONSE, previous, TYPE)
        except Problem as problem:
            raise _previous(problem.detail) from None
        if "result" not in record:
            raise _previous("The previous response has no answer.")
        if len(record["payload"]) > (limit := MAX_CONVERSATION * self._settings.max_body_bytes):
            raise _previous(f"The conversation has more than {limit} bytes; begin another one.")
        return _conversation(record)


def _previous(detail: str) -> Problem:
    errors = [body_error(("previous_response_id",), detail)]
    return Problem("validation-error", detail, errors=errors)


def _conversation(record: Record) -> list[Any]:
    form = from_json(record["payload"])["input"]
    first = [{"role": "user", "content": form}] if isinstance(form, str) else form
    return [*first, *output_items(record)]


async def _parts(
    events: ResponseEvents, steps: Any, position: TextPosition
) -> AsyncGenerator[bytes, None]:
    """Yields the events of a stream."""
    async with aclosing(steps):
        yield events.opening()
        try:
            async for step in steps:
                if isinstance(step, dict):
                    text = _text_of(step)
                    yield events.end(step, position.add(0, text), len(text))
                elif isinstance(step, str):
                    yield events.text(step, position.end)
                else:
                    yield KEEP_ALIVE if isinstance(step, Idle) else events.running()
        except (Problem, TextChanged, DamagedRecord) as error:
            yield events.error(error_body(error)["error"])


def _text_of(record: Record) -> str:
    """Returns the text of the answer, or what there is of it."""
    return "".join(
        part.get("text", "")
        for item in output_items(record)
        if item["type"] == "message"
        for part in item["content"]
    )
