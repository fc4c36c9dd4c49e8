"""/openapi.json: OpenAPI 3.1, made from the routes, from what the handlers say of themselves, and
from the models that validate.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic.json_schema import models_json_schema
from starlette.routing import Route

from api import operation
from api.operation import Answer, Operation, Parameter
from api.problems import PROBLEMS
from api.replies import JOBS, PLAIN
from api.requests import NEW_JOBS, Cancel, Cleanup, Retry, Seen, Terms

Json = dict[str, Any]

REF = "#/components/schemas/"
ABOUT = (
    "Long language-model generations as jobs: post one, get an id at once, look at it until it is "
    "done. Every error is an RFC 9457 problem that names the field or the cure."
)
HEADERS: Json = {
    "Location": {"description": "Where the job is", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "Seconds after which it is worth to ask again",
        "schema": {"type": "integer"},
    },
    "ETag": {"description": "The job's version", "schema": {"type": "string"}},
    "Idempotent-Replayed": {
        "description": "The job was there before",
        "schema": {"type": "string", "const": "true"},
    },
    "Link": {"description": "The next page", "schema": {"type": "string"}},
    "Allow": {"description": "The methods that the route takes", "schema": {"type": "string"}},
}


def document(routes: Iterable[Route]) -> Json:
    """The whole document."""
    paths: defaultdict[str, Json] = defaultdict(dict)
    for route in routes:
        for method in sorted((route.methods or set()) - {"HEAD"}):
            paths[route.path_format][method.lower()] = _operation(operation.of(route.endpoint))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Loresmith", "version": "1", "description": ABOUT},
        "paths": dict(paths),
        "components": {"schemas": _schemas()},
    }


def _operation(told: Operation) -> Json:
    described: Json = {
        "summary": told.summary,
        "description": told.description,
        "parameters": [_parameter(parameter) for parameter in told.parameters],
        "responses": {
            **{str(status): _answer(answer) for status, answer in told.answers.items()},
            **_problems(told),
        },
    }
    if told.body:
        content: Json = {"schema": {"$ref": REF + told.body}}
        if told.example:
            content["example"] = told.example
        described["requestBody"] = {
            "required": told.body_required,
            "content": {"application/json": content},
        }
    return described


def _parameter(parameter: Parameter) -> Json:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "required": parameter.required,
        "schema": parameter.schema,
    }


def _answer(answer: Answer) -> Json:
    described: Json = {"description": answer.description}
    if answer.headers:
        described["headers"] = {name: HEADERS[name] for name in answer.headers}
    if answer.schema:
        described["content"] = {answer.media_type: {"schema": {"$ref": REF + answer.schema}}}
    elif answer.media_type != "application/json":
        described["content"] = {answer.media_type: {"schema": {"type": "string"}}}
    return described


def _problems(told: Operation) -> Json:
    """The problems, those of one status together."""
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for code in dict.fromkeys(told.problems):
        codes[PROBLEMS[code].status].append(code)
    return {str(status): _problem(found) for status, found in sorted(codes.items())}


def _problem(codes: Sequence[str]) -> Json:
    told = "; ".join(f"`{code}`: {PROBLEMS[code].title}" for code in codes)
    fits: Json = {
        "allOf": [{"$ref": REF + "Problem"}, {"properties": {"code": {"enum": list(codes)}}}]
    }
    described: Json = {
        "description": told,
        "content": {"application/problem+json": {"schema": fits}},
    }
    if PROBLEMS[codes[0]].status == 503:
        described["headers"] = {"Retry-After": HEADERS["Retry-After"]}
    return described


def _schemas() -> Json:
    taken = [
        (model, "validation") for model in (*NEW_JOBS.values(), Cancel, Cleanup, Retry, Seen, Terms)
    ]
    given = [(model, "serialization") for model in (*JOBS.values(), *PLAIN)]
    _, schema = models_json_schema([*taken, *given], ref_template=REF + "{model}")  # type: ignore[list-item]
    schemas: Json = schema["$defs"]
    schemas["NewJob"] = _by_type({name: model.__name__ for name, model in NEW_JOBS.items()})
    schemas["Job"] = _by_type({name: model.__name__ for name, model in JOBS.items()})
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
    """Any of the results; what a job made fits the one of its type."""
    return {"anyOf": [schemas[model.__name__]["properties"]["result"] for model in JOBS.values()]}
