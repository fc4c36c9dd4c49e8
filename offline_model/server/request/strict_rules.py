"""Checks the rules of strict structured outputs, and words violations as OpenAI does."""

from typing import Any

from loresmith.offline_model.server.errors import InvalidParameter

FORBIDDEN = (
    *("allOf", "oneOf", "not", "if", "then", "else", "prefixItems", "patternProperties"),
    *("propertyNames", "minProperties", "maxProperties", "unevaluatedProperties"),
    *("unevaluatedItems", "contains", "minContains", "maxContains", "uniqueItems"),
    *("dependentRequired", "dependentSchemas", "minLength", "maxLength"),
)
MAX_NESTING = 10
MAX_PROPERTIES = 5_000
SUBSCHEMA_MAPS = ("properties", "$defs", "definitions")


def check_object_schema(schema: dict[str, Any], title: str, param: str, code: str | None) -> None:
    """Checks that the root describes an object. Raises InvalidParameter.

    `title` names the schema in the message: "response_format 'people'".
    """
    if schema.get("type") != "object":
        actual = schema.get("type")
        raise InvalidParameter(
            f"Invalid schema for {title}: schema must be a JSON Schema of 'type: \"object\"', "
            f"got 'type: \"{actual if isinstance(actual, str) else None}\"'.",
            param,
            code,
        )


def check_strict(schema: dict[str, Any], title: str, param: str, code: str | None) -> None:
    """Checks the rules for each part of the schema. Raises InvalidParameter."""

    def refuse(context: tuple[str, ...], problem: str) -> None:
        message = f"Invalid schema for {title}: In context={context}, {problem}."
        raise InvalidParameter(message, param, code)

    properties = 0
    pending: list[tuple[Any, tuple[str, ...], int]] = [(schema, (), 1)]
    while pending:
        node, context, depth = pending.pop()
        if not isinstance(node, dict):
            refuse(context, "schema must be an object")
        if problem := _problem(node):
            refuse(context, problem)
        properties += len(node.get("properties") or ())
        is_too_deep = depth > MAX_NESTING and node.get("type") == "object"
        if is_too_deep or properties > MAX_PROPERTIES:
            refuse(
                context, f"at most {MAX_NESTING} levels and {MAX_PROPERTIES} properties are allowed"
            )
        pending += [
            (part, (*context, *path), depth + nested) for path, part, nested in _parts(node)
        ]


def _problem(node: dict[str, Any]) -> str:
    """Returns what is wrong with one schema, without its parts; empty if nothing is."""
    if forbidden := next((key for key in FORBIDDEN if key in node), None):
        return f"'{forbidden}' is not permitted"
    if "$ref" in node:
        others = set(node) - {"$ref", "$defs", "definitions"}
        return f"$ref cannot have keywords {others}" if others else ""
    if not node.keys() & {"type", "anyOf", "enum", "const"}:
        return "schema must have a 'type' key"
    if node.get("type") == "array" and not isinstance(node.get("items"), dict):
        return "array schema missing items"
    if node.get("type") != "object":
        return ""
    if node.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false"
    required, properties = node.get("required"), node.get("properties") or {}
    if not isinstance(properties, dict):
        return "'properties' must be an object"
    rule = (
        "'required' is required to be supplied and to be an array including every key in properties"
    )
    if not isinstance(required, list):
        return rule if properties else ""
    if lacking := next((name for name in properties if name not in required), None):
        return f"{rule}. Missing '{lacking}'"
    if extra := next((name for name in required if name not in properties), None):
        return f"{rule}. Extra required key '{extra}' supplied"
    return ""


def _parts(node: dict[str, Any]) -> list[tuple[tuple[str, ...], Any, int]]:
    """Returns path, schema and added nesting of each part."""
    parts: list[tuple[tuple[str, ...], Any, int]] = []
    for keyword in SUBSCHEMA_MAPS:
        if isinstance(group := node.get(keyword), dict):
            nested = int(keyword == "properties")
            parts += [((keyword, name), part, nested) for name, part in group.items()]
    if "items" in node:
        parts.append((("items",), node["items"], 0))
    if isinstance(choices := node.get("anyOf"), list):
        parts += [(("anyOf", str(number)), part, 0) for number, part in enumerate(choices)]
    return parts
