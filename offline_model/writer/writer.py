"""Writes one answer: a value for a schema, or prose."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from loresmith.offline_model.writer.field_writer import NAME_FIELDS, FieldWriter
from loresmith.offline_model.writer.free_text import FreeTextWriter
from loresmith.offline_model.writer.naming import Entity, base_facts
from loresmith.offline_model.writer.prompt_parser import ParsedPrompt, topic_of
from loresmith.offline_model.writer.requested_length import requested_length
from loresmith.offline_model.writer.schema.combination import Schema
from loresmith.offline_model.writer.schema.json_value import JsonValueWriter

DEFAULT_PORTRAITS, MAX_PORTRAITS = 3, 20

UNUSABLE_SCHEMA_ERRORS = (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What keywords of wrong types or sizes cause."""


class LoreWriter:
    """Writes about what the prompt requests; the seed decides everything else."""

    def __init__(self, seed: bytes, prompt: str) -> None:
        self._rng = random.Random(hashlib.sha256(seed).digest())
        self._prompt_text, self._prompt = prompt, ParsedPrompt.parse(prompt)
        self._fields = FieldWriter(self._rng, self._prompt)

    def json_value(self, schema: Schema, name: str = "") -> Any:
        """Returns a valid value; `name` is the name that the request gives the schema.

        Raises ValueError for an unusable schema.
        """
        entity = Entity(facts=base_facts(self._prompt))
        try:
            if entity_type := self._fields.entity_type_of(name) if _has_name(schema) else "":
                entity = self._fields.create_entities(entity_type, 1, entity)[0]
            return JsonValueWriter(schema, self._fields, self._rng).write(entity)
        except UNUSABLE_SCHEMA_ERRORS as error:
            raise ValueError(f"the schema cannot be followed: {error!r}") from error

    def prose(self, question: str = "", results: Sequence[tuple[str, str]] = ()) -> str:
        """Returns an answer to the question, the last message of the user.

        It consists of portraits if the question asks for entities; otherwise it is about the
        topic and as long as requested. `results` are names of tools and what they returned.
        """
        parsed = ParsedPrompt.parse(question) if question else self._prompt
        topic = topic_of(question, self._prompt_text)
        prompt = replace(self._prompt, theme=topic)
        self._fields = FieldWriter(self._rng, prompt)
        parent = Entity(facts=base_facts(prompt))
        if results or not parsed.entity_type:
            length = requested_length(question or self._prompt_text)
            return FreeTextWriter(self._fields, parent).write(length, results)
        count = min(parsed.count or DEFAULT_PORTRAITS, MAX_PORTRAITS)
        entities = self._fields.create_entities(parsed.entity_type, count, parent)
        return "\n\n".join(map(self._portrait, entities))

    def _portrait(self, entity: Entity) -> str:
        texts = [self._fields.text(entity, field) for field in ("description", "secret")]
        return f"{entity.facts['name']}. {' '.join(texts)}"


def _has_name(schema: Schema) -> bool:
    return any(field in schema.get("properties", {}) for field in NAME_FIELDS)
