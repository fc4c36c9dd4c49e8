"""Parses what the grammar uses of a prompt: theme, count, attributes and existing entities.

Exact for a request in a fenced JSON block; otherwise guesses theme and count from the text.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from loresmith.offline_model.writer.theme import FAULT, Theme

JSON_BLOCK = re.compile(r"```json\s*(.*?)\s*```", re.DOTALL)
THEME_IN_TEXT = re.compile(
    r"(?:\btheme\b(?:\s+is)?[:\s]+|\babout\s+|\bthemed\s+)\"?([^\n\".!?]{2,60})", re.I
)
COUNT_IN_TEXT = re.compile(
    r"\b(\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+){0,2}?"
    r"(characters?|factions?|settings?|places?|events?|relics?)\b",
    re.I,
)
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
ENTITY_TYPES = ("characters", "factions", "settings", "events", "relics")
TYPE_OR_NAME = re.compile(
    r'"(characters|factions|settings|events|relics)": \[|"name": "([^"\\]{2,80})"'
)
PROPER_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: (?:of (?:the )?)?[A-Z][a-z]+)*")
"""Capitalized words in running text that do not begin a sentence."""
SHE, HE = re.compile(r"\b(?:she|her)\b", re.I), re.compile(r"\b(?:he|his|him)\b", re.I)

MAX_ATTRIBUTE_LENGTH = 120
MAX_NAME_LENGTH = 80
MAX_NAMES_IN_PROSE = 20
NEUTRAL_PRONOUNS = {"they": "they", "them": "them", "their": "their", "theirs": "theirs"}
PRONOUNS = {
    "she": {"they": "she", "them": "her", "their": "her", "theirs": "hers"},
    "he": {"they": "he", "them": "him", "their": "his", "theirs": "his"},
}


@dataclass
class ParsedPrompt:
    """The parts of a prompt that influence the answer."""

    theme: Theme
    count: int | None = None
    entity_type: str = ""
    """The one of ENTITY_TYPES that a request without a schema asks for, if any."""
    attributes: dict[str, str] = field(default_factory=dict)
    """Requested attributes: tone, role, era, climate, origin, scale, premise."""
    known: dict[str, list[str]] = field(default_factory=dict)
    """Existing names by entity type; "names" has those of unknown type."""
    world_title: str = ""
    pronouns: dict[str, dict[str, str]] = field(default_factory=dict)
    """Pronouns of existing characters, by name."""

    @classmethod
    def parse(cls, prompt: str) -> "ParsedPrompt":
        """Never fails: leaves out what it cannot read."""
        block = JSON_BLOCK.search(prompt)
        payload = _loads(block[1]) if block else None
        return _from_payload(payload) if isinstance(payload, dict) else _from_text(prompt)


def topic_of(question: str, prompt: str) -> Theme:
    """Returns the theme that the question names, or else the prompt, or else the question."""
    for text in (question, prompt):
        block = JSON_BLOCK.search(text)
        if (block and isinstance(_loads(block[1]), dict)) or THEME_IN_TEXT.search(text):
            return ParsedPrompt.parse(text).theme
    return Theme.quote(question or prompt)


def _from_payload(payload: dict[str, Any]) -> ParsedPrompt:
    count = payload.get("count")
    prompt = ParsedPrompt(
        Theme.parse(str(payload.get("theme") or "")),
        count if isinstance(count, int) and count > 0 else None,
        attributes={
            name: text
            for name, value in payload.items()
            if name not in ("theme", "world") and (text := _attribute(value))
        },
    )
    _add_world(prompt, payload.get("world"))
    _add_entities(prompt, payload)
    return prompt


def _attribute(value: Any) -> str:
    """Returns a value as part of a sentence, or an empty text."""
    if not isinstance(value, str) or not value.strip():
        return ""
    line = FAULT.sub("", value).strip().partition("\n")[0]
    if len(line) > MAX_ATTRIBUTE_LENGTH:
        line = line[:MAX_ATTRIBUTE_LENGTH].rsplit(" ", 1)[0] + "…"
    return line.strip(" .")


def _add_world(prompt: ParsedPrompt, world: Any) -> None:
    """Reads the world so far: an object, its JSON text (even truncated), or prose."""
    value = _loads(world) if isinstance(world, str) else world
    if isinstance(value, dict):
        outline = value.get("outline")
        title = value.get("title") or (outline.get("title") if isinstance(outline, dict) else "")
        prompt.world_title = title if isinstance(title, str) else ""
        _add_entities(prompt, value)
    elif isinstance(world, str) and world.lstrip().startswith("{"):
        _add_entities_of_truncated_json(prompt, world)
    elif isinstance(world, str):
        prompt.known["names"] = list(dict.fromkeys(PROPER_NAME.findall(world)))[:MAX_NAMES_IN_PROSE]


def _add_entities(prompt: ParsedPrompt, payload: dict[str, Any]) -> None:
    """Reads lists of entities: objects with a name, or bare names."""
    for entity_type in ENTITY_TYPES:
        entities = payload.get(entity_type)
        if isinstance(entities, list):
            named = [(name, entity) for entity in entities if (name := _name(entity))]
            prompt.known[entity_type] = [name for name, _ in named]
            if entity_type == "characters":
                prompt.pronouns |= {name: _pronouns(json.dumps(one)) for name, one in named}


def _name(entity: Any) -> str:
    name = entity.get("name") if isinstance(entity, dict) else entity
    return name.strip()[:MAX_NAME_LENGTH] if isinstance(name, str) else ""


def _pronouns(text: str) -> dict[str, str]:
    she, he = len(SHE.findall(text)), len(HE.findall(text))
    if she == he:
        return NEUTRAL_PRONOUNS
    return PRONOUNS["she" if she > he else "he"]


def _add_entities_of_truncated_json(prompt: ParsedPrompt, text: str) -> None:
    entity_type = ""
    for match in TYPE_OR_NAME.finditer(text):
        entity_type = match[1] or entity_type
        if match[2] and entity_type:
            prompt.known.setdefault(entity_type, []).append(match[2])


def _from_text(text: str) -> ParsedPrompt:
    theme, count = THEME_IN_TEXT.search(text), COUNT_IN_TEXT.search(text)
    prompt = ParsedPrompt(Theme.parse(theme[1] if theme else ""))
    if count:
        number, noun = count[1].lower(), count[2].lower().rstrip("s") + "s"
        prompt.count = int(number) if number.isdigit() else NUMBERS.index(number)
        prompt.entity_type = "settings" if noun == "places" else noun
    return prompt


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
