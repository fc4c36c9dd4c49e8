"""Builds the OpenAPI 3.1 document from the routes, their operations, and the schemas."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic.json_schema import models_json_schema
from starlette.routing import Route

from loresmith.api.http.openai_errors import PREFIX as OPENAI_PREFIX
from loresmith.api.http.openai_errors import STATUSES as OPENAI_STATUSES
from loresmith.api.http.params import Parameter
from loresmith.api.http.problems import PROBLEMS
from loresmith.api.http.scopes import PUBLIC
from loresmith.api.openapi.operation import Operation, ResponseSpec, operation_of
from loresmith.api.schemas.job_token import JobTokenRequest
from loresmith.api.schemas.jobs import JOBS, PLAIN
from loresmith.api.schemas.keys import KeyRequest, KeyRotation
from loresmith.api.schemas.limits import OwnerLimitsRequest, PoolLimitsRequest
from loresmith.api.schemas.openai_objects import OPENAI_OBJECTS
from loresmith.api.schemas.openai_requests import ChatCompletionRequest, ResponseRequest
from loresmith.api.schemas.queue import PauseRequest, ResumeRequest
from loresmith.api.schemas.requests import (
    NEW_JOBS,
    Acknowledgement,
    BudgetRequest,
    CancelJobRequest,
    CleanupRequest,
    RetryJobRequest,
)
from loresmith.api.schemas.session import LoginRequest
from loresmith.jobs.core.events import ALL_JOBS_STREAM, JOB_STREAM, type_of

Json = dict[str, Any]

REF = "#/components/schemas/"
ABOUT = (
    "Runs long language-model generations as jobs: post a job, get its id at once, poll or stream "
    "it until it is done. Every error is an RFC 9457 problem that names the field or the remedy."
)
HEADERS: Json = {
    "Location": {"description": "The URL of the job", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds after which to poll again",
        "schema": {"type": "integer"},
    },
    "Loresmith-Job": {"description": "The id of the job", "schema": {"type": "string"}},
    "ETag": {"description": "The job's version", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "The job existed before the request",
        "schema": {"type": "string", "const": "true"},
    },
    "Link": {"description": "The URL of the next page", "schema": {"type": "string"}},
    "Set-Cookie": {
        "description": "The cookie of the session, or its end",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "The methods of the path", "schema": {"type": "string"}},
}

SECURITY_SCHEMES: Json = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key (lore_…), a job token (jt_…) or a token of the identity "
        "provider. A server on loopback without keys needs none",
    },
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "__Host-lore",
        "description": "The cookie of `POST /session`; over http its name is `lore`",
    },
    "job_token": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "A job token (jt_…), for an EventSource, which sends no headers",
    },
}
EVENTS = dict.fromkeys((*JOB_STREAM, *ALL_JOBS_STREAM))


def build_document(routes: Iterable[Route]) -> Json:
    """Returns the document."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route in routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            described = _operation(operation_of(route.endpoint))
            if route.path.startswith(f"{OPENAI_PREFIX}/"):
                described = with_openai_errors(described)
            paths[route.path_format][method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Loresmith", "version": "1", "description": ABOUT},
        "paths": dict(paths),
        "components": {"schemas": _schemas(), "securitySchemes": SECURITY_SCHEMES},
    }


def _operation(operation: Operation) -> Json:
    described: Json = {
        "summary": operation.summary,
        "description": operation.description,
        "security": _security(operation),
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            **{
                str(status): _response(response) for status, response in operation.responses.items()
            },
            **_problems(operation),
        },
    }
    if operation.body:
        content: Json = {"schema": {"$ref": REF + operation.body}}
        if operation.example:
            content["example"] = operation.example
        described["requestBody"] = {
            "required": operation.body_required,
            "content": {"application/json": content},
        }
    return described


def _security(operation: Operation) -> list[Json]:
    """Returns the credentials that a route accepts, with its scope."""
    if operation.scope == PUBLIC:
        return []
    schemes = [name for name in SECURITY_SCHEMES if name != "job_token" or operation.job_token]
    return [{name: [operation.scope]} for name in schemes]


