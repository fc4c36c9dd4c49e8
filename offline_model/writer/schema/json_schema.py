"""Resolves references and choices of a JSON Schema, and reads its limits."""

import json
import math
from collections.abc import Callable
from typing import Any

from loresmith.offline_model.writer.schema.combination import Schema, combine

MAX_DEPTH = 40
MAX_MINIMUM = 20_000
"""The largest minItems or minLength that is supported."""
KEYWORDS_OF_TYPE = {
    "object": ("properties", "required", "additionalProperties", "patternProperties",
               "minProperties", "propertyNames"),
    "array": ("items", "prefixItems", "minItems", "contains", "uniqueItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}  # fmt: skip
"""Keywords that tell the type of a schema without one."""

Choose = Callable[[list[Any]], Any]


class UnusableSchema(ValueError):
    """The schema is invalid; no value is tried."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the schema cannot be followed: {reason}")


class SchemaResolver:
    """Resolves the subschemas of one root schema."""

    def __init__(self, root: Schema) -> None:
        self._root = root

    def resolve(
        self, schema: Any, choose: Choose, *, prefer_null: bool = False
    ) -> tuple[Schema, str]:
        """Follows references and choices; returns a plain schema and its definition's name.

        `choose` selects one of several alternatives that are not null.
        """
        definition = ""
        schema = as_schema(schema)
        for _ in range(MAX_DEPTH):
            if "$ref" in schema:
                definition = schema["$ref"].rsplit("/", 1)[-1]
                schema = combine(self.target(schema["$ref"]), _without(schema, "$ref"))
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                rest = _without(schema, "anyOf", "oneOf")
                schema = combine(rest, self._choose(choices, choose, prefer_null))
            elif "allOf" in schema:
                parts: Schema = {}
                for part in schema["allOf"]:
                    resolved = self.resolve(part, choose, prefer_null=prefer_null)[0]
                    parts = combine(parts, resolved)
                schema = combine(parts, _without(schema, "allOf"))
            elif dependent := schema.get("dependentSchemas"):
                names = schema.get("properties", {}).keys() | set(schema.get("required", ()))
                parts_of_names = [part for name, part in dependent.items() if name in names]
                rest = _without(schema, "dependentSchemas")
                schema = combine(rest, {"allOf": parts_of_names} if parts_of_names else {})
            elif "if" in schema:
                rest = _without(schema, "if", "then", "else")
                positive = {"allOf": [schema["if"], schema.get("then", True)]}
                branch = choose([positive, as_schema(schema.get("else", True))])
                schema = combine(rest, branch)
            else:
                return schema, definition
        raise ValueError("the schema refers to itself")

    def target(self, reference: str) -> Schema:
        """Returns the schema behind a local reference such as "#/$defs/Character".

        Raises UnusableSchema if there is none.
        """
        target: Any = self._root
        try:
            for key in reference.lstrip("#").strip("/").split("/"):
                key = key.replace("~1", "/").replace("~0", "~")
                if isinstance(target, list):
                    target = target[int(key)]
                else:
                    target = target[key] if key else target
        except (LookupError, ValueError, TypeError, AttributeError):
            raise UnusableSchema(f"it has no {reference!r}") from None
        return as_schema(target)

    def _choose(self, choices: list[Any], choose: Choose, prefer_null: bool) -> Schema:
        """Returns a choice that is not null, or null if there is one and it is preferred."""
        values = [
            choice for choice in choices if not (isinstance(choice, dict) and _is_null(choice))
        ]
        if not values or (prefer_null and len(values) < len(choices)):
            return {"type": "null"}
        if prefer_null:
            values.sort(key=self._references)
        return as_schema(choose(values))

    def _references(self, choice: Any) -> int:
        """Counts the references of a choice: the fewer, the sooner a recursive value ends."""
        if isinstance(choice, dict) and "$ref" in choice:
            choice = self.target(choice["$ref"])
        return json.dumps(choice).count('"$ref"')


def as_schema(schema: Any) -> Schema:
    """Returns a schema as an object. Raises ValueError for `false`, which nothing fits."""
    if schema is False:
        raise ValueError("the schema permits no value")
    return {} if schema is True else dict(schema)


def types_of(schema: Schema) -> list[str]:
    """Returns the types but null, if there are others; guesses a missing one."""
    declared = schema.get("type")
    if isinstance(declared, list):
        return [name for name in declared if name != "null"] or ["null"]
    if declared is not None:
        return [str(declared)]
    guesses = (
        name
        for name, keywords in KEYWORDS_OF_TYPE.items()
        if any(key in schema for key in keywords)
    )
    return [next(guesses, "string")]


def bounds(schema: Schema, gap: float) -> tuple[float, float]:
    """Returns the smallest and largest valid number; stays `gap` away from exclusive limits."""
    low, high = schema.get("minimum"), schema.get("maximum")
    if (exclusive := schema.get("exclusiveMinimum")) is not None:
        low = exclusive + gap if low is None else max(low, exclusive + gap)
    if (exclusive := schema.get("exclusiveMaximum")) is not None:
        high = exclusive - gap if high is None else min(high, exclusive - gap)
    if low is None:
        low = 1 if high is None else min(1, high)
    return low, low + 99 if high is None else high


def integer_bounds(schema: Schema) -> tuple[int, int]:
    """Returns the smallest and largest valid integer."""
    whole = dict(schema)
    if "exclusiveMinimum" in schema:
        whole["exclusiveMinimum"] = math.floor(schema["exclusiveMinimum"])
    if "exclusiveMaximum" in schema:
        whole["exclusiveMaximum"] = math.ceil(schema["exclusiveMaximum"])
    low, high = bounds(whole, 1)
    return math.ceil(low), math.floor(high)


def minimum_size(schema: Schema, keyword: str) -> int:
    """Returns minItems or minLength. Raises ValueError if it is too large to generate."""
    minimum = int(schema.get(keyword, 0))
    if minimum > MAX_MINIMUM:
        raise ValueError(f"a minimum of {minimum} is above {MAX_MINIMUM}, the most supported")
    return minimum


def first_of(choices: list[Any]) -> Any:
    """Chooses the first alternative."""
    return choices[0]


def _is_null(choice: Schema) -> bool:
    return choice.get("type") == "null"


def _without(schema: Schema, *keywords: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keywords}
