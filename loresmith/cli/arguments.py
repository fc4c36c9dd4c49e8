"""Converts `theme=fantasy count=5` to a payload, typed by the job type's JSON Schema.

name=value       text, number or yes/no, as the field requires
name:=json       raw JSON: lists, objects, null
name=@file       the text of a file;  name:=@file  the JSON of a file
"""

import json
import math
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

FIELD: Final = re.compile(r"([A-Za-z_][\w-]*)(:=|=)(.*)", re.DOTALL)
BOOLEANS: Final = {"true": True, "yes": True, "false": False, "no": False}
TYPE_NAMES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class ArgumentError(ValueError):
    """An invalid argument; the message names the field and the remedy."""


def parse_payload(words: Iterable[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the payload. Raises ArgumentError that names every invalid or missing field."""
    payload: dict[str, Any] = {}
    names: set[str] = set()
    problems: list[str] = []
    for word in words:
        try:
            name, operator, raw = _split(word)
            if name in names:
                raise ArgumentError(f"{name}: given twice")
            names.add(name)
            payload[name] = _value(name, operator, raw, schema)
        except ArgumentError as error:
            problems.append(str(error))
    missing = [name for name in schema.get("required", ()) if name not in names]
    problems += [f"{name}: required" for name in missing]
    if problems:
        raise ArgumentError("\n".join([*problems, _field_list(schema)]))
    return payload


def json_types(field: Mapping[str, Any], schema: Mapping[str, Any]) -> set[str]:
    """Returns the JSON types that a field accepts; empty when it accepts any."""
    field = _resolve(field, schema)
    if branches := field.get("anyOf") or field.get("oneOf"):
        return {name for branch in branches for name in json_types(branch, schema)}
    types = field.get("type", [])
    return {types} if isinstance(types, str) else set(types)


def choices(field: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Any] | None:
    """Returns the values of an enumeration; None for any other field."""
    field = _resolve(field, schema)
    for branch in field.get("anyOf") or field.get("oneOf") or (field,):
        if values := _resolve(branch, schema).get("enum"):
            return list(values)
    return None


def _split(word: str) -> tuple[str, str, str]:
    match = FIELD.fullmatch(word)
    if not match:
        raise ArgumentError(f"{word!r} is not a field; write name=value")
    name, operator, raw = match.groups()
    return name, operator, raw


def _value(name: str, operator: str, raw: str, schema: Mapping[str, Any]) -> Any:
    fields = schema.get("properties", {})
    if name not in fields:
        similar = get_close_matches(name, fields, n=1)
        hint = f". Did you mean {similar[0]}?" if similar else ""
        raise ArgumentError(f"{name}: unknown field{hint}")
    text = read_file(name, raw[1:]) if raw.startswith("@") else raw
    field = fields[name]
    value = _parse_json(name, text) if operator == ":=" else _typed(name, text, field, schema)
    _check_choice(name, value, choices(field, schema))
    _check_range(name, value, _resolve(field, schema))
    return value


def _typed(name: str, text: str, field: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    types = json_types(field, schema)
    if "integer" in types and re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    if "number" in types and (number := _number(text)) is not None:
        return number
    if "boolean" in types and text.lower() in BOOLEANS:
        return BOOLEANS[text.lower()]
    if "string" in types or not types:
        return text
    expected = " or ".join(TYPE_NAMES.get(each, each) for each in sorted(types))
    remedy = f"; write {name}:='...' in JSON" if types & {"array", "object"} else ""
    raise ArgumentError(f"{name}: must be {expected}, not {text!r}{remedy}")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _parse_json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ArgumentError(f"{name}: invalid JSON: {error}; for text write {name}=") from None


def read_file(name: str, path: str) -> str:
    """Returns the text of a file. Raises ArgumentError that names the argument."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ArgumentError(f"{name}: cannot read {path}: {reason}") from None


def _check_choice(name: str, value: Any, allowed: list[Any] | None) -> None:
    if allowed is not None and value is not None and value not in allowed:
        raise ArgumentError(f"{name}: must be one of {', '.join(map(str, allowed))}")


def _check_range(name: str, value: Any, field: Mapping[str, Any]) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if value < field.get("minimum", value):
        raise ArgumentError(f"{name}: must be at least {field['minimum']}")
    if value > field.get("maximum", value):
        raise ArgumentError(f"{name}: must be at most {field['maximum']}")


def _resolve(field: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while reference := field.get("$ref"):
        field = schema.get("$defs", {}).get(reference.rpartition("/")[2], {})
    return field


def _field_list(schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    names = [f"{name}*" if name in required else name for name in schema.get("properties", {})]
    return f"Fields (* required): {', '.join(names)}."
