"""Writes a JSON value that is valid for a JSON Schema.

The first try takes the first of all alternatives. If its value does not fit, the following tries
choose at random and check each part, so that unusual combinations of keywords are filled, too.
"""

import random
from typing import Any

from loresmith.offline_model.writer.field_writer import FieldWriter
from loresmith.offline_model.writer.naming import Entity
from loresmith.offline_model.writer.schema.combination import Schema
from loresmith.offline_model.writer.schema.json_schema import (
    MAX_DEPTH,
    SchemaResolver,
    UnusableSchema,
    as_schema,
    first_of,
    minimum_size,
    types_of,
)
from loresmith.offline_model.writer.schema.pattern import text_matching
from loresmith.offline_model.writer.schema.scalars import ScalarWriter
from loresmith.offline_model.writer.schema.validator import TYPES, SchemaValidator, property_schemas

REQUIRED_ONLY_DEPTH = 8
"""Writes only required fields from this depth on, so that recursive schemas end."""
MAX_DEFAULT_ITEMS = 4
MAX_TRIES = 20
MAX_VALUES = 4_000
"""The values that all tries with checks may write together: about two seconds."""
MAX_KEY_LENGTH = 60
NULL_SHARE = 0.2


class JsonValueWriter:
    """Writes one value for one root schema."""

    def __init__(self, root: Schema, fields: FieldWriter, rng: random.Random) -> None:
        self._root, self._fields, self._rng = root, fields, rng
        self._scalars = ScalarWriter(fields, rng)
        self._resolver = SchemaResolver(root)
        self._validator = SchemaValidator(self._resolver)
        self._checks_parts = False
        self._values_left = 0

    def write(self, entity: Entity) -> Any:
        """Returns a valid value. Raises ValueError if none is found."""
        try:
            value = self._value(self._root, entity)
            if self._validator.fits(self._root, value):
                return value
        except UnusableSchema:
            raise
        except (ValueError, LookupError):
            pass
        self._checks_parts, self._values_left = True, MAX_VALUES
        return self._value(self._root, entity)

    def _value(self, schema: Any, entity: Entity, field: str = "", depth: int = 0) -> Any:
        """Returns a value for a field of `entity`; a valid one if parts are checked."""
        if depth > MAX_DEPTH:
            raise ValueError("the schema has no end")
        if not self._checks_parts:
            return self._unchecked_value(schema, entity, field, depth)
        problem = ""
        for _ in range(MAX_TRIES):
            self._values_left -= 1
            if self._values_left < 0:
                raise UnusableSchema("no value found that fits it")
            try:
                value = self._unchecked_value(schema, entity, field, depth)
                if self._validator.fits(schema, value):
                    return value
            except UnusableSchema:
                raise
            except LookupError:
                problem = "no value found that fits the schema"
            except ValueError as error:
                problem = str(error)
        raise ValueError(problem or "no value found that fits the schema")

    def _unchecked_value(self, schema: Any, entity: Entity, field: str, depth: int) -> Any:
        schema, definition = self._resolve(schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._rng.choice(self._fitting(schema["enum"], schema))
        match self._type_of(schema):
            case "object":
                return self._object(schema, self._entity_of(schema, definition, entity), depth)
            case "array":
                return self._array(schema, entity, field, depth)
            case "integer":
                return self._scalars.integer(schema, field)
            case "number":
                return self._scalars.number(schema)
            case "boolean":
                return self._rng.random() < 0.5
            case "null":
                return None
            case _:
                return self._scalars.string(schema, entity, field)

    def _resolve(self, schema: Any, depth: int) -> tuple[Schema, str]:
        prefer_null = depth >= REQUIRED_ONLY_DEPTH
        if not self._checks_parts or prefer_null:
            return self._resolver.resolve(schema, first_of, prefer_null=prefer_null)
        prefer_null = self._rng.random() < NULL_SHARE
        return self._resolver.resolve(schema, self._rng.choice, prefer_null=prefer_null)

    def _fitting(self, values: list[Any], schema: Schema) -> list[Any]:
        if not self._checks_parts:
            return values
        return [value for value in values if self._validator.fits(schema, value)]

    def _type_of(self, schema: Schema) -> str:
        types = types_of(schema)
        if self._checks_parts and isinstance(schema.get("type"), list):
            return str(self._rng.choice(schema["type"]))
        if self._checks_parts and "type" not in schema:
            return self._rng.choice([types[0], *TYPES])
        return types[0]

    def _entity_of(self, schema: Schema, definition: str, parent: Entity) -> Entity:
        """Returns a new entity if the definition names another entity type, else the parent."""
        entity_type = self._fields.entity_type_of(definition or str(schema.get("title", "")))
        if not entity_type or entity_type == parent.entity_type:
            return parent
        return self._fields.create_entities(entity_type, 1, parent)[0]

    def _object(self, schema: Schema, entity: Entity, depth: int) -> dict[str, Any]:
        values: dict[str, Any] = {}
        required = set(schema.get("required", ()))
        for field in self._field_names(schema, depth):
            try:
                parts = property_schemas(schema, field)
                part = parts[0] if len(parts) == 1 else {"allOf": parts}
                values[field] = self._value(part, entity, field, depth + 1)
            except (ValueError, LookupError) as error:
                is_optional = self._checks_parts and field not in required
                if not is_optional or isinstance(error, UnusableSchema):
                    raise
        self._add_entries(values, schema, entity, depth)
        return values

    def _field_names(self, schema: Schema, depth: int) -> list[str]:
        """Returns the fields to write: all, or from a depth on only the required ones."""
        required = list(schema.get("required", ()))
        for name, names in schema.get("dependentRequired", {}).items():
            required += names if name in required or self._checks_parts else ()
        names = [
            field
            for field in schema.get("properties", {})
            if depth < REQUIRED_ONLY_DEPTH or field in required
        ]
        names += [field for field in dict.fromkeys(required) if field not in names]
        if not self._checks_parts or self._rng.random() < 0.5:
            return names
        optional = [field for field in names if field not in schema.get("required", ())]
        dropped = self._rng.sample(optional, self._rng.randint(0, len(optional)))
        return [field for field in names if field not in dropped]

    def _add_entries(
        self, values: dict[str, Any], schema: Schema, entity: Entity, depth: int
    ) -> None:
        """Adds entries to a map, and those that minProperties requires."""
        patterns = schema.get("patternProperties", {})
        extra = schema.get("additionalProperties", not patterns)
        is_map = isinstance(extra, dict) and not schema.get("properties")
        count = max(2 if is_map else 0, schema.get("minProperties", 0))
        count = min(count, schema.get("maxProperties", count))
        for _ in range(MAX_TRIES + count):
            if len(values) >= count:
                return
            if extra is False and not patterns:
                return
            if is_map and "propertyNames" not in schema:
                value = self._value(extra, entity, "line", depth + 1)
                values[self._fields.text(entity, "phrase", values, MAX_KEY_LENGTH)] = value
                continue
            name = self._entry_name(schema, extra, entity, values)
            part = {"allOf": property_schemas(schema, name)}
            values[name] = self._value(part, entity, "line", depth + 1)

    def _entry_name(
        self, schema: Schema, extra: Any, entity: Entity, values: dict[str, Any]
    ) -> str:
        if extra is False:
            pattern = self._rng.choice(list(schema["patternProperties"]))
            return text_matching(pattern, self._rng) or ""
        names = {"type": "string", **as_schema(schema.get("propertyNames", True))}
        names.setdefault("maxLength", MAX_KEY_LENGTH)
        return str(self._value(names, entity, "phrase"))

    def _array(self, schema: Schema, entity: Entity, field: str, depth: int) -> list[Any]:
        prefix = schema.get("prefixItems", [])[: schema.get("maxItems")]
        values = [self._value(subschema, entity, field, depth + 1) for subschema in prefix]
        if "contains" in schema:
            part = {"allOf": [schema["contains"], schema.get("items", True)]}
            count = max(0, schema.get("minContains", 1))
            values += [self._value(part, entity, field, depth + 1) for _ in range(count)]
        items = schema.get("items")
        if not isinstance(items, dict):
            if items is False or len(values) >= minimum_size(schema, "minItems"):
                return values
            items = {}
        resolved, definition = self._resolve(items, depth)
        if types_of(resolved)[0] != "object" or self._checks_parts:
            return self._plain_items(values, schema, items, resolved, entity, field, depth)
        entity_type = (
            self._fields.entity_type_of(definition)
            or self._fields.entity_type_of(field)
            or "things"
        )
        count = self._item_count(schema, self._fields.requested_count, depth) - len(values)
        entities = self._fields.create_entities(entity_type, count, entity)
        return values + [self._value(items, one, field, depth + 1) for one in entities]

    def _plain_items(
        self,
        values: list[Any],
        schema: Schema,
        items: Schema,
        resolved: Schema,
        entity: Entity,
        field: str,
        depth: int,
    ) -> list[Any]:
        """Adds items that are no entities, without repetition if possible."""
        is_text = types_of(resolved)[0] == "string" and not resolved.keys() & {"enum", "const"}
        is_text = is_text and not self._checks_parts
        tries = 1 if is_text else MAX_TRIES  # ScalarWriter.string avoids repetition itself
        part = items if self._checks_parts else resolved
        minimum = minimum_size(schema, "minItems")
        for _ in range(self._item_count(schema, None, depth) - len(values)):
            for _ in range(tries):
                value = (
                    self._scalars.string(resolved, entity, field, values)
                    if is_text
                    else self._value(part, entity, field, depth + 1)
                )
                if value not in values:
                    break
            if schema.get("uniqueItems") and value in values and len(values) >= minimum:
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
