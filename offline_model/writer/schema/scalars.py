"""Writes the numbers and texts of a JSON value."""

import math
import random
from collections.abc import Callable, Container
from fractions import Fraction

from loresmith.offline_model.writer.field_writer import DEFAULT_MAX_LENGTH, FieldWriter
from loresmith.offline_model.writer.naming import Entity
from loresmith.offline_model.writer.schema.combination import Schema
from loresmith.offline_model.writer.schema.json_schema import (
    bounds,
    integer_bounds,
    minimum_size,
)
from loresmith.offline_model.writer.schema.pattern import text_matching

MAX_CONTINUATIONS = 50
MAX_PATTERN_TRIES = 50
MIN_GAP = 1e-6
"""The distance to exclusive limits."""
FORMATS = {
    "date": "1204-03-21",
    "time": "18:30:00Z",
    "date-time": "1204-03-21T18:30:00Z",
    "duration": "P3D",
    "email": "archive@lore.example",
    "idn-email": "archive@lore.example",
    "hostname": "lore.example",
    "idn-hostname": "lore.example",
    "ipv4": "192.0.2.7",
    "ipv6": "2001:db8::7",
    "uri": "https://lore.example/archive",
    "uri-reference": "/archive",
    "iri": "https://lore.example/archive",
    "json-pointer": "/archive/0",
    "regex": "^[a-z]+$",
}


class ScalarWriter:
    """Writes single values, without a check of unusual combinations of limits."""

    def __init__(self, fields: FieldWriter, rng: random.Random) -> None:
        self._fields, self._rng = fields, rng

    def integer(self, schema: Schema, field: str) -> int:
        low, high = integer_bounds(schema)
        # The integers among the multiples of 5/2 are those of 5.
        step = abs(_fraction(schema.get("multipleOf", 1)).numerator) or 1
        first, last = -(-low // step), high // step
        return self._fields.integer(field, first, max(first, last)) * step

    def number(self, schema: Schema) -> float:
        low, high = bounds(schema, MIN_GAP)
        if low > high or low == high - MIN_GAP:
            low, high = bounds(schema, 0)
            return (low + high) / 2
        if not schema.get("multipleOf"):
            return min(high, max(low, round(self._rng.uniform(low, high), 3)))
        step = abs(_fraction(schema["multipleOf"]))
        first, last = math.ceil(_fraction(low) / step), math.floor(_fraction(high) / step)
        return float(self._rng.randint(first, max(first, last)) * step)

    def string(self, schema: Schema, entity: Entity, field: str, avoid: Container[str] = ()) -> str:
        """Returns a text for a field, outside `avoid` if possible."""
        maximum = int(schema.get("maxLength", DEFAULT_MAX_LENGTH))
        minimum = minimum_size(schema, "minLength")
        if "pattern" in schema and (text := self._matching(schema["pattern"], minimum, maximum)):
            return text
        if schema.get("format") == "uuid":
            digits = f"{self._rng.getrandbits(128):032x}"
            return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
        if example := FORMATS.get(schema.get("format", "")):
            return example
        return fit_length(
            lambda: self._fields.text(entity, field, avoid, maximum), minimum, maximum
        )

    def _matching(self, pattern: str, minimum: int, maximum: int) -> str | None:
        """Returns a text that contains a match, of a valid length if a few tries find one."""
        text = None
        for number in range(MAX_PATTERN_TRIES):
            text = text_matching(pattern, self._rng, extra_repeats=8 + number * minimum // 8)
            if text is None or minimum <= len(text) <= maximum:
                return text
        return text


def fit_length(next_text: Callable[[], str], minimum: int, maximum: int) -> str:
    """Joins texts until they are long enough; cuts after a sentence or a word."""
    text = next_text()
    for _ in range(MAX_CONTINUATIONS):
        if len(text) >= minimum:
            break
        text = f"{text} {next_text()}"
    text = text.ljust(minimum, "…")
    if len(text) <= maximum:
        return text
    cut = text[:maximum]
    for mark in (". ", " "):
        position = cut.rfind(mark)
        if position > max(minimum, maximum // 3):
            return cut[: position + 1].rstrip()
    return cut


def _fraction(number: float) -> Fraction:
    """Returns the number as it is written: 0.1 is a tenth."""
    return Fraction(str(number))
