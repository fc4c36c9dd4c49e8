"""Writes a JSON value that is valid for a JSON Schema."""

import random
from collections.abc import Callable, Container
from typing import Any

from loresmith.offline_model.writer.field_writer import DEFAULT_MAX_LENGTH, FieldWriter
from loresmith.offline_model.writer.json_schema import (
    MAX_DEPTH,
    Schema,
    SchemaResolver,
    bounds,
    minimum_size,
    type_of,
)
from loresmith.offline_model.writer.naming import Entity
from loresmith.offline_model.writer.pattern import text_matching

REQUIRED_ONLY_DEPTH = 8
"""Writes only required fields from this depth on, so that recursive schemas end."""
MAX_DEFAULT_ITEMS = 4
MAX_TRIES = 20
MAX_CONTINUATIONS = 50
MAX_KEY_LENGTH = 60
FORMATS = {
    "date": "1204-03-21",
    "time": "18:30:00Z",
    "date-time": "1204-03-21T18:30:00Z",
    "duration": "P3D",
    "email": "archive@lore.example",
    "hostname": "lore.example",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uri": "https://lore.example/archive",
}


class JsonValueWriter:
    """Writes one value for one root schema."""

    def __init__(self, root: Schema, fields: FieldWriter, rng: random.Random) -> None:
        self._fields, self._rng = fields, rng
        self._resolver = SchemaResolver(root)

    def value(self, schema: Schema, entity: Entity, field: str = "", depth: int = 0) -> Any:
        """Returns a valid value for a field of `entity`."""
        if depth > MAX_DEPTH:
            raise ValueError("the schema has no end")
        schema, definition = self._resolve(schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._rng.choice(schema["enum"])
        match type_of(schema):
            case "object":
                return self._object(schema, self._entity_of(schema, definition, entity), depth)
            case "array":
                return self._array(schema, entity, field, depth)
            case "integer":
                return self._integer(schema, field)
            case "number":
                return self._number(schema)
            case "boolean":
                return self._rng.random() < 0.5
            case "null":
                return None
            case _:
                return self._string(schema, entity, field)

    def _resolve(self, schema: Schema, depth: int) -> tuple[Schema, str]:
        return self._resolver.resolve(schema, prefer_null=depth >= REQUIRED_ONLY_DEPTH)

    def _entity_of(self, schema: Schema, definition: str, parent: Entity) -> Entity:
        """Returns a new entity if the definition names another entity type, else the parent."""
        entity_type = self._fields.entity_type_of(definition or str(schema.get("title", "")))
        if not entity_type or entity_type == parent.entity_type:
            return parent
        return self._fields.create_entities(entity_type, 1, parent)[0]

    def _object(self, schema: Schema, entity: Entity, depth: int) -> dict[str, Any]:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        values = {
            field: self.value(subschema, entity, field, depth + 1)
            for field, subschema in properties.items()
            if depth < REQUIRED_ONLY_DEPTH or field in required
        }
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and not properties:
            for _ in range(max(2, schema.get("minProperties", 0))):
                value = self.value(extra, entity, "line", depth + 1)
                values[self._fields.text(entity, "phrase", values, MAX_KEY_LENGTH)] = value
        return values

    def _array(self, schema: Schema, entity: Entity, field: str, depth: int) -> list[Any]:
        prefix = schema.get("prefixItems", [])
        values = [self.value(subschema, entity, field, depth + 1) for subschema in prefix]
        items = schema.get("items")
        if not isinstance(items, dict):
            return values
        resolved, definition = self._resolve(items, depth)
        if type_of(resolved) != "object":
            return values + self._plain_items(schema, resolved, entity, field, depth)
        entity_type = (
            self._fields.entity_type_of(definition)
            or self._fields.entity_type_of(field)
            or "things"
        )
        count = self._item_count(schema, self._fields.requested_count, depth) - len(values)
        entities = self._fields.create_entities(entity_type, count, entity)
        return values + [self.value(items, one, field, depth + 1) for one in entities]

    def _plain_items(
        self, schema: Schema, items: Schema, entity: Entity, field: str, depth: int
    ) -> list[Any]:
        """Writes values that are no objects, without repetition if possible."""
        values: list[Any] = []
        is_text = type_of(items) == "string" and not items.keys() & {"enum", "const"}
        tries = 1 if is_text else MAX_TRIES  # _string avoids repetition itself
        for _ in range(self._item_count(schema, None, depth)):
            for _ in range(tries):
                value = (
                    self._string(items, entity, field, values)
                    if is_text
                    else self.value(items, entity, field, depth + 1)
                )
                if value not in values:
                    break
            values.append(value)
        return values

    def _item_count(self, schema: Schema, requested: int | None, depth: int) -> int:
        """Returns the requested count within the limits of the schema, else a small number."""
        minimum = minimum_size(schema, "minItems")
        if depth >= REQUIRED_ONLY_DEPTH:
            return minimum
        if requested:
            return max(minimum, min(requested, int(schema.get("maxItems", requested))))
        maximum = int(schema.get("maxItems", max(minimum, MAX_DEFAULT_ITEMS)))
        low, high = min(maximum, max(minimum, 2)), max(min(maximum, MAX_DEFAULT_ITEMS), minimum)
        return self._rng.randint(low, high)

    def _integer(self, schema: Schema, field: str) -> int:
        low, high = bounds(schema, 1)
        step = int(schema.get("multipleOf", 1)) or 1
        first, last = -(-int(low) // step), int(high) // step
        return self._fields.integer(field, first, max(first, last)) * step

    def _number(self, schema: Schema) -> float:
        low, high = bounds(schema, 1e-6)
        return min(high, max(low, round(self._rng.uniform(low, high), 3)))

    def _string(
        self, schema: Schema, entity: Entity, field: str, avoid: Container[str] = ()
    ) -> str:
        if "pattern" in schema and (text := text_matching(schema["pattern"], self._rng)):
            return text
        if schema.get("format") == "uuid":
            digits = f"{self._rng.getrandbits(128):032x}"
            return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        if example := FORMATS.get(schema.get("format", "")):
            return example
        maximum = int(schema.get("maxLength", DEFAULT_MAX_LENGTH))
        return fit_length(
            lambda: self._fields.text(entity, field, avoid, maximum),
            minimum_size(schema, "minLength"),
            maximum,
        )


def fit_length(next_text: Callable[[], str], minimum: int, maximum: int) -> str:
    """Joins texts until they are long enough; cuts after a sentence or a word."""
    text = next_text()
    for _ in range(MAX_CONTINUATIONS):
        if len(text) >= minimum:
            break
        text = f"{text} {next_text()}"
    text = text.ljust(minimum, "…")
    if len(text) <= maximum:
        return text
    cut = text[:maximum]
    for mark in (". ", " "):
        position = cut.rfind(mark)
        if position > max(minimum, maximum // 3):
            return cut[: position + 1].rstrip()
    return cut
