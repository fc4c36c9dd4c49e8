"""Writes one answer: a value for a schema, or prose, about what the request asks for."""

import hashlib
import random
import re
from collections.abc import Container
from typing import Any

from lore_service.offline.casting import Casting, base_facts, known_lists
from lore_service.offline.facts import Facts
from lore_service.offline.grammar import Voice
from lore_service.offline.schema import Entity, Schema, Walk

CALLED = {
    "characters": "character person hero heroine villain npc protagonist figure",
    "factions": "faction guild house organization organisation clan",
    "settings": "setting place location city region site",
    "events": "event happening battle incident",
    "relics": "relic artifact artefact item weapon treasure",
    "outline": "outline world",
    "chapters": "chapter scene act",
    "story": "story tale",
}
"""The sorts that the grammar has words of their own for, and what schemas may call them."""
SORT_OF = {word: sort for sort, words in CALLED.items() for word in words.split()}
LAST_WORD = re.compile(r"[A-Z]?[a-z]+(?=[^a-z]*$)")
NAMES = ("name", "full_name", "title")
SHORT = 100
"""A field that holds no more characters gets a phrase in place of a sentence."""
MOST_PORTRAITS = 20


class Writer:
    """The author of one answer. The seed decides everything that the request leaves open."""

    def __init__(self, seed: bytes, facts: Facts) -> None:
        self._chance = random.Random(hashlib.sha256(seed).digest())
        self._facts = facts
        self._voice = Voice(self._chance, known_lists(facts))
        self._casting = Casting(self._voice, self._chance, facts)
        self._said: set[str] = set()

    def write(self, schema: Schema, name: str = "") -> Any:
        """A value that fits the schema; `name` is what the request calls it.

        Raises ValueError when the schema cannot be followed.
        """
        whole = Entity(facts=base_facts(self._facts))
        try:
            if sort := self.sort_of(name) if _is_named(schema) else "":
                whole = self.cast(sort, 1, whole)[0]
            return Walk(schema, self, self._chance).value(schema, whole)
        except (LookupError, TypeError, AttributeError) as problem:
            raise ValueError(f"the schema cannot be followed: {problem!r}") from problem

    def prose(self) -> str:
        """An answer without a schema: portraits of what was asked for, or else a short tale."""
        around = Entity(facts=base_facts(self._facts))
        if not self._facts.part:
            return "\n\n".join(self._voice.say("prose", dict(around.facts)) for _ in range(2))
        count = min(self._facts.count or 3, MOST_PORTRAITS)
        return "\n\n".join(map(self._portrait, self.cast(self._facts.part, count, around)))

    def _portrait(self, entity: Entity) -> str:
        told = [self.text(entity, field, ()) for field in ("description", "secret")]
        return f"{entity.facts['name']}. {' '.join(told)}"

    def sort_of(self, name: str) -> str:
        """The sort of entity that a definition, field or schema of this name is, or ""."""
        found = LAST_WORD.search(name)
        word = found[0].lower() if found else ""
        singulars = (word, word.removesuffix("s"), word.removesuffix("ies") + "y")
        return next((SORT_OF[one] for one in singulars if one in SORT_OF), "")

    def count(self) -> int | None:
        """How many entities the request asks for."""
        return self._facts.count

    def cast(self, sort: str, count: int, among: Entity) -> list[Entity]:
        """So many new entities of one sort, that know each other and what they are part of."""
        return self._casting.cast(sort, count, among)

    def text(self, entity: Entity, field: str, unlike: Container[str], most: int = 10_000) -> str:
        """What the field of this entity says."""
        if field in NAMES and "name" in entity.facts:
            return entity.facts["name"]
        if field == "gender" and field in entity.facts:
            return entity.facts[field]
        for wanted in self._lists_for(entity, field, most):
            try:
                return self._say(wanted, entity, unlike)
            except LookupError:
                continue
        raise LookupError(field)

    def _lists_for(self, entity: Entity, field: str, most: int) -> list[str]:
        """Lists of the grammar that may write a field, the nearest first."""
        own = f"{entity.sort}.{field}"
        fallback = "phrase" if most <= SHORT else "line"
        lists = (f"{own}@{entity.position}", own, field, fallback, "line")
        return [name for name in lists if name in self._voice]

    def _say(self, wanted: str, entity: Entity, unlike: Container[str]) -> str:
        """A line that was not said before; whole sentences at all, others in their own list."""
        text = self._voice.say(wanted, entity.facts, unlike or self._said)
        if text.endswith((".", "”")):
            self._said.add(text)
        return text[:1].upper() + text[1:] if wanted.endswith(("name", "title")) else text

    def integer(self, field: str, low: int, high: int) -> int:
        """A number between the two; ages are those of grown people, mostly."""
        if field == "age":
            return min(high, max(low, int(self._chance.triangular(16, 90, 34))))
        return self._chance.randint(low, high)


def _is_named(schema: Schema) -> bool:
    return any(name in schema.get("properties", {}) for name in NAMES)
