"""JSON Schemas as providers' strict structured outputs take them.

Strict means: every field is required, no others are allowed, and only keywords that can be held
while the answer is being written. Others, string lengths among them, are refused by the provider
with a 400; so they are left out here, and hold when the answer is parsed.
"""

from typing import Any

from pydantic import BaseModel

KEPT = {"type", "description", "enum", "const", "pattern", "format", "$ref"} | {
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minItems", "maxItems"),
}
UNFIT = ("prefixItems", "oneOf", "allOf", "not", "patternProperties")
"""Tuples, tagged unions and the like, which strict schemas cannot say."""


def strict_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Returns the strict JSON Schema of a model. Raises TypeError for a field without one."""
    schema = model.model_json_schema()
    return _strict(schema, schema.get("$defs", {}), model.__name__)


def _strict(node: dict[str, Any], defs: dict[str, Any], at: str) -> dict[str, Any]:
    if "$ref" in node and len(node) > 1:  # a reference may have nothing beside it
        node = {**defs[node["$ref"].rsplit("/", 1)[-1]], **node}
        del node["$ref"]
    _refuse_unfit(node, at)
    created = {key: value for key, value in node.items() if key in KEPT}
    for key in ("properties", "$defs"):
        if key in node:
            created[key] = {name: _strict(part, defs, name) for name, part in node[key].items()}
    if "items" in node:
        created["items"] = _strict(node["items"], defs, at)
    if "anyOf" in node:
        created["anyOf"] = [_strict(part, defs, at) for part in node["anyOf"]]
    if node.get("type") == "object":
        created |= {"additionalProperties": False, "required": list(node.get("properties", {}))}
    return created


def _refuse_unfit(node: dict[str, Any], at: str) -> None:
    if unfit := next((key for key in UNFIT if key in node), None):
        raise TypeError(f"{at}: strict schemas know no {unfit}; use models, lists and plain unions")
    if node.get("additionalProperties", False) is not False:
        raise TypeError(f"{at}: strict schemas know no dicts; use a list of models with a name")
    if not node.keys() & {"type", "$ref", "anyOf", "enum", "const"}:
        raise TypeError(f"{at}: strict schemas want every field to have a type of its own")
