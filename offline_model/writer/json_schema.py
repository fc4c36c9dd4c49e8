"""Resolves references and choices of a JSON Schema, and reads its limits."""

from typing import Any

Schema = dict[str, Any]

MAX_DEPTH = 40
MAX_MINIMUM = 20_000
"""The largest minItems or minLength that is supported."""


class SchemaResolver:
    """Resolves the subschemas of one root schema."""

    def __init__(self, root: Schema) -> None:
        self._root = root

    def resolve(self, schema: Schema, *, prefer_null: bool = False) -> tuple[Schema, str]:
        """Follows references and choices; returns a plain schema and its definition's name."""
        definition = ""
        for _ in range(MAX_DEPTH):
            if "$ref" in schema:
                definition = schema["$ref"].rsplit("/", 1)[-1]
                schema = {**self._target(schema["$ref"]), **_without(schema, "$ref")}
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                schema = {**_without(schema, "anyOf", "oneOf"), **_choose(choices, prefer_null)}
            elif "allOf" in schema:
                parts = [self.resolve(part, prefer_null=prefer_null)[0] for part in schema["allOf"]]
                schema = _merge([*parts, _without(schema, "allOf")])
            else:
                return schema, definition
        raise ValueError("the schema refers to itself")

    def _target(self, reference: str) -> Schema:
        """Returns the schema behind a local reference such as "#/$defs/Character"."""
        target: Any = self._root
        for key in reference.lstrip("#").strip("/").split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")] if key else target
        return dict(target)


def type_of(schema: Schema) -> str:
    """Returns the first type that is not null; guesses a missing one from the keywords."""
    declared = schema.get("type")
    if isinstance(declared, list):
        declared = next((name for name in declared if name != "null"), "null")
    if declared is None:
        return "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(declared)


def bounds(schema: Schema, gap: float) -> tuple[float, float]:
    """Returns the smallest and largest valid number; stays `gap` away from exclusive limits."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if (exclusive := schema.get("exclusiveMinimum")) is not None:
        low = exclusive + gap
    if (exclusive := schema.get("exclusiveMaximum")) is not None:
        high = exclusive - gap
    if low is None:
        low = 1 if high is None else min(1, high)
    return low, low + 99 if high is None else high


def minimum_size(schema: Schema, keyword: str) -> int:
    """Returns minItems or minLength. Raises ValueError if it is too large to generate."""
    minimum = int(schema.get(keyword, 0))
    if minimum > MAX_MINIMUM:
        raise ValueError(f"a minimum of {minimum} is above {MAX_MINIMUM}, the most supported")
    return minimum


def _without(schema: Schema, *keywords: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keywords}


def _choose(choices: list[Schema], prefer_null: bool) -> Schema:
    """Returns the first choice that is not null, or null if there is one and it is preferred."""
    values = [choice for choice in choices if choice.get("type") != "null"]
    if not values or (prefer_null and len(values) < len(choices)):
        return {"type": "null"}
    return values[0]


def _merge(parts: list[Schema]) -> Schema:
    """Merges the parts of an allOf into one schema."""
    merged: Schema = {}
    for part in parts:
        properties = {**merged.get("properties", {}), **part.get("properties", {})}
        required = [*merged.get("required", []), *part.get("required", [])]
        merged = {**merged, **part}
        if properties:
            merged |= {"properties": properties, "required": required}
    return merged
