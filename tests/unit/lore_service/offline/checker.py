"""A second opinion on JSON Schema, small and independent of the code under test."""

import re
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


def misfits(value: Any, schema: dict[str, Any], root: dict[str, Any] | None = None) -> list[str]:
    """What does not fit, in words."""
    root = schema if root is None else root
    if "$ref" in schema:
        return misfits(value, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root)
    if "anyOf" in schema:
        each = [misfits(value, one, root) for one in schema["anyOf"]]
        return [] if [] in each else each[0]
    found: list[str] = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{value!r} not in enum")
    if "const" in schema and value != schema["const"]:
        found.append(f"{value!r} is not the constant")
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        return [*found, f"{value!r} is no {schema['type']}"]
    if isinstance(value, str):
        found += _text(value, schema)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        found += _number(value, schema)
    elif isinstance(value, list):
        found += _size(len(value), schema, "Items")
        for one in value:
            found += misfits(one, schema.get("items", {}), root)
    elif isinstance(value, dict):
        found += [f"{name} is missing" for name in schema.get("required", []) if name not in value]
        for name, one in value.items():
            part = schema.get("properties", {}).get(name)
            found += misfits(one, part, root) if part else [f"{name} is not allowed"]
    return found


def _text(value: str, schema: dict[str, Any]) -> list[str]:
    found = _size(len(value), schema, "Length")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{value!r} does not match {schema['pattern']}")
    return found


def _number(value: float, schema: dict[str, Any]) -> list[str]:
    fits = (
        value >= schema.get("minimum", value)
        and value <= schema.get("maximum", value)
        and value > schema.get("exclusiveMinimum", value - 1)
        and value < schema.get("exclusiveMaximum", value + 1)
        and value % schema.get("multipleOf", 1 if isinstance(value, int) else value or 1) == 0
    )
    return [] if fits else [f"{value} is out of bounds"]


def _size(size: int, schema: dict[str, Any], what: str) -> list[str]:
    low, high = schema.get(f"min{what}", 0), schema.get(f"max{what}", size)
    return [] if low <= size <= high else [f"{size} {what}, not {low} to {high}"]
