"""Reads values of a provider's JSON, which may have other types than documented."""

import json
import re
from typing import Any

from loresmith.jobs.core.text import valid_text

MAX_FIELD_CHARACTERS = 200
MAX_NUMBER = 10**12
NUMBER = re.compile(r"\s*(\d{1,15})(\.0*)?\s*", re.ASCII)


def parsed(text: str | bytes) -> Any:
    """Parses JSON; None when it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> dict[str, Any]:
    """Returns the value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """Returns the objects of a list, or the value itself if it is one."""
    if isinstance(value, dict):
        return [value]
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def field_text(value: Any) -> str:
    """Returns a short field as text, whatever its type; empty for null."""
    if value is None:
        return ""
    return valid_text((value if isinstance(value, str) else dumped(value))[:MAX_FIELD_CHARACTERS])


def dumped(value: Any) -> str:
    """Returns a value as JSON text; empty when it is nested too deeply."""
    try:
        return valid_text(json.dumps(value, ensure_ascii=False))
    except RecursionError:
        return ""


def whole_number(value: Any) -> int | None:
    """Returns a whole number ≥ 0, also from 10.0 or "10"; None for all else."""
    if isinstance(value, str) and (match := NUMBER.fullmatch(value)):
        value = int(match[1])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MAX_NUMBER else None


class TextJoiner:
    """Joins pieces of a text; a surrogate pair may be cut between two of them."""

    def __init__(self) -> None:
        self._half = ""

    def add(self, piece: str) -> str:
        """Returns the text that is complete so far."""
        if self._half:
            piece, self._half = self._half + piece, ""
        if piece and "\ud800" <= piece[-1] <= "\udbff":
            piece, self._half = piece[:-1], piece[-1]
        return valid_text(piece)

    def end(self) -> str:
        """Returns the replacement of a half that stays alone."""
        half, self._half = self._half, ""
        return valid_text(half)
