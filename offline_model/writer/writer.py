"""Writes one answer: a value for a schema, or prose."""

import hashlib
import random
from typing import Any

from loresmith.offline_model.writer.field_writer import NAME_FIELDS, FieldWriter
from loresmith.offline_model.writer.json_schema import Schema
from loresmith.offline_model.writer.json_value import JsonValueWriter
from loresmith.offline_model.writer.naming import Entity, base_facts
from loresmith.offline_model.writer.prompt_parser import ParsedPrompt

DEFAULT_PORTRAITS, MAX_PORTRAITS = 3, 20


class LoreWriter:
    """Writes about what the prompt requests; the seed decides everything else."""

    def __init__(self, seed: bytes, prompt: str) -> None:
        self._rng = random.Random(hashlib.sha256(seed).digest())
        self._prompt = ParsedPrompt.parse(prompt)
        self._fields = FieldWriter(self._rng, self._prompt)

    def json_value(self, schema: Schema, name: str = "") -> Any:
        """Returns a valid value; `name` is the name that the request gives the schema.

        Raises ValueError for an unusable schema.
        """
        entity = Entity(facts=base_facts(self._prompt))
        try:
            if entity_type := self._fields.entity_type_of(name) if _has_name(schema) else "":
                entity = self._fields.create_entities(entity_type, 1, entity)[0]
            return JsonValueWriter(schema, self._fields, self._rng).value(schema, entity)
        except (LookupError, TypeError, AttributeError) as error:
            raise ValueError(f"the schema cannot be followed: {error!r}") from error

    def prose(self) -> str:
        """Returns portraits of the requested entities, or else a short tale."""
        parent = Entity(facts=base_facts(self._prompt))
        if not self._prompt.entity_type:
            return "\n\n".join(self._fields.prose(parent) for _ in range(2))
        count = min(self._prompt.count or DEFAULT_PORTRAITS, MAX_PORTRAITS)
        entities = self._fields.create_entities(self._prompt.entity_type, count, parent)
        return "\n\n".join(map(self._portrait, entities))

    def _portrait(self, entity: Entity) -> str:
        texts = [self._fields.text(entity, field) for field in ("description", "secret")]
        return f"{entity.facts['name']}. {' '.join(texts)}"


def _has_name(schema: Schema) -> bool:
    return any(field in schema.get("properties", {}) for field in NAME_FIELDS)
