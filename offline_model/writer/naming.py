"""Invents the entities of an answer: unique names, and who knows whom."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from loresmith.offline_model.writer.grammar import TemplateList
from loresmith.offline_model.writer.prompt_parser import NEUTRAL_PRONOUNS, PRONOUNS, ParsedPrompt
from loresmith.offline_model.writer.text_generator import TextGenerator
from loresmith.offline_model.writer.theme import word_set

NAME_LISTS = {
    "characters": "characters.name",
    "factions": "factions.name",
    "settings": "settings.name",
    "events": "events.name",
    "relics": "relics.name",
    "outline": "outline.title",
    "things": "name",
}
"""The list that names an entity, by entity type. Titles of stories and chapters are texts."""
REFERENCE_LISTS = {
    "characters": ("person", "person_known"),
    "factions": ("faction", "faction_known"),
    "settings": ("place", "place_known"),
    "events": ("event",),
    "relics": ("relic",),
    "names": ("names",),
}
"""The lists that mention an existing entity, by entity type."""
GENDERS = {"she": "woman", "he": "man"}
HONORIFICS = word_set(
    "King Queen Prince Princess Lord Lady Sir Dame Captain Saint Mother Father Brother Sister Old "
    "Young Doctor Dr. Master The"
)
LOWERCASE_IN_TITLES = word_set("the of and in on with a an without under who")
FIRST_YEAR, LAST_YEAR = 101, 599
MAX_TRIES = 9


@dataclass
class Entity:
    """A person, place or thing; all its texts share its facts."""

    entity_type: str = ""
    """characters, relics, story …, or empty if unknown."""
    facts: dict[str, str] = field(default_factory=dict)
    position: str = ""
    """`first` or `last` in its list, else empty."""


class EntityFactory:
    """Invents the entities of one answer."""

    def __init__(self, texts: TextGenerator, rng: random.Random, prompt: ParsedPrompt) -> None:
        self._texts, self._rng, self._pronouns = texts, rng, prompt.pronouns
        self._used_names = {mid_sentence(name) for names in prompt.known.values() for name in names}

    def create(self, entity_type: str, count: int, parent: Entity) -> list[Entity]:
        """Invents entities that know each other and share the facts of `parent`."""
        if entity_type in ("story", "chapters"):
            self._add_plot(parent.facts)
        entities = [Entity(entity_type, dict(parent.facts)) for _ in range(count)]
        for entity in entities:
            self._introduce(entity)
        if count > 1:
            entities[0].position, entities[-1].position = "first", "last"
        if entity_type == "events":
            self._add_dates(entities)
        elif count > 1 and entity_type in NAME_LISTS:
            _acquaint(entities)
        return entities

    def _introduce(self, entity: Entity) -> None:
        """Adds a name and pronouns."""
        if entity.entity_type not in NAME_LISTS:
            return
        if entity.entity_type == "characters":
            pronoun = self._rng.choice(("she", "he"))
            given_name = self._texts.expand(f"given_{pronoun}", entity.facts)
            name = self._new_name(entity, {"given": given_name})
            entity.facts |= PRONOUNS[pronoun] | {"gender": GENDERS[pronoun]}
        else:
            name = self._new_name(entity, {})
        entity.facts |= {"subject": name, "name": name[:1].upper() + name[1:]}

    def _new_name(self, entity: Entity, name_parts: Mapping[str, str]) -> str:
        facts = {**entity.facts, **name_parts}
        name = self._texts.generate(NAME_LISTS[entity.entity_type], facts, self._used_names)
        while name in self._used_names:
            name = f"{name} {self._texts.expand('epithet', facts)}"
        self._used_names.add(name)
        entity.facts |= {fact: facts[fact] for fact in facts.keys() - name_parts.keys()}
        return name

    def _add_dates(self, events: list[Entity]) -> None:
        """Adds ascending years, and to each event the one before it."""
        if not events:
            return
        reckoning = self._texts.expand("reckoning", dict(events[0].facts))
        gap = (LAST_YEAR - FIRST_YEAR) // len(events)
        for number, event in enumerate(events):
            year = FIRST_YEAR + number * gap + int(self._rng.random() * gap)
            short = max(1, (year - FIRST_YEAR) // 5)
            event.facts |= {"reckoning": reckoning, "year": str(year), "short_year": str(short)}
            if number:
                event.facts["fellow"] = events[number - 1].facts["subject"]

    def _add_plot(self, facts: dict[str, str]) -> None:
        """Adds the cast and the props of a story; existing entities come first."""
        if "hero" in facts:
            return
        hero = self._texts.expand("person", facts)
        candidates = (self._texts.expand("person", facts) for _ in range(MAX_TRIES))
        friend = next(
            (name for name in candidates if name != hero), self._texts.expand("stranger", facts)
        )
        for role, name in (("hero", hero), ("friend", friend)):
            pronouns = self._pronouns.get(name, NEUTRAL_PRONOUNS)
            facts |= {f"{role}_{case}": word for case, word in pronouns.items()}
            facts |= {role: name, f"{role}_given": _given_name(name)}
        props = {"power": "faction", "prize": "relic", "town_of_story": "place"}
        for fact, list_name in (props | {"story_event": "event"}).items():
            facts[fact] = self._texts.expand(list_name, facts)


def _given_name(name: str) -> str:
    first = name.split(" ")[0]
    return first if first[0].isupper() and first not in HONORIFICS else name


def _acquaint(entities: list[Entity]) -> None:
    """Makes each entity know the next and the previous one, in a cycle."""
    for number, entity in enumerate(entities):
        entity.facts["fellow"] = entities[(number + 1) % len(entities)].facts["subject"]
        if len(entities) > 2:
            entity.facts["other_fellow"] = entities[number - 1].facts["subject"]


def known_lists(prompt: ParsedPrompt) -> dict[str, TemplateList]:
    """Returns lists of existing names, which replace the lists that invent names."""
    lists = {
        name: TemplateList.of_texts(map(mid_sentence, prompt.known[entity_type]))
        for entity_type, names in REFERENCE_LISTS.items()
        for name in names
        if prompt.known.get(entity_type)
    }
    if prompt.theme.name_words:
        lists["theme_word"] = TemplateList.of_texts(prompt.theme.name_words)
    return lists


def base_facts(prompt: ParsedPrompt) -> dict[str, str]:
    """Returns the facts that the whole answer shares."""
    facts = {f"asked_{name}": value for name, value in prompt.attributes.items()}
    facts["theme"] = prompt.theme.phrase
    if "“" not in prompt.theme.phrase:
        facts["theme_title"] = _title(prompt.theme.phrase)
    if "tone" in prompt.attributes:
        facts["tone"] = prompt.attributes["tone"]
    if prompt.world_title:
        facts["world"] = mid_sentence(prompt.world_title)
    return facts


def mid_sentence(name: str) -> str:
    """Returns a name as written within a sentence: "the Drowned Bell"."""
    return "the " + name[4:] if name.startswith("The ") else name


def _title(phrase: str) -> str:
    return " ".join(
        word if word in LOWERCASE_IN_TITLES else word[:1].upper() + word[1:]
        for word in phrase.split()
    )
