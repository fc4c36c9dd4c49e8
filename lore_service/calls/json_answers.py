"""Finds the JSON objects in a text that is not JSON itself, so that a paid answer is not bought
again for its form.

Models write fences, thoughts, sentences and end marks around an answer, trailing commas and line
breaks inside of it, and fields of their own.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from loresmith.lore_service.providers.json_values import dumped, parsed

THOUGHT_END = re.compile(r"</(?:think|thinking|thought|reasoning)>|◁/think▷", re.IGNORECASE)
SLIPS = re.compile(
    r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))'  # strings stay as they are; possessive: linear time
    r"|,(?=\s*[}\]])|//[^\n]*|/\*.*?(?:\*/|\Z)|[^\S \n\r\t]|[\u200b\u200c\u200d\u2060\ufeff]",
    re.DOTALL,
)
"""What JSON does not allow between its values: trailing commas, comments, odd white space."""
DECODER = json.JSONDecoder(strict=False)
MAX_STARTS, MAX_REPAIRED_STARTS = 500, 20
"""How many opening braces are tried; a hostile text may have a million."""
MAX_DEPTH = 4
"""How deep an answer may be wrapped in other objects."""


def json_answers(text: str, schema: dict[str, Any]) -> Iterator[str]:
    """Yields possible answers as JSON texts without fields that the schema does not have.

    The last object of the text comes first, because models correct themselves; objects inside of
    others, and those among a model's thoughts, come last.
    """
    thoughts = [*THOUGHT_END.finditer(text)]
    answer = text[thoughts[-1].end() :] if thoughts else text
    matches = _objects(answer)
    if thoughts:
        matches += _objects(text[: thoughts[-1].end()])
    inner = [each for value in matches for each in _inner(value, MAX_DEPTH)]
    for value in [*matches, *inner]:
        yield dumped(_pruned(value, schema, schema.get("$defs", {})))


def _objects(text: str) -> list[dict[str, Any]]:
    """Returns the outermost objects of a text, the last one first."""
    whole = parsed(text)
    if isinstance(whole, str):  # a JSON string that holds JSON
        return _objects(whole)
    matches = [*_scan(text)]
    if not matches and '{\\"' in text:  # the same without its quotes
        matches = [*_scan(text.replace('\\"', '"').replace("\\\\", "\\"))]
    return matches[::-1]


def _scan(text: str) -> Iterator[dict[str, Any]]:
    end = repaired = 0
    for _ in range(MAX_STARTS):
        start = text.find("{", end)
        if start < 0:
            return
        value, end = _decode(text, start)
        if value is None and repaired < MAX_REPAIRED_STARTS:
            repaired += 1
            without_slips = SLIPS.sub(_without_slip, text[start:])
            value, length = _decode(without_slips, 0)
            if value is not None:
                text, end = without_slips, length
        if value is not None:
            yield value


def _decode(text: str, start: int) -> tuple[dict[str, Any] | None, int]:
    """Returns the object that starts there, and where the search goes on."""
    try:
        return DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, start + 1


def _without_slip(match: re.Match[str]) -> str:
    return match[1] or (" " if match[0].isspace() else "")


def _inner(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    """Yields the objects inside of a value, also those that are written as text."""
    if isinstance(value, str):
        value = parsed(value) if value.lstrip().startswith(("{", "[")) else None
        if isinstance(value, dict):
            yield value
    if depth and isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            if isinstance(each, dict):
                yield each
            yield from _inner(each, depth - 1)


def _pruned(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """Returns a value without the fields that its schema does not have."""
    if "$ref" in schema:
        schema = definitions.get(schema["$ref"].rsplit("/", 1)[-1], {})
    if isinstance(value, dict) and (properties := schema.get("properties")):
        return {
            name: _pruned(each, properties[name], definitions)
            for name, each in value.items()
            if name in properties
        }
    if isinstance(value, list) and isinstance(items := schema.get("items"), dict):
        return [_pruned(each, items, definitions) for each in value]
    return value
