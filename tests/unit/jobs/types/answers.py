"""For the tests of all job types: answers that fit a schema, and the fields that are texts."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from pydantic import BaseModel

from loresmith.jobs.types.model_call import ModelCallSpec


def answer(spec: ModelCallSpec[Any, Any], value: BaseModel, filler: str = "") -> str:
    """An answer to a call of this spec. Texts are "<field> <number><filler>", never twice;
    names go without the filler.
    """
    schema = spec.schema(value)
    return json.dumps(_value(schema, schema, spec.name, count(1), filler))


def _value(node: Any, root: Any, name: str, numbers: Iterator[int], filler: str) -> Any:
    if "$ref" in node:
        node = root["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if "anyOf" in node:
        node = node["anyOf"][0]
    if "enum" in node:
        return node["enum"][0]
    match node["type"]:
        case "object":
            return {
                key: _value(part, root, key, numbers, filler)
                for key, part in node["properties"].items()
            }
        case "array":
            one = range(node.get("minItems", 1))
            return [_value(node["items"], root, name, numbers, filler) for _ in one]
        case "integer" | "number":
            return node.get("minimum", 0)
        case "boolean":
            return True
    return f"{name} {next(numbers)}{'' if name == 'name' else filler}"


def texts_of(model: type[BaseModel]) -> list[str]:
    """The fields that take any text; choices and numbers are not among them."""
    fields = model.model_json_schema()["properties"]
    return [
        name
        for name, field in fields.items()
        if any(
            way.get("type") == "string" and not {"enum", "const"} & way.keys()
            for way in field.get("anyOf", [field])
        )
    ]
