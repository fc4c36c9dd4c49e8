"""Writes lore that fits a JSON Schema, the same for the same request.

Walks the schema and asks the lexicon by field name. What the request says (theme, names of people
and places so far) is read from the JSON block in the prompt and woven in.
"""

import hashlib
import json
import random
import re
from dataclasses import dataclass, field
from typing import Any

from lore_service.offline.lexicon import WORDS

SLOT = re.compile(r"#(\w+)#")
BLOCK = re.compile(r"```json\s*(.*?)\s*```", re.DOTALL)
THEME = re.compile(r"(?:theme|about)[:\s]+\"?([^\n\".]{2,60})", re.IGNORECASE)


@dataclass
class Facts:
    """What a request is about."""

    theme: str = "old magic"
    names: dict[str, list[str]] = field(default_factory=dict)
    """Names that the world so far holds, by the list they stand in."""

    @classmethod
    def of(cls, prompt: str) -> "Facts":
        """Reads the JSON block of a prompt, or else its plain text."""
        if block := BLOCK.search(prompt):
            try:
                given = json.loads(block[1])
            except ValueError:
                given = {}
            if isinstance(given, dict):
                return cls(str(given.get("theme") or "old magic"), _names(given.get("world")))
        found = THEME.search(prompt)
        return cls(found[1].strip() if found else "old magic")


def _names(world: Any) -> dict[str, list[str]]:
    """The names in a world that is given as JSON text."""
    try:
        known = json.loads(world) if isinstance(world, str) else {}
    except ValueError:
        return {}
    lists = {part: made for part, made in known.items() if isinstance(made, list)}
    return {
        part: [one["name"] for one in made if isinstance(one, dict) and "name" in one]
        for part, made in lists.items()
    }


class Writer:
    """Writes one answer. The seed decides everything that the request leaves open."""

    def __init__(self, seed: bytes, facts: Facts) -> None:
        self._random = random.Random(hashlib.sha256(seed).digest())
        self._facts = facts
        self._used: set[str] = set()

    def prose(self) -> str:
        """An answer without a schema."""
        return self._line("prose", {"theme": self._facts.theme})

    def write(self, schema: dict[str, Any], sort: str = "") -> Any:
        """A value that fits the schema. `sort` is what the whole is: "Outline", "Story"."""
        return self._value(schema, schema.get("$defs", {}), "", sort, {"theme": self._facts.theme})

    def _value(
        self,
        schema: dict[str, Any],
        defs: dict[str, Any],
        name: str,
        owner: str,
        facts: dict[str, str],
    ) -> Any:
        if "$ref" in schema:
            target = schema["$ref"].rsplit("/", 1)[-1]
            return self._value(defs[target], defs, name, owner or target, facts)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._random.choice(schema["enum"])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                real = [one for one in schema[choice] if one.get("type") != "null"]
                return self._value(real[0], defs, name, owner, facts) if real else None
        kind = schema.get("type", "object")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            return self._object(schema, defs, name, owner, facts)
        if kind == "array":
            return self._array(schema, defs, name, owner, facts)
        return self._scalar(kind, schema, name, owner, facts)

    def _object(
        self,
        schema: dict[str, Any],
        defs: dict[str, Any],
        name: str,
        owner: str,
        facts: dict[str, str],
    ) -> dict[str, Any]:
        """An entity: its own name becomes the subject of its other texts."""
        facts = dict(facts)
        made: dict[str, Any] = {}
        for field_name, part in schema.get("properties", {}).items():
            sort = owner if part.get("type") != "array" else (owner or field_name)
            made[field_name] = self._value(part, defs, field_name, sort, facts)
            if field_name in ("name", "title") and isinstance(made[field_name], str):
                facts["subject"] = made[field_name]
        return made

    def _array(
        self,
        schema: dict[str, Any],
        defs: dict[str, Any],
        name: str,
        owner: str,
        facts: dict[str, str],
    ) -> list[Any]:
        least = schema.get("minItems", 1)
        most = schema.get("maxItems", max(least, 3))
        count = most if least == most else min(most, max(least, 3))
        items = schema.get("items", {})
        sort = name if "$ref" in items and name in SORTS else owner
        made: list[Any] = []
        for _ in range(count):
            one = self._value(items, defs, name, sort, facts)
            for _ in range(20):
                if one not in made:
                    break
                one = self._value(items, defs, name, sort, facts)
            made.append(one)
        return made

    def _scalar(
        self, kind: str, schema: dict[str, Any], name: str, owner: str, facts: dict[str, str]
    ) -> Any:
        if kind == "integer":
            least = int(schema.get("minimum", 0))
            most = int(schema.get("maximum", least + 100))
            return self._age(least, most) if name == "age" else self._random.randint(least, most)
        if kind == "number":
            low = float(schema.get("minimum", 0))
            return round(self._random.uniform(low, float(schema.get("maximum", low + 1))), 3)
        if kind == "boolean":
            return self._random.random() < 0.5
        if kind == "null":
            return None
        return self._text(schema, name, owner, facts)

    def _age(self, low: int, high: int) -> int:
        return min(high, max(low, int(self._random.triangular(16, 90, 34))))

    def _text(self, schema: dict[str, Any], name: str, owner: str, facts: dict[str, str]) -> str:
        wanted = next(key for key in (f"{owner}.{name}", name, "line") if key in WORDS)
        text = ""
        for _ in range(20):
            text = self._line(wanted, self._with_names(facts))
            if text not in self._used:
                break
        self._used.add(text)
        longest = schema.get("maxLength", 4_000)
        shortest = schema.get("minLength", 0)
        return text[:longest].rstrip() if len(text) >= shortest else text.ljust(shortest, ".")

    def _with_names(self, facts: dict[str, str]) -> dict[str, str]:
        """The facts, with people and places of the world so far where it has any."""
        known = self._facts.names
        people = known.get("characters") or [self._plain("#given# #family#") for _ in range(2)]
        person, other = self._random.sample(people, 2) if len(people) > 1 else (people[0],) * 2
        chosen = {
            "person": person,
            "other": other,
            "place": self._one(known.get("settings"), "#place#"),
            "faction": self._one(known.get("factions"), "House #family#"),
            "relic": self._one(known.get("relics"), "#thing#"),
            "event": self._one(known.get("events"), "the #root# Winter"),
        }
        return {"subject": chosen["person"], **chosen, **facts}

    def _one(self, names: list[str] | None, otherwise: str) -> str:
        return self._random.choice(names) if names else self._plain(otherwise)

    def _line(self, name: str, facts: dict[str, str]) -> str:
        text = self._plain(self._random.choice(WORDS[name]))
        for fact, value in facts.items():
            text = text.replace("{" + fact + "}", value)
        return _sentence_case(text)

    def _plain(self, text: str) -> str:
        """A line with its slots filled; a slot with a capital starts with one."""
        while slot := SLOT.search(text):
            word = self._random.choice(WORDS[slot[1].lower()])
            if slot[1][0].isupper():
                word = self._plain(word)
                word = word[:1].upper() + word[1:]
            text = text[: slot.start()] + word + text[slot.end() :]
        return text


SORTS = {key.split(".")[0] for key in WORDS if "." in key}
"""The sorts of entity that the lexicon has words of their own for."""


def _sentence_case(text: str) -> str:
    """Capitals after full stops and "an" before a vowel, which filled slots do not know of."""
    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text)
    return re.sub(r"(^|[.!?]\s+)([a-z])", lambda found: found[1] + found[2].upper(), text)
