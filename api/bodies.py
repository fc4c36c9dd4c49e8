"""Bodies: read up to a limit, be plain JSON, fit a model. All that does not is a problem here."""

import math
import re
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.requests import ClientDisconnect, Request

from api.problems import Problem, at, echo, header, invalid

MOST_FAULTS = 20
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
UNCOMMON = re.compile(rb"\\u00[01][0-9a-fA-F]|[eE]\+?[0-9]{3}|[0-9]{19}")
"""What a body with a control character, an infinite number or a huge integer cannot do without."""
ALLOWED_CONTROLS = "\t\n\r"
LARGEST_INTEGER = 2**63 - 1
ALIASES = {"input": "payload"}
LENGTHS = {
    "too_long": "must have {max_length} characters at most",
    "too_short": "must have {min_length} characters at least",
}
"""What pydantic tells of a text with a validator of its own in other words."""

ModelT = TypeVar("ModelT", bound=BaseModel)


async def read(request: Request, limit: int) -> bytes:
    """The body. Raises Problem over `limit` bytes, whatever the headers say of its length."""
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
    """Raises Problem unless the body is announced as plain JSON."""
    media_type, _, charset = request.headers.get("content-type", "").lower().partition(";")
    if media_type.strip() != "application/json":
        raise _not_json(header("Content-Type", f"must be application/json, not {echo(media_type)}"))
    if charset.strip() and charset.replace('"', "").strip() != "charset=utf-8":
        raise _not_json(header("Content-Type", "must have no charset but utf-8"))
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise _not_json(header("Content-Encoding", "must not be compressed"))


def parse(body: bytes) -> Any:
    """The value of a body, whatever it is. Raises Problem."""
    if body.startswith(BYTE_ORDER_MARKS):
        raise invalid(at((), "the body must be UTF-8 without a byte order mark"))
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise invalid(at((), f"the body is not JSON in UTF-8: {error}")) from None


def fit(model: type[ModelT], body: bytes, value: Any) -> ModelT:
    """The body, whose value is known, as the model has it. Raises Problem with every fault."""
    try:
        fitting = model.model_validate_json(body)
    except ValidationError as error:
        raise _misfit(model, error) from None
    if UNCOMMON.search(body):
        _inspect(value)
    return fitting


def _inspect(value: Any) -> None:
    """Raises Problem for what JSON allows and no store or terminal likes."""
    rest: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while rest:
        place, found = rest.pop()
        if isinstance(found, dict):
            rest += [((*place, name), inner) for name, inner in found.items()]
            rest += [((*place, name), name) for name in found]
        elif isinstance(found, list):
            rest += [((*place, index), inner) for index, inner in enumerate(found)]
        elif fault := _fault(found):
            raise invalid(at(place, fault))


def _fault(scalar: Any) -> str | None:
    if isinstance(scalar, str):
        bad = next((char for char in scalar if char < " " and char not in ALLOWED_CONTROLS), None)
        return f"control character U+{ord(bad):04X} is not allowed" if bad else None
    if isinstance(scalar, float) and math.isinf(scalar):
        return "the number is too large"
    if isinstance(scalar, int) and abs(scalar) > LARGEST_INTEGER:
        return "the integer does not fit into 64 bits"
    return None


def _misfit(model: type[BaseModel], error: ValidationError) -> Problem:
    details = error.errors(include_url=False, include_input=False)
    faults = [at(detail["loc"], _told(model, detail)) for detail in details[:MOST_FAULTS]]
    first = faults[0]
    detail = f"{first['pointer']}: {first['detail']}" if first["pointer"] else first["detail"]
    return Problem("validation-error", detail, errors=faults)


def _told(model: type[BaseModel], detail: ErrorDetails) -> str:
    if detail["type"] == "extra_forbidden":
        return f"unknown field; the known ones are {', '.join(_known(model, detail['loc'][:-1]))}"
    if detail["type"] in LENGTHS and detail["ctx"]["field_type"] == "Value":
        return LENGTHS[detail["type"]].format(**detail["ctx"])
    if detail["type"] == "missing":
        return "is required"
    if detail["type"] == "value_error":
        return detail["msg"].removeprefix("Value error, ")
    return detail["msg"]


def _known(model: type[BaseModel], place: Iterable[str | int]) -> list[str]:
    """The fields that the object at a place may have."""
    for part in place:
        field = model.model_fields.get(ALIASES.get(str(part), str(part)))
        inner = field.annotation if field else None
        if not isinstance(inner, type) or not issubclass(inner, BaseModel):
            return ["those of its schema in /openapi.json"]
        model = inner
    return sorted(model.model_fields)


def _too_large(limit: int) -> Problem:
    return Problem("payload-too-large", f"The body may have {limit} bytes at most.", limit=limit)


def _not_json(fault: dict[str, str]) -> Problem:
    place, detail = fault.values()
    return Problem("unsupported-media-type", f"{place} {detail}.", errors=[fault])
