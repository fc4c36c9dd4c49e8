"""Writes the text and the numbers of an entity's fields."""

import random
import re
from collections.abc import Container

from loresmith.offline_model.writer.grammar import load_grammar
from loresmith.offline_model.writer.naming import Entity, EntityFactory, known_lists
from loresmith.offline_model.writer.prompt_parser import ParsedPrompt
from loresmith.offline_model.writer.text_generator import TextGenerator

ENTITY_WORDS = {
    "characters": "character person hero heroine villain npc protagonist figure",
    "factions": "faction guild house organization organisation clan",
    "settings": "setting place location city region site",
    "events": "event happening battle incident",
    "relics": "relic artifact artefact item weapon treasure",
    "outline": "outline world",
    "chapters": "chapter scene act",
    "story": "story tale",
}
"""The entity types of the grammar, and the nouns that schemas use for them."""
TYPE_OF_WORD = {word: name for name, words in ENTITY_WORDS.items() for word in words.split()}
LAST_WORD = re.compile(r"[A-Z]?[a-z]+(?=[^a-z]*$)")
NAME_FIELDS = ("name", "full_name", "title")
DEFAULT_MAX_LENGTH = 10_000
MAX_PHRASE_FIELD_LENGTH = 100
"""Fields up to this length get a phrase, longer ones a sentence."""


class FieldWriter:
    """Writes the fields of one answer."""

    def __init__(self, rng: random.Random, prompt: ParsedPrompt) -> None:
        self._rng = rng
        self._texts = TextGenerator(rng, load_grammar(), known_lists(prompt))
        self._entities = EntityFactory(self._texts, rng, prompt)
        self._used_sentences: set[str] = set()
        self.requested_count = prompt.count

    def create_entities(self, entity_type: str, count: int, parent: Entity) -> list[Entity]:
        return self._entities.create(entity_type, count, parent)

    def entity_type_of(self, name: str) -> str:
        """Returns the entity type that a definition, field or schema is named after, or ""."""
        match = LAST_WORD.search(name)
        word = match[0].lower() if match else ""
        singulars = (word, word.removesuffix("s"), word.removesuffix("ies") + "y")
        return next((TYPE_OF_WORD[noun] for noun in singulars if noun in TYPE_OF_WORD), "")

    def text(
        self,
        entity: Entity,
        field: str,
        avoid: Container[str] = (),
        max_length: int = DEFAULT_MAX_LENGTH,
    ) -> str:
        """Returns the text of a field; `max_length` is only a hint."""
        if field in NAME_FIELDS and "name" in entity.facts:
            return entity.facts["name"]
        if field == "gender" and field in entity.facts:
            return entity.facts[field]
        for list_name in self._lists_for(entity, field, max_length):
            try:
                return self._generate(list_name, entity, avoid)
            except LookupError:
                continue
        raise LookupError(field)

    def sentence(self, list_name: str, entity: Entity) -> str:
        """Returns a text of a list of the grammar, by default one that is new in this answer."""
        return self._generate(list_name, entity, ())

    def prose(self, entity: Entity) -> str:
        return self._texts.generate("prose", dict(entity.facts))

    def integer(self, field: str, low: int, high: int) -> int:
        """Returns a number within the limits; most ages are those of adults."""
        if field == "age":
            return min(high, max(low, int(self._rng.triangular(16, 90, 34))))
        return self._rng.randint(low, high)

    def _lists_for(self, entity: Entity, field: str, max_length: int) -> list[str]:
        """Returns the lists of the grammar for a field, the most specific first."""
        specific = f"{entity.entity_type}.{field}"
        fallback = "phrase" if max_length <= MAX_PHRASE_FIELD_LENGTH else "line"
        names = (f"{specific}@{entity.position}", specific, field, fallback, "line")
        return [name for name in names if name in self._texts]

    def _generate(self, list_name: str, entity: Entity, avoid: Container[str]) -> str:
        """Returns a text outside `avoid`, by default one that is new in this answer."""
        text = self._texts.generate(list_name, entity.facts, avoid or self._used_sentences)
        if text.endswith((".", "”")):
            self._used_sentences.add(text)
        return text[:1].upper() + text[1:] if list_name.endswith(("name", "title")) else text
