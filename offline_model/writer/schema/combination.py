"""Combines two JSON Schemas into one that a value must fit as it must fit both."""

from typing import Any

Schema = dict[str, Any]

LOWER_LIMITS = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
UPPER_LIMITS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")


def combine(first: Schema, second: Schema) -> Schema:
    """Returns both schemas as one. Keywords it cannot combine are taken from the second."""
    combined = {**first, **second}
    for keyword in first.keys() & second.keys():
        if first[keyword] != second[keyword]:
            combined[keyword] = _both(keyword, first[keyword], second[keyword])
    return combined


def _both(keyword: str, first: Any, second: Any) -> Any:
    if keyword in LOWER_LIMITS:
        return max(first, second)
    if keyword in UPPER_LIMITS:
        return min(first, second)
    match keyword:
        case "required":
            return [*first, *(name for name in second if name not in first)]
        case "enum":
            return [value for value in first if value in second]
        case "type":
            return _types(first, second)
        case "properties" | "patternProperties":
            shared = {
                name: {"allOf": [first[name], second[name]]} for name in first if name in second
            }
            return {**first, **second, **shared}
        case "items" | "additionalProperties" if isinstance(first, dict | bool):
            return _subschemas(first, second)
        case _:
            return second


def _types(first: Any, second: Any) -> Any:
    names = [second] if isinstance(second, str) else second
    if "number" in names and "integer" not in names:
        names = [*names, "integer"]
    shared = [name for name in ([first] if isinstance(first, str) else first) if name in names]
    return (shared[0] if len(shared) == 1 else shared) or second


def _subschemas(first: Any, second: Any) -> Any:
    if first is False or second is False:
        return False
    if first is True or second is True:
        return second if first is True else first
    return {"allOf": [first, second]}
