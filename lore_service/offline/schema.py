"""Walks a JSON Schema and makes a value that fits it; the words come from an author."""

import random
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Any, Protocol

from lore_service.offline.pattern import matching

Schema = dict[str, Any]

DEEP = 8
"""From this depth on only what is required is written, so that recursive schemas end."""
TOO_DEEP = 40
MOST_LEAST = 20_000
"""The largest minItems or minLength that is honoured."""
FORMATS = {
    "date": "1204-03-21",
    "time": "18:30:00Z",
    "date-time": "1204-03-21T18:30:00Z",
    "duration": "P3D",
    "email": "archive@lore.example",
    "hostname": "lore.example",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uri": "https://lore.example/archive",
}


@dataclass
class Entity:
    """Somebody or something that is written about; its facts hold in all its texts."""

    sort: str = ""
    """What it is, as the author calls it: characters, relics, story ... or ""."""
    facts: dict[str, str] = field(default_factory=dict)
    position: str = ""
    """first or last among its like, or neither."""


class Author(Protocol):
    """Whoever has the words."""

    def sort_of(self, name: str) -> str:
        """The sort of entity that a definition, field or schema of this name is, or ""."""

    def cast(self, sort: str, count: int, among: Entity) -> list[Entity]:
        """So many new entities of one sort, that know each other and what they are part of."""

    def count(self) -> int | None:
        """How many entities the request asks for, where the schema leaves it open."""

    def text(self, entity: Entity, field: str, unlike: Container[str], most: int) -> str:
        """What the field of this entity says, in about `most` characters at most."""

    def integer(self, field: str, low: int, high: int) -> int:
        """A number between the two."""


