"""Request bodies: read up to a limit, parsed as JSON, validated by a model."""

import math
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.requests import ClientDisconnect, Request

from loresmith.api.http.problems import Problem, body_error, header, truncated, validation_error

MAX_ERRORS = 20
MAX_UNKNOWN_FIELDS = 100
"""With more at its top level a body is not validated: each would be an error of its own."""
MAX_BUILT_ERRORS = 1_000
"""pydantic builds all errors or none: 1,000 take 1 ms, and 90,000 take 0.4 s."""
JSON_TYPES = ("application/json", "", "text/plain", "application/x-www-form-urlencoded")
"""What clients send with JSON: a program, `fetch` with a text, `curl -d`. Pages of other origins
may send all but the first without a preflight; the middleware has refused them (origins.py).
"""
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
UNCOMMON = re.compile(rb"NaN|Infinity|\\u00[01][0-9a-fA-F]|[eE]\+?[0-9]{3}|[0-9]{19}")
"""Matches every body with a control character, an infinite or huge number, or NaN."""
ALLOWED_CONTROLS = "\t\n\r"
MAX_INTEGER = 2**63 - 1
UNSUPPORTED = "unsupported_parameter"
"""Type of the validation error of what a job type knows and cannot honour."""
ALIASES = {"input": "payload"}
LENGTHS = {
    "too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length} characters",
}
"""Messages for texts with a validator of their own, which pydantic describes differently."""

ModelT = TypeVar("ModelT", bound=BaseModel)


async def read_body(request: Request, limit: int) -> bytes:
    """Reads the body. Raises Problem over `limit` bytes, whatever Content-Length says."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise _too_large(limit)
    body, more = b"", True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > limit:
            raise _too_large(limit)
        more = message.get("more_body", False)
    return body


def require_json(request: Request) -> None:
    """Raises Problem unless the headers declare uncompressed JSON in UTF-8, or nothing."""
    media_type, _, charset = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() not in JSON_TYPES:
        instead = f", not {truncated(media_type.strip())}"
        raise _not_json(header("Content-Type", f"must be application/json{instead}"))
    if charset.strip() and charset.replace('"', "").strip() != "charset=utf-8":
        raise _not_json(header("Content-Type", "must have no charset but utf-8"))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise _not_json(header("Content-Encoding", "must not be compressed"))


async def optional_body(request: Request, model: type[ModelT], limit: int) -> ModelT:
    """Returns the validated body; the model's defaults when there is none. Raises Problem."""
    body = await read_body(request, limit)
    if not body:
        return model()
    require_json(request)
    return validate(model, body, parse_json(body))


async def required_body(request: Request, model: type[ModelT], limit: int) -> ModelT:
    """Returns the validated body. Raises Problem."""
    require_json(request)
    body = await read_body(request, limit)
    return validate(model, body, parse_json(body))


def parse_json(body: bytes) -> Any:
    """Parses a body as JSON of any shape. Raises Problem."""
    if body.startswith(BYTE_ORDER_MARKS):
        raise validation_error(body_error((), "the body must be UTF-8 without a byte order mark"))
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise validation_error(body_error((), f"the body is not JSON in UTF-8: {error}")) from None


def validate(model: type[ModelT], body: bytes, value: Any) -> ModelT:
    """Validates a body that was parsed to `value`. Raises Problem with the first errors."""
    _require_few_unknown_fields(model, value)
    try:
        validated = model.model_validate_json(body)
    except ValidationError as error:
        raise validation_problem(model, error, value) from None
    if UNCOMMON.search(body):
        _reject_unsafe_values(value)
    return validated


def _require_few_unknown_fields(model: type[BaseModel], value: Any) -> None:
    """Raises Problem for a body that could hold the process up. Costs nothing for all others."""
    if not isinstance(value, dict) or len(value) <= len(model.model_fields) + MAX_UNKNOWN_FIELDS:
        return
    known = {*model.model_fields, *ALIASES}
    unknown = (name for name in value if name not in known)
    text = _unknown_field(model, ())
    raise validation_error(*(body_error((name,), text) for name in islice(unknown, MAX_ERRORS)))


def _reject_unsafe_values(value: Any) -> None:
    """Raises Problem for values that JSON allows but stores and terminals do not handle."""
    remaining: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while remaining:
        location, current = remaining.pop()
        if isinstance(current, dict):
            remaining += [((*location, name), inner) for name, inner in current.items()]
            remaining += [((*location, name), name) for name in current]
        elif isinstance(current, list):
            remaining += [((*location, index), inner) for index, inner in enumerate(current)]
        elif detail := _scalar_error(current):
            raise validation_error(body_error(location, detail))


def _scalar_error(scalar: Any) -> str | None:
    if isinstance(scalar, str):
        controls = (char for char in scalar if char < " " and char not in ALLOWED_CONTROLS)
        control = next(controls, None)
        return f"control character U+{ord(control):04X} is not allowed" if control else None
    if isinstance(scalar, float) and math.isinf(scalar):
        return "the number is too large"
    if isinstance(scalar, int) and abs(scalar) > MAX_INTEGER:
        return "the integer exceeds 64 bits"
    return None


def validation_problem(
    model: type[BaseModel], error: ValidationError, value: Any = None
) -> Problem:
    """Returns the problem with the first errors of a validation of `value`."""
    if (count := error.error_count()) > MAX_BUILT_ERRORS:
        return validation_error(body_error((), f"the body has {count} errors, too many to list"))
    details = error.errors(include_url=False, include_input=False)[:MAX_ERRORS]
    problem = validation_error(
        *(body_error(_path(each["loc"], value), _message(model, each)) for each in details)
    )
    if details[0]["type"] == UNSUPPORTED:
        problem.code = "unsupported-parameter"
    return problem


def _path(location: tuple[str | int, ...], value: Any) -> Iterator[str | int]:
    """Yields a location without the names of the alternatives of a union, which no body has."""
    if value is None:
        yield from location
        return
    for at, part in enumerate(location):
        if isinstance(value, list) and isinstance(part, int):
            yield part
            value = value[part] if part < len(value) else None
        elif isinstance(value, dict) and part in value:
            yield part
            value = value[part]
        elif at == 0 or (isinstance(value, dict) and at == len(location) - 1):
            yield part


def _message(model: type[BaseModel], detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return _unknown_field(model, detail["loc"][:-1])
    if detail["type"] in LENGTHS and detail["ctx"]["field_type"] == "Value":
        return LENGTHS[detail["type"]].format(**detail["ctx"])
    if detail["type"] == "missing":
        return "is required"
    if detail["type"] == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    return detail["msg"]


def _unknown_field(model: type[BaseModel], location: Iterable[str | int]) -> str:
    known = ", ".join(_known_fields(model, location))
    return f"unknown field; the known fields are {known}"


def _known_fields(model: type[BaseModel], location: Iterable[str | int]) -> list[str]:
    """Lists the fields that the object at a location may have."""
    for part in location:
        field = model.model_fields.get(ALIASES.get(str(part), str(part)))
        inner = field.annotation if field else None
        if not isinstance(inner, type) or not issubclass(inner, BaseModel):
            return ["those of its schema in /openapi.json"]
        model = inner
    return sorted(model.model_fields)


def _too_large(limit: int) -> Problem:
    return Problem("payload-too-large", f"The body exceeds {limit} bytes.", limit=limit)


def _not_json(error: dict[str, str]) -> Problem:
    name, detail = error.values()
    return Problem("unsupported-media-type", f"{name} {detail}.", errors=[error])
