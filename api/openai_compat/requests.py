"""Reads the requests, and makes the jobs that they ask for."""

from typing import TypeVar

from pydantic import BaseModel
from starlette.requests import Request

from loresmith.api.http.body import parse_json, read_body, require_json, validate
from loresmith.api.http.principals import principal_of
from loresmith.api.http.problems import Problem, body_error
from loresmith.api.schemas.openai_requests import OpenAIRequest
from loresmith.api.schemas.requests import NEW_JOBS, JobOptions, NewJob
from loresmith.api.services.submissions import ValidatedJob, submission_of
from loresmith.jobs.core.settings import Settings
from loresmith.jobs.core.settings.providers import UnknownModel

RequestT = TypeVar("RequestT", bound=OpenAIRequest)


async def read_request(
    request: Request, model: type[RequestT], limit: int
) -> tuple[bytes, RequestT]:
    """Returns the body and what it says. Raises Problem."""
    require_json(request)
    body = await read_body(request, limit)
    return body, validate(model, body, parse_json(body))


def new_job(
    request: Request, body: OpenAIRequest, type: str, payload: BaseModel, settings: Settings
) -> ValidatedJob:
    """Returns the job that a request asks for. Raises Problem."""
    try:
        settings.providers.resolve_list(body.model)
    except UnknownModel as error:
        raise Problem(
            "model-not-found", str(error), errors=[body_error(("model",), str(error))]
        ) from None
    chosen = body.loresmith.model_dump(exclude_none=True) if body.loresmith else {}
    if body.store is False:
        chosen["store"] = False
    new: NewJob = NEW_JOBS[type].model_construct(
        type=type,
        payload=payload,
        metadata=body.metadata or {},
        options=JobOptions(**chosen | {"model": body.model}),
    )
    return submission_of(new, settings.start_deadline_s, settings.providers, principal_of(request))
