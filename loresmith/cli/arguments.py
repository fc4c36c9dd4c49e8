"""`theme=fantasy count=5` as a payload: typed by the job type's JSON Schema.

name=value       text, number or yes/no, as the field wants it
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
YES_OR_NO: Final = {"true": True, "yes": True, "false": False, "no": False}
ARTICLES: Final = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


class ArgumentError(ValueError):
    """An argument does not fit; the message names the field and the cure."""


def payload(words: Iterable[str], schema: Mapping[str, Any]) -> dict[str, Any]:
    """The payload that the words describe. Raises ArgumentError."""
    given: dict[str, Any] = {}
    for word in words:
        name, value = _field(word, schema)
        if name in given:
            raise ArgumentError(f"{name}: is given twice")
        given[name] = value
    missing = [name for name in schema.get("required", ()) if name not in given]
    if missing:
        raise ArgumentError(f"{missing[0]}: is required; {_fields(schema)}")
    return given


def kinds(schema: Mapping[str, Any], root: Mapping[str, Any]) -> set[str]:
    """The JSON types that a field accepts; empty when it accepts anything."""
    schema = _resolved(schema, root)
    if branches := schema.get("anyOf") or schema.get("oneOf"):
        return {kind for branch in branches for kind in kinds(branch, root)}
    named = schema.get("type", [])
    return {named} if isinstance(named, str) else set(named)


def choices(schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[Any] | None:
    """The values that a field is limited to; None when it is not."""
    schema = _resolved(schema, root)
    for branch in schema.get("anyOf") or schema.get("oneOf") or (schema,):
        if listed := _resolved(branch, root).get("enum"):
            return list(listed)
    return None


def _field(word: str, schema: Mapping[str, Any]) -> tuple[str, Any]:
    found = FIELD.fullmatch(word)
    if not found:
        raise ArgumentError(f"{word!r} is no field; write name=value. {_fields(schema)}")
    name, operator, raw = found.groups()
    fields = schema.get("properties", {})
    if name not in fields:
        near = get_close_matches(name, fields, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ArgumentError(f"{name}: there is no such field{hint} {_fields(schema)}")
    text = _file(name, raw[1:]) if raw.startswith("@") else raw
    value = _json(name, text) if operator == ":=" else _typed(name, text, fields[name], schema)
    _check_choice(name, value, choices(fields[name], schema))
    return name, value


def _typed(name: str, text: str, field: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    wanted = kinds(field, root)
    if "integer" in wanted and re.fullmatch(r"[+-]?[0-9]+", text):
        return int(text)
    if "number" in wanted and (number := _number(text)) is not None:
        return number
    if "boolean" in wanted and text.lower() in YES_OR_NO:
        return YES_OR_NO[text.lower()]
    if "string" in wanted or not wanted:
        return text
    named = " or ".join(ARTICLES.get(kind, kind) for kind in sorted(wanted))
    cure = f"; write {name}:='...' in JSON" if wanted & {"array", "object"} else ""
    raise ArgumentError(f"{name}: must be {named}, not {text!r}{cure}")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise ArgumentError(f"{name}: is not JSON: {error}; for plain text write {name}=") from None


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ArgumentError(f"{name}: {path} cannot be read: {reason}") from None


def _check_choice(name: str, value: Any, allowed: list[Any] | None) -> None:
    if allowed is not None and value is not None and value not in allowed:
        raise ArgumentError(f"{name}: must be one of {', '.join(map(str, allowed))}")


def _resolved(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while reference := schema.get("$ref"):
        schema = root.get("$defs", {}).get(reference.rpartition("/")[2], {})
    return schema


def _fields(schema: Mapping[str, Any]) -> str:
    required = set(schema.get("required", ()))
    names = [f"{name}*" if name in required else name for name in schema.get("properties", {})]
    return f"The fields are {', '.join(names)} (* required)."
