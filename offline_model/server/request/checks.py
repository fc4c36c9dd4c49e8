"""Checks single values of a request. All functions raise InvalidParameter as OpenAI words it."""

import re
from collections.abc import Sequence
from typing import Any

from loresmith.offline_model.server.errors import InvalidParameter

NAME = re.compile(r"[a-zA-Z0-9_-]+")
MAX_NAME_LENGTH = 64
MAX_QUOTE_LENGTH = 100


def type_name(value: Any) -> str:
    """Returns the type of a JSON value with its article."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a decimal"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def wrong_type(param: str, expected: str, value: Any) -> InvalidParameter:
    message = f"Invalid type for '{param}': expected {expected}, but got {type_name(value)} instead"
    return InvalidParameter(f"{message}.", param, "invalid_type")


def missing(param: str) -> InvalidParameter:
    message = f"Missing required parameter: '{param}'."
    return InvalidParameter(message, param, "missing_required_parameter")


def mapping(value: Any, param: str) -> dict[str, Any]:
    """Returns an object; an empty one for null."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise wrong_type(param, "an object", value)
    return value


def text(value: Any, param: str) -> str:
    """Returns a required text."""
    if value is None:
        raise missing(param)
    if not isinstance(value, str):
        raise wrong_type(param, "a string", value)
    return value


def name(value: Any, param: str) -> str:
    """Returns the name of a tool or schema."""
    value_text = text(value, param)
    if len(value_text) > MAX_NAME_LENGTH:
        raise InvalidParameter(
            f"Invalid '{param}': string too long. Expected a string with maximum length "
            f"{MAX_NAME_LENGTH}, but got a string with length {len(value_text)} instead.",
            param,
            "string_above_max_length",
        )
    if not NAME.fullmatch(value_text):
        raise InvalidParameter(
            f"Invalid '{param}': string does not match pattern. Expected a string that matches "
            f"the pattern '^{NAME.pattern}$'.",
            param,
            "invalid_value",
        )
    return value_text


def one_of(value: Any, choices: Sequence[str], param: str) -> str:
    """Returns one of the choices."""
    choice = text(value, param)
    if choice not in choices:
        *others, last = (f"'{choice}'" for choice in choices)
        listed = f"{', '.join(others)}{',' * (len(others) > 1)} and {last}" if others else last
        quote = choice[:MAX_QUOTE_LENGTH]
        message = f"Invalid value: '{quote}'. Supported values are: {listed}."
        raise InvalidParameter(message, param, "invalid_value")
    return choice


def array(value: Any, param: str, *, minimum: int = 0, maximum: int | None = None) -> list[Any]:
    """Returns a list of valid length."""
    if not isinstance(value, list):
        raise wrong_type(param, "an array", value)
    if len(value) < minimum:
        raise InvalidParameter(
            f"Invalid '{param}': empty array. Expected an array with minimum length {minimum}, "
            "but got an empty array instead.",
            param,
            "empty_array",
        )
    if maximum is not None and len(value) > maximum:
        raise InvalidParameter(
            f"Invalid '{param}': array too long. Expected an array with maximum length {maximum}, "
            f"but got an array with length {len(value)} instead.",
            param,
            "array_above_max_length",
        )
    return value


def number(
    value: Any, param: str, low: float, high: float | None = None, *, is_integer: bool = False
) -> None:
    """Checks the type and the range of a number."""
    kind = "integer" if is_integer else "decimal"
    is_number = isinstance(value, int if is_integer else int | float)
    if not is_number or isinstance(value, bool):
        raise wrong_type(param, f"a{'n' * is_integer} {kind}", value)
    side, limit = ("below min", low) if value < low else ("above max", high)
    if low <= value and (high is None or value <= high):
        return
    sign = ">=" if side == "below min" else "<="
    raise InvalidParameter(
        f"Invalid '{param}': {kind} {side}imum value. Expected a value {sign} {limit:g}, "
        f"but got {value} instead.",
        param,
        f"{kind}_{side.replace(' ', '_')}_value",
    )
