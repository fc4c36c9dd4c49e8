"""What a request says, as far as a grammar can use it: theme, count, wishes, and who exists.

Prompts that carry their request as a fenced block of JSON are read exactly; of others the theme and
the count are guessed from the text.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from lore_service.offline.theme import FAULT, Theme

BLOCK = re.compile(r"```json\s*(.*?)\s*```", re.DOTALL)
SPOKEN_THEME = re.compile(
    r"(?:\btheme\b(?:\s+is)?[:\s]+|\babout\s+|\bthemed\s+)\"?([^\n\".!?]{2,60})", re.I
)
SPOKEN_COUNT = re.compile(
    r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+){0,2}?"
    r"(characters?|factions?|settings?|places?|events?|relics?)\b",
    re.I,
)
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
PARTS = ("characters", "factions", "settings", "events", "relics")
NAMED = re.compile(r'"(characters|factions|settings|events|relics)": \[|"name": "([^"\\]{2,80})"')
PROPER = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: (?:of (?:the )?)?[A-Z][a-z]+)*")
"""A name in running text: capitals that do not begin a sentence."""
SHE, HE = re.compile(r"\b(?:she|her)\b", re.I), re.compile(r"\b(?:he|his|him)\b", re.I)

LONGEST_WISH = 120
THEY = {"they": "they", "them": "them", "their": "their", "theirs": "theirs"}
PRONOUNS = {
    "she": {"they": "she", "them": "her", "their": "her", "theirs": "hers"},
    "he": {"they": "he", "them": "him", "their": "his", "theirs": "his"},
    "": THEY,
}


@dataclass
class Facts:
    """What a request is about."""

    theme: Theme
    count: int | None = None
    part: str = ""
    """Which of PARTS a request without a schema asks for, if any."""
    asked: dict[str, str] = field(default_factory=dict)
    """Wishes of the request by field: tone, role, era, climate, origin, scale, premise."""
    known: dict[str, list[str]] = field(default_factory=dict)
    """Names that exist already, by PARTS; "names" holds those whose sort nobody knows."""
    title: str = ""
    """The world's name."""
    pronouns: dict[str, dict[str, str]] = field(default_factory=dict)
    """How the people who exist already are spoken of, by name."""

    @classmethod
    def of(cls, prompt: str) -> "Facts":
        """Reads a prompt. Never fails: what cannot be read is left open."""
        block = BLOCK.search(prompt)
        given = _parsed(block[1]) if block else None
        return _of_payload(given) if isinstance(given, dict) else _of_text(prompt)


def _of_payload(given: dict[str, Any]) -> Facts:
    count = given.get("count")
    facts = Facts(
        Theme.of(str(given.get("theme") or "")),
        count if isinstance(count, int) and count > 0 else None,
        asked={name: wish for name, value in given.items() if (wish := _wish(value))},
    )
    for unasked in ("theme", "world"):
        facts.asked.pop(unasked, None)
    _take_world(facts, given.get("world"))
    _take_lists(facts, given)
    return facts


def _wish(value: Any) -> str:
    """A wish as part of a sentence; "" when it is none."""
    if not isinstance(value, str) or not value.strip():
        return ""
    first = FAULT.sub("", value).strip().partition("\n")[0]
    cut = first if len(first) <= LONGEST_WISH else first[:LONGEST_WISH].rsplit(" ", 1)[0] + "…"
    return cut.strip(" .")


def _take_world(facts: Facts, world: Any) -> None:
    """The world so far: an object, its JSON text (even cut off), or plain prose."""
    known = _parsed(world) if isinstance(world, str) else world
    if isinstance(known, dict):
        outline = known.get("outline")
        title = known.get("title") or (outline.get("title") if isinstance(outline, dict) else "")
        facts.title = title if isinstance(title, str) else ""
        _take_lists(facts, known)
    elif isinstance(world, str) and world.lstrip().startswith("{"):
        _salvage(facts, world)
    elif isinstance(world, str):
        facts.known["names"] = list(dict.fromkeys(PROPER.findall(world)))[:20]


def _take_lists(facts: Facts, given: dict[str, Any]) -> None:
    """Entities by part, as objects with a name or as bare names."""
    for part in PARTS:
        entities = given.get(part)
        if isinstance(entities, list):
            facts.known[part] = [name for one in entities if (name := _name(one))]
            for one in entities:
                if part == "characters" and (name := _name(one)):
                    facts.pronouns[name] = _pronouns(json.dumps(one))


def _name(entity: Any) -> str:
    name = entity.get("name") if isinstance(entity, dict) else entity
    return name.strip()[:80] if isinstance(name, str) else ""


def _pronouns(text: str) -> dict[str, str]:
    she, he = len(SHE.findall(text)), len(HE.findall(text))
    return PRONOUNS["she" if she > he else "he" if he > she else ""]


def _salvage(facts: Facts, text: str) -> None:
    """Names out of a JSON text that was cut off."""
    part = ""
    for found in NAMED.finditer(text):
        part = found[1] or part
        if found[2] and part:
            facts.known.setdefault(part, []).append(found[2])


def _of_text(prompt: str) -> Facts:
    theme, count = SPOKEN_THEME.search(prompt), SPOKEN_COUNT.search(prompt)
    facts = Facts(Theme.of(theme[1] if theme else ""))
    if count:
        facts.count = _number(count[1])
        facts.part = "settings" if count[2].lower().startswith("place") else _plural(count[2])
    return facts


def _number(word: str) -> int:
    return int(word) if word.isdigit() else NUMBERS.index(word.lower())


def _plural(noun: str) -> str:
    return noun.lower().rstrip("s") + "s"


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