class Walk:
    """One value for one schema."""

    def __init__(self, root: Schema, author: Author, chance: random.Random) -> None:
        self._root, self._author, self._chance = root, author, chance

    def value(self, schema: Schema, entity: Entity, name: str = "", depth: int = 0) -> Any:
        """A value that fits `schema`; `name` is the field it stands in."""
        if depth > TOO_DEEP:
            raise ValueError("the schema has no end")
        schema, defined = self._resolved(schema, depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._chance.choice(schema["enum"])
        match _type(schema):
            case "object":
                return self._object(schema, self._entity(schema, defined, entity), depth)
            case "array":
                return self._array(schema, entity, name, depth)
            case "integer":
                return self._integer(schema, name)
            case "number":
                return self._number(schema)
            case "boolean":
                return self._chance.random() < 0.5
            case "null":
                return None
            case _:
                return self._string(schema, entity, name)

    def _resolved(self, schema: Schema, depth: int) -> tuple[Schema, str]:
        """The schema itself behind references and choices, and the name it was defined under."""
        defined = ""
        for _ in range(TOO_DEEP):
            if "$ref" in schema:
                defined = schema["$ref"].rsplit("/", 1)[-1]
                rest = {key: part for key, part in schema.items() if key != "$ref"}
                schema = {**self._target(schema["$ref"]), **rest}
            elif choices := schema.get("anyOf") or schema.get("oneOf"):
                rest = {key: part for key, part in schema.items() if key not in ("anyOf", "oneOf")}
                schema = {**rest, **self._chosen(choices, depth)}
            elif "allOf" in schema:
                rest = {key: part for key, part in schema.items() if key != "allOf"}
                schema = _merged([self._resolved(part, depth)[0] for part in schema["allOf"]], rest)
            else:
                return schema, defined
        raise ValueError("the schema refers to itself")

    def _target(self, reference: str) -> Schema:
        """What a local reference such as "#/$defs/Character" points at."""
        found: Any = self._root
        for step in reference.lstrip("#").strip("/").split("/"):
            found = found[step.replace("~1", "/").replace("~0", "~")] if step else found
        return dict(found)

    def _chosen(self, choices: list[Schema], depth: int) -> Schema:
        """One of several: something rather than null, unless it is deep enough already."""
        some = [one for one in choices if one.get("type") != "null"]
        if depth >= DEEP and len(some) < len(choices):
            return {"type": "null"}
        return some[0] if some else {"type": "null"}

    def _entity(self, schema: Schema, defined: str, around: Entity) -> Entity:
        """Whom an object is about: somebody new if its definition says so, else still the same."""
        sort = self._author.sort_of(defined or str(schema.get("title", "")))
        known = not sort or sort == around.sort
        return around if known else self._author.cast(sort, 1, around)[0]

    def _object(self, schema: Schema, entity: Entity, depth: int) -> dict[str, Any]:
        fields, required = schema.get("properties", {}), schema.get("required", [])
        made = {
            name: self.value(part, entity, name, depth + 1)
            for name, part in fields.items()
            if depth < DEEP or name in required
        }
        extra = schema.get("additionalProperties")
        if isinstance(extra, dict) and not fields:
            for _ in range(max(2, schema.get("minProperties", 0))):
                made[self._author.text(entity, "phrase", made, 60)] = self.value(
                    extra, entity, "line", depth + 1
                )
        return made

    def _array(self, schema: Schema, entity: Entity, name: str, depth: int) -> list[Any]:
        items = schema.get("items")
        made = [self.value(part, entity, name, depth + 1) for part in schema.get("prefixItems", [])]
        if not isinstance(items, dict):
            return made
        resolved, defined = self._resolved(items, depth)
        if _type(resolved) == "object":
            sort = self._author.sort_of(defined) or self._author.sort_of(name) or "things"
            count = self._count(schema, self._author.count(), depth) - len(made)
            among = self._author.cast(sort, count, entity)
            return made + [self.value(items, one, name, depth + 1) for one in among]
        return made + self._few(schema, resolved, entity, name, depth)

    def _few(
        self, schema: Schema, items: Schema, entity: Entity, name: str, depth: int
    ) -> list[Any]:
        """A list of plain values, as different as they can be."""
        made: list[Any] = []
        for _ in range(self._count(schema, None, depth)):
            if _type(items) == "string" and not items.keys() & {"enum", "const"}:
                made.append(self._string(items, entity, name, made))
            else:
                made.append(self._another(items, entity, name, depth, made))
        return made

    def _another(
        self, items: Schema, entity: Entity, name: str, depth: int, made: list[Any]
    ) -> Any:
        for _ in range(20):
            value = self.value(items, entity, name, depth + 1)
            if value not in made:
                break
        return value

    def _count(self, schema: Schema, asked: int | None, depth: int) -> int:
        """How many items: as many as were asked for if the schema allows it, else a few."""
        least = _modest(schema.get("minItems", 0))
        most = int(schema.get("maxItems", max(least, 4)))
        if depth >= DEEP:
            return least
        if asked:
            return max(least, min(asked, int(schema.get("maxItems", asked))))
        return self._chance.randint(min(most, max(least, 2)), max(min(most, 4), least))

    def _integer(self, schema: Schema, name: str) -> int:
        low, high = _bounds(schema, 1)
        step = int(schema.get("multipleOf", 1)) or 1
        first, last = -(-int(low) // step), int(high) // step
        return self._author.integer(name, first, max(first, last)) * step

    def _number(self, schema: Schema) -> float:
        low, high = _bounds(schema, 1e-6)
        return min(high, max(low, round(self._chance.uniform(low, high), 3)))

    def _string(
        self, schema: Schema, entity: Entity, name: str, unlike: Container[str] = ()
    ) -> str:
        if text := matching(schema["pattern"], self._chance) if "pattern" in schema else None:
            return text
        if schema.get("format") == "uuid":
            digits = f"{self._chance.getrandbits(128):032x}"
            return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        if made := FORMATS.get(schema.get("format", "")):
            return made
        most = int(schema.get("maxLength", 10_000))

        def more() -> str:
            return self._author.text(entity, name, unlike, most)

        return fitted(more, _modest(schema.get("minLength", 0)), most)


def fitted(more: Callable[[], str], least: int, most: int) -> str:
    """Text of the wanted length: more of it if it is short, cut at a good place if it is long."""
    text = more()
    for _ in range(50):
        if len(text) >= least:
            break
        text = f"{text} {more()}"
    text = text.ljust(least, "…")
    if len(text) <= most:
        return text
    cut = text[:most]
    for mark in (". ", " "):
        at = cut.rfind(mark)
        if at > max(least, most // 3):
            return cut[: at + 1].rstrip()
    return cut


def _modest(least: int) -> int:
    if least > MOST_LEAST:
        raise ValueError(f"a minimum of {least} is beyond the offline model")
    return int(least)


def _type(schema: Schema) -> str:
    told = schema.get("type")
    if isinstance(told, list):
        told = next((one for one in told if one != "null"), "null")
    if told is None:
        told = "object" if "properties" in schema else "array" if "items" in schema else "string"
    return str(told)


def _bounds(schema: Schema, gap: float) -> tuple[float, float]:
    """The least and the greatest number that fit; `gap` keeps away from exclusive ones."""
    low = schema.get("minimum")
    high = schema.get("maximum")
    if (above := schema.get("exclusiveMinimum")) is not None:
        low = above + gap
    if (below := schema.get("exclusiveMaximum")) is not None:
        high = below - gap
    if low is None:
        low = min(1, high) if high is not None else 1
    return low, high if high is not None else low + 99


def _merged(parts: list[Schema], rest: Schema) -> Schema:
    """All parts of an allOf as one schema."""
    whole: Schema = {}
    for part in (*parts, rest):
        fields = {**whole.get("properties", {}), **part.get("properties", {})}
        required = [*whole.get("required", []), *part.get("required", [])]
        whole = {**whole, **part}
        if fields:
            whole |= {"properties": fields, "required": required}
    return whole
