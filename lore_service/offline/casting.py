"""Who and what an answer is about: names that nobody else has, and who knows whom."""

import random
from collections.abc import Mapping

from lore_service.offline.facts import PRONOUNS, THEY, Facts
from lore_service.offline.grammar import Line, Lines, Voice
from lore_service.offline.schema import Entity

NAMES_FROM = {
    "characters": "characters.name",
    "factions": "factions.name",
    "settings": "settings.name",
    "events": "events.name",
    "relics": "relics.name",
    "outline": "outline.title",
    "things": "name",
}
"""The list that names an entity, by its sort. The titles of stories and chapters are texts."""
SAID_AS = {
    "characters": ("person", "person_known"),
    "factions": ("faction", "faction_known"),
    "settings": ("place", "place_known"),
    "events": ("event",),
    "relics": ("relic",),
    "names": ("names",),
}
"""The lists that say a name which exists already."""
GENDERS = {"she": "woman", "he": "man"}
TITLES = {"King", "Queen", "Prince", "Princess", "Lord", "Lady", "Sir", "Dame", "Captain", "Saint"}
TITLES |= {
    "Mother",
    "Father",
    "Brother",
    "Sister",
    "Old",
    "Young",
    "Doctor",
    "Dr.",
    "Master",
    "The",
}
FIRST_YEAR, LAST_YEAR = 101, 599


class Casting:
    """The entities of one answer."""

    def __init__(self, voice: Voice, chance: random.Random, facts: Facts) -> None:
        self._voice, self._chance, self._pronouns = voice, chance, facts.pronouns
        self._taken = {within(name) for names in facts.known.values() for name in names}

    def cast(self, sort: str, count: int, among: Entity) -> list[Entity]:
        """So many new entities of one sort, that know each other and what they are part of."""
        if sort in ("story", "chapters"):
            self._plot(among.facts)
        made = [Entity(sort, dict(among.facts)) for _ in range(count)]
        for one in made:
            self._introduce(one)
        if count > 1:
            made[0].position, made[-1].position = "first", "last"
        if sort == "events":
            self._date(made)
        elif count > 1 and sort in NAMES_FROM:
            _acquaint(made)
        return made

    def _introduce(self, entity: Entity) -> None:
        """Its name, and how it is spoken of."""
        if entity.sort not in NAMES_FROM:
            return
        if entity.sort == "characters":
            gender = self._chance.choice(("she", "he"))
            given = self._voice.expand(f"given_{gender}", entity.facts)
            name = self._new_name(entity, {"given": given})
            entity.facts |= PRONOUNS[gender] | {"gender": GENDERS[gender]}
        else:
            name = self._new_name(entity, {})
        entity.facts |= {"subject": name, "name": name[:1].upper() + name[1:]}

    def _new_name(self, entity: Entity, parts: Mapping[str, str]) -> str:
        facts = {**entity.facts, **parts}
        name = self._voice.say(NAMES_FROM[entity.sort], facts, self._taken)
        while name in self._taken:
            name = f"{name} {self._voice.expand('epithet', facts)}"
        self._taken.add(name)
        entity.facts |= {name: facts[name] for name in facts.keys() - parts.keys()}
        return name

    def _date(self, events: list[Entity]) -> None:
        """Years in the order in which the events stand; each knows the one before it."""
        if not events:
            return
        reckoning = self._voice.expand("reckoning", dict(events[0].facts))
        gap = (LAST_YEAR - FIRST_YEAR) // len(events)
        for number, one in enumerate(events):
            year = FIRST_YEAR + number * gap + int(self._chance.random() * gap)
            short = max(1, (year - FIRST_YEAR) // 5)
            one.facts |= {"reckoning": reckoning, "year": str(year), "short_year": str(short)}
            if number:
                one.facts["fellow"] = events[number - 1].facts["subject"]

    def _plot(self, facts: dict[str, str]) -> None:
        """What a story is about; people and things that exist already come first."""
        if "hero" in facts:
            return
        hero = self._voice.expand("person", facts)
        friend = next(
            (one for _ in range(9) if (one := self._voice.expand("person", facts)) != hero),
            self._voice.expand("stranger", facts),
        )
        for role, name in (("hero", hero), ("friend", friend)):
            pronouns = self._pronouns.get(name, THEY)
            facts |= {f"{role}_{case}": word for case, word in pronouns.items()}
            facts |= {role: name, f"{role}_given": _first_name(name)}
        parts = {"power": "faction", "prize": "relic", "town_of_story": "place"}
        for fact, name in (parts | {"story_event": "event"}).items():
            facts[fact] = self._voice.expand(name, facts)


def _first_name(name: str) -> str:
    first = name.split(" ")[0]
    return first if first[0].isupper() and first not in TITLES else name


def _acquaint(made: list[Entity]) -> None:
    """Each of a round knows the next and the one before."""
    for number, one in enumerate(made):
        one.facts["fellow"] = made[(number + 1) % len(made)].facts["subject"]
        if len(made) > 2:
            one.facts["other_fellow"] = made[number - 1].facts["subject"]


def known_lists(facts: Facts) -> dict[str, Lines]:
    """Lists of what exists already; they take the place of those that invent."""
    lists = {
        name: _said_as_is([within(one) for one in facts.known[part]])
        for part, names in SAID_AS.items()
        for name in names
        if facts.known.get(part)
    }
    if facts.theme.words:
        lists["theme_word"] = _said_as_is(facts.theme.words)
    return lists


def base_facts(facts: Facts) -> dict[str, str]:
    """What holds for the whole answer."""
    base = {f"asked_{name}": wish for name, wish in facts.asked.items()}
    base["theme"] = facts.theme.phrase
    if "“" not in facts.theme.phrase:
        base["theme_title"] = _title(facts.theme.phrase)
    if "tone" in facts.asked:
        base["tone"] = facts.asked["tone"]
    if facts.title:
        base["world"] = within(facts.title)
    return base


def within(name: str) -> str:
    """A name as it stands inside of a sentence: "the Drowned Bell"."""
    return "the " + name[4:] if name.startswith("The ") else name


def _said_as_is(texts: list[str] | tuple[str, ...]) -> Lines:
    return Lines((), tuple(Line((text,)) for text in texts))


def _title(phrase: str) -> str:
    small = {"the", "of", "and", "in", "on", "with", "a", "an", "without", "under", "who"}
    return " ".join(
        word if word in small else word[:1].upper() + word[1:] for word in phrase.split()
    )
