"""Checks a value against a JSON Schema: a last look before an answer is sent.

Checks all keywords of validation of draft 2020-12 but `format`, `unevaluatedProperties` and
`unevaluatedItems`. References are local.
"""

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from loresmith.offline_model.writer.schema.json_schema import SchemaResolver, UnusableSchema

TYPES: dict[str, Callable[[Any], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": lambda value: _is_number(value),
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


class SchemaValidator:
    """Checks values against subschemas of one root schema."""

    def __init__(self, resolver: SchemaResolver) -> None:
        self._resolver = resolver

    def fits(self, schema: Any, value: Any) -> bool:
        """Raises LookupError or TypeError for an unusable schema."""
        if isinstance(schema, bool):
            return schema
        if "$ref" in schema and not self.fits(self._resolver.target(schema["$ref"]), value):
            return False
        if not self._fits_type(schema, value) or not self._fits_choices(schema, value):
            return False
        match value:
            case bool() | None:
                return True
            case int() | float():
                return _fits_number(schema, value)
            case str():
                return _fits_text(schema, value)
            case list():
                return self._fits_array(schema, value)
            case _:
                return self._fits_object(schema, value)

    def _fits_type(self, schema: dict[str, Any], value: Any) -> bool:
        if (declared := schema.get("type")) is not None:
            names = [declared] if isinstance(declared, str) else declared
            if not any(TYPES[name](value) for name in names):
                return False
        if "const" in schema and not equal(schema["const"], value):
            return False
        return "enum" not in schema or any(equal(one, value) for one in schema["enum"])

    def _fits_choices(self, schema: dict[str, Any], value: Any) -> bool:
        if not all(self.fits(part, value) for part in schema.get("allOf", ())):
            return False
        if "anyOf" in schema and not any(self.fits(part, value) for part in schema["anyOf"]):
            return False
        if "oneOf" in schema and sum(self.fits(part, value) for part in schema["oneOf"]) != 1:
            return False
        if "not" in schema and self.fits(schema["not"], value):
            return False
        if "if" not in schema:
            return True
        return self.fits(
            schema.get("then" if self.fits(schema["if"], value) else "else", True), value
        )

    def _fits_array(self, schema: dict[str, Any], value: list[Any]) -> bool:
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return False
        prefix = schema.get("prefixItems", [])
        items = schema.get("items", True)
        if not all(map(self.fits, prefix, value)):
            return False
        if not all(self.fits(items, one) for one in value[len(prefix) :]):
            return False
        if "contains" in schema:
            matches = sum(self.fits(schema["contains"], one) for one in value)
            if not schema.get("minContains", 1) <= matches <= schema.get("maxContains", matches):
                return False
        return not schema.get("uniqueItems") or not any(
            equal(one, other) for number, one in enumerate(value) for other in value[:number]
        )

    def _fits_object(self, schema: dict[str, Any], value: dict[str, Any]) -> bool:
        if (
            not schema.get("minProperties", 0)
            <= len(value)
            <= schema.get("maxProperties", len(value))
        ):
            return False
        if not value.keys() >= set(schema.get("required", ())):
            return False
        for name, names in schema.get("dependentRequired", {}).items():
            if name in value and not value.keys() >= set(names):
                return False
        for name, part in schema.get("dependentSchemas", {}).items():
            if name in value and not self.fits(part, value):
                return False
        names_fit = all(self.fits(schema.get("propertyNames", True), name) for name in value)
        return names_fit and all(
            self.fits(part, field)
            for name, field in value.items()
            for part in property_schemas(schema, name)
        )


def property_schemas(schema: dict[str, Any], name: str) -> list[Any]:
    """Returns all subschemas that apply to a property of an object."""
    patterns = schema.get("patternProperties", {}).items()
    schemas = [part for pattern, part in patterns if _matches(pattern, name)]
    if name in schema.get("properties", {}):
        schemas.append(schema["properties"][name])
    return schemas or [schema.get("additionalProperties", True)]


def equal(first: Any, second: Any) -> bool:
    """Compares as JSON: 1 equals 1.0, but not true."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(equal, first, second))
    if isinstance(first, dict) and isinstance(second, dict):
        same_keys = first.keys() == second.keys()
        return same_keys and all(equal(first[key], second[key]) for key in first)
    return bool(first == second)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fits_number(schema: dict[str, Any], value: float) -> bool:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        return False
    if (limit := schema.get("exclusiveMinimum")) is not None and value <= limit:
        return False
    if (limit := schema.get("exclusiveMaximum")) is not None and value >= limit:
        return False
    step = schema.get("multipleOf")
    return step is None or (Fraction(str(value)) / Fraction(str(step))).denominator == 1


def _fits_text(schema: dict[str, Any], value: str) -> bool:
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        return False
    return "pattern" not in schema or _matches(schema["pattern"], value)


def _matches(pattern: str, text: str) -> bool:
    try:
        return bool(re.search(pattern, text))
    except re.error as error:
        raise UnusableSchema(f"the pattern {pattern[:100]!r} is invalid: {error}") from None