def _parameter(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "in": parameter.location,
        "description": parameter.description,
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _response(response: ResponseSpec) -> Json:
    described: Json = {"description": response.description}
    if response.headers:
        described["headers"] = {name: HEADERS[name] for name in response.headers}
    if response.schema:
        described["content"] = {response.media_type: {"schema": {"$ref": REF + response.schema}}}
    elif response.media_type != "application/json":
        described["content"] = {response.media_type: {"schema": {"type": "string"}}}
    return described


def _problems(operation: Operation) -> Json:
    """Returns the problem responses, grouped by status."""
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(operation.problems):
        codes[PROBLEMS[code].status].append(code)
    return {
        str(status): _problem(codes_of_status) for status, codes_of_status in sorted(codes.items())
    }


def _problem(codes: Sequence[str]) -> Json:
    description = "; ".join(f"`{code}`: {PROBLEMS[code].title}" for code in codes)
    schema: Json = {
        "allOf": [{"$ref": REF + "ProblemBody"}, {"properties": {"code": {"enum": list(codes)}}}]
    }
    described: Json = {
        "description": description,
        "content": {"application/problem+json": {"schema": schema}},
    }
    if PROBLEMS[codes[0]].status in (429, 503):
        described["headers"] = {"Retry-After": HEADERS["Retry-After"]}
    return described


def with_openai_errors(operation: Json) -> Json:
    """Returns an operation whose errors have OpenAI's form."""
    responses: Json = {}
    for status, response in operation["responses"].items():
        content = {"application/json": {"schema": {"$ref": REF + "OpenAIErrorBody"}}}
        is_problem = "application/problem+json" in response.get("content", {})
        number = str(OPENAI_STATUSES.get(int(status), status)) if is_problem else status
        known = responses.get(number)
        if is_problem and known:
            response = known | {"description": f"{known['description']}; {response['description']}"}
        elif is_problem:
            response = response | {"content": content}
        responses[number] = response
    return operation | {"responses": responses}


def _schemas() -> Json:
    requests = [
        (model, "validation")
        for model in (
            *NEW_JOBS.values(),
            CancelJobRequest,
            CleanupRequest,
            RetryJobRequest,
            Acknowledgement,
            BudgetRequest,
            OwnerLimitsRequest,
            PoolLimitsRequest,
            PauseRequest,
            ResumeRequest,
            KeyRequest,
            KeyRotation,
            LoginRequest,
            JobTokenRequest,
            ChatCompletionRequest,
            ResponseRequest,
        )
    ]
    responses = [
        (model, "serialization") for model in (*JOBS.values(), *PLAIN, *OPENAI_OBJECTS, *EVENTS)
    ]
    _, definitions = models_json_schema([*requests, *responses], ref_template=REF + "{model}")  # type: ignore[list-item]
    schemas: Json = definitions["$defs"]
    schemas["NewJob"] = _by_type({name: model.__name__ for name, model in NEW_JOBS.items()})
    schemas["Job"] = _by_type({name: model.__name__ for name, model in JOBS.items()})
    schemas["JobEvent"] = _by_type({type_of(each): each.__name__ for each in JOB_STREAM})
    schemas["AllJobsEvent"] = _by_type({type_of(each): each.__name__ for each in ALL_JOBS_STREAM})
    schemas["Result"] = _results(schemas)
    schemas["OpenApi"] = {"type": "object", "description": "An OpenAPI 3.1 document"}
    return schemas


def _by_type(names: dict[str, str]) -> Json:
    refs = {type: REF + name for type, name in names.items()}
    return {
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": "type", "mapping": refs},
    }


def _results(schemas: Json) -> Json:
    """Returns the schema of any result; it depends on the type of the job."""
    return {"anyOf": [schemas[model.__name__]["properties"]["result"] for model in JOBS.values()]}
