"""`/v1/chat/completions`: create, read and delete."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing

from starlette.requests import Request
from starlette.responses import Response

from loresmith.api.handlers.job_responses import job_problem
from loresmith.api.http.audit import audit
from loresmith.api.http.problems import Problem
from loresmith.api.http.responses import JSONResponse
from loresmith.api.openai_compat.answers import Answers, Steps, error_body
from loresmith.api.openai_compat.chat_objects import ChatChunks, chat_completion, error_part
from loresmith.api.openai_compat.creation import OpenAIJobs
from loresmith.api.openai_compat.ended_jobs import read_job, require_completed
from loresmith.api.openai_compat.event_stream import KEEP_ALIVE, OpenAIStream
from loresmith.api.openai_compat.following import Idle, Step
from loresmith.api.openai_compat.ids import CHAT
from loresmith.api.openai_compat.operations import (
    NEW_HEADERS,
    NEW_PARAMETERS,
    NEW_PROBLEMS,
    READ_PROBLEMS,
    id_parameter,
)
from loresmith.api.openai_compat.requests import new_job, read_request
from loresmith.api.openai_compat.text_position import TextChanged, TextPosition
from loresmith.api.openapi.operation import ResponseSpec, operation
from loresmith.api.schemas.openai_requests import ChatCompletionRequest
from loresmith.jobs.core.damaged_record import DamagedRecord
from loresmith.jobs.core.settings import Settings

TYPE = "chat_completion"
ROUTE = "POST /v1/chat/completions"
ID = id_parameter("chatcmpl-…")


class ChatCompletionHandlers:
    """Chat completions are jobs of the type `chat_completion`."""

    def __init__(self, jobs: OpenAIJobs, answers: Answers, settings: Settings) -> None:
        self._jobs = jobs
        self._answers = answers
        self._settings = settings

    @operation(
        "Create a chat completion",
        {200: ResponseSpec("The completion, or its chunks.", "ChatCompletion", NEW_HEADERS)},
        scope="jobs:write",
        problems=NEW_PROBLEMS,
        parameters=NEW_PARAMETERS,
        body="ChatCompletionRequest",
        example={
            "model": "gpt-5-mini",
            "messages": [{"role": "user", "content": "Name three rivers."}],
        },
    )
    async def create(self, request: Request) -> Response:
        """Creates a job and waits for its end, or streams its text. A client that leaves ends
        neither: the same request with the same Idempotency-Key, or as a retry of OpenAI's SDK, is
        the same job.
        """
        settings = self._settings
        body, form = await read_request(request, ChatCompletionRequest, settings.max_body_bytes)
        payload = form.payload(settings.v1_max_output_tokens)
        job = new_job(request, form, TYPE, payload, settings)
        with ExitStack() as stack:
            stack.enter_context(self._answers.place(request))
            created = await self._jobs.create(
                request, ROUTE, body, job, is_awaited=True, reads_text=bool(form.stream)
            )
            if not form.stream:
                return await self._answers.at_the_end(request, created, chat_completion)
            position = TextPosition()
            first, steps = await self._answers.first_step(request, created, position)
            if isinstance(first, dict):
                await self._answers.completed(created, first)
            options = form.stream_options
            chunks = ChatChunks(created.record, with_usage=bool(options and options.include_usage))
            parts = _parts(chunks, first, steps, position)
            return OpenAIStream(parts, stack.pop_all(), created.delivered, created.headers)

    @operation(
        "Read a chat completion",
        {200: ResponseSpec("The completion.", "ChatCompletion")},
        scope="jobs:read",
        problems=(*READ_PROBLEMS, "not-finished", "job-failed", "job-cancelled"),
        parameters=(ID,),
    )
    async def read(self, request: Request) -> Response:
        """Returns a completion as long as its job is stored."""
        store = self._jobs.store_of(request)
        record = await read_job(store, CHAT, request.path_params["id"], TYPE)
        return JSONResponse(chat_completion(require_completed(record)))

    @operation(
        "Delete a chat completion",
        {200: ResponseSpec("The job and its content are deleted.", "DeletedObject")},
        scope="jobs:write",
        problems=(*READ_PROBLEMS, "not-finished"),
        parameters=(ID,),
    )
    async def delete(self, request: Request) -> Response:
        """Deletes a job that has ended."""
        store, text = self._jobs.store_of(request), request.path_params["id"]
        record = await read_job(store, CHAT, text, TYPE)
        if await store.delete(record["id"]) != "ok":
            raise job_problem("not-finished", "The job has not ended.", record)
        await audit(request, "job.delete", f"job {record['id']}")
        deleted = {"id": text, "object": "chat.completion.deleted", "deleted": True}
        return JSONResponse(deleted)


async def _parts(
    chunks: ChatChunks, first: Step, steps: Steps, position: TextPosition
) -> AsyncGenerator[bytes, None]:
    """Yields the chunks of a stream."""
    async with aclosing(steps):
        yield chunks.role()
        step = first
        try:
            while not isinstance(step, dict):
                if isinstance(step, str):
                    yield chunks.text(step)
                elif isinstance(step, Idle):
                    yield KEEP_ALIVE
                step = await anext(steps)
            record = require_completed(step)
            text = chat_completion(record)["choices"][0]["message"]["content"] or ""
            yield chunks.end(record, position.add(0, text))
        except (Problem, TextChanged, DamagedRecord) as error:
            yield error_part(error_body(error))
