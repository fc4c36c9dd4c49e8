"""JSON Schemas that clients send: which are taken, and what does not fit them.

Patterns run in an engine of linear time, and references lead nowhere outside, so that no schema can
hold a process or open a connection.
"""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NoReturn

import jsonschema_rs
from pydantic_core import from_json

from loresmith.jobs.types.strict_schema import KEPT

MAX_BYTES, MAX_DEPTH, MAX_PROPERTIES, MAX_PATTERN = 64_000, 32, 1_000, 500
MAX_REPORTED_ERRORS = 8
MASK = "this value"
"""Stands for a value in messages, which may be logged."""
LINEAR_TIME = jsonschema_rs.RegexOptions()
STRICT = KEPT | {
    "title",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "anyOf",
    "$defs",
}
"""Keywords that providers can hold while an answer is being written."""
SUBSCHEMAS = ("properties", "$defs")


def check_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a schema that can be used. Raises ValueError that says what is wrong with it."""
    text = json.dumps(schema, ensure_ascii=False)
    if len(text.encode()) > MAX_BYTES:
        raise ValueError(f"exceeds {MAX_BYTES} bytes of JSON")
    _check_size(schema)
    _validator(text)
    return schema


def mismatches(schema: dict[str, Any], text: str) -> str:
    """Returns what of a JSON text does not fit a schema; empty if it fits.

    Raises ValueError for a text that is not JSON.
    """
    value = from_json(text, allow_inf_nan=False)
    errors = []
    for error in _validator(json.dumps(schema, ensure_ascii=False)).iter_errors(value):
        path = ".".join(map(str, error.instance_path)) or "the text"
        errors.append(f"{path}: {error.message[:200]}")
        if len(errors) == MAX_REPORTED_ERRORS:
            errors.append("…")
            break
    return "; ".join(errors)


def as_sent(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Returns a schema as a provider gets it, and whether the provider can hold the answer to it.

    Objects whose properties are all required get `additionalProperties: false`, which strict
    structured outputs ask for; it forbids only what the schema does not name.
    """
    closed = _closed(schema)
    is_strict = closed.get("type") == "object" and _is_strict(closed)
    return (closed, True) if is_strict else (schema, False)


@lru_cache(maxsize=256)
def _validator(text: str) -> jsonschema_rs.Validator:
    try:
        return jsonschema_rs.validator_for(
            json.loads(text), pattern_options=LINEAR_TIME, retriever=_refuse, mask=MASK
        )
    except jsonschema_rs.ValidationError as error:
        place = ".".join(map(str, error.instance_path))
        problem = f"{place}: {error.message[:300]}" if place else error.message[:300]
        raise ValueError(f"is no JSON Schema that can be used: {problem}") from None


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"references outside of the schema are not followed: {uri[:200]}")


def _check_size(schema: dict[str, Any]) -> None:
    properties = 0
    for depth, node in _nodes(schema, 0):
        if depth > MAX_DEPTH:
            raise ValueError(f"is nested deeper than {MAX_DEPTH}")
        named = node.get("properties")
        properties += len(named) if isinstance(named, dict) else 0
        if properties > MAX_PROPERTIES:
            raise ValueError(f"has more than {MAX_PROPERTIES} properties")
        pattern = node.get("pattern")
        if isinstance(pattern, str) and len(pattern) > MAX_PATTERN:
            raise ValueError(f"has a pattern of more than {MAX_PATTERN} characters")


def _nodes(value: Any, depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields all objects of a JSON value with their depth, at most one level too deep."""
    if depth > MAX_DEPTH + 1:
        return
    if isinstance(value, dict):
        yield depth, value
    children = value.values() if isinstance(value, dict) else value
    for child in children if isinstance(value, dict | list) else ():
        yield from _nodes(child, depth + 1)


def _closed(node: Any) -> Any:
    """Returns a schema whose objects take no further properties, where all theirs are required."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    closed = {name: _closed_part(name, each) for name, each in node.items()}
    properties = node.get("properties")
    is_open = node.get("type") == "object" and "additionalProperties" not in node
    if is_open and isinstance(properties, dict) and {*node.get("required", ())} == {*properties}:
        closed["additionalProperties"] = False
    return closed


def _closed_part(keyword: str, value: Any) -> Any:
    if keyword in SUBSCHEMAS and isinstance(value, dict):
        return {name: _closed(each) for name, each in value.items()}
    return _closed(value) if keyword in ("items", "anyOf") else value


def _is_strict(node: Any) -> bool:
    """Whether all keywords are strict ones, and all objects closed and without optional fields."""
    if not isinstance(node, dict) or not node.keys() <= STRICT:
        return False
    if node.get("type") == "object" and (
        node.get("additionalProperties") is not False
        or {*node.get("required", ())} != {*node.get("properties", ())}
    ):
        return False
    parts = [*node.get("anyOf", ()), *([node["items"]] if "items" in node else ())]
    parts += [part for key in SUBSCHEMAS for part in node.get(key, {}).values()]
    return all(map(_is_strict, parts))
