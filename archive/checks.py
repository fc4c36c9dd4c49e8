"""Checks data before it is sent to a database, so that both databases reject the same.

PostgreSQL takes no NUL and no lone surrogate in text, and JSON knows no NaN. SQLite would take some
of them, and the day of the move to PostgreSQL would be too late to find out.
"""

from datetime import datetime
from math import isfinite
from typing import Any
from uuid import UUID

from loresmith.archive.errors import ArchiveRefused

MAX_DEPTH = 100
"""Maximum nesting of lists and objects."""
MAX_NUMBER_BITS = 1024
"""Maximum bits of an integer; many JSON readers fail on larger ones."""


def is_id(value: object) -> bool:
    """Whether this is a UUID in canonical form: lower case, with hyphens."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value
    except ValueError:
        return False


def check_id(name: str, value: object) -> None:
    if not is_id(value):
        raise ArchiveRefused(f"{name} is not a UUID in lower case with hyphens.")


def check_name(name: str, value: object, *, max_length: int) -> None:
    """Requires a name of 1 to `max_length` characters."""
    check_text(name, value)
    if not isinstance(value, str) or not 1 <= len(value) <= max_length:
        raise ArchiveRefused(f"{name} must have 1 to {max_length} characters.")


def check_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise ArchiveRefused(f"{name} must be text.")
    if "\0" in value:
        raise ArchiveRefused(f"{name} holds a NUL character, which no text may; remove it.")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ArchiveRefused(f"{name} holds half of a surrogate pair; send whole characters.")


def check_time(name: str, value: object) -> None:
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ArchiveRefused(f"{name} must be a time with its zone.")


def check_json(name: str, value: Any) -> None:
    """Requires that `value` survives a JSON round trip. The message names the place that does
    not.
    """
    rest = [(name, 0, value)]
    while rest:
        where, depth, matches = rest.pop()
        if depth > MAX_DEPTH:
            raise ArchiveRefused(f"{name} is nested deeper than {MAX_DEPTH} levels.")
        match matches:
            case dict():
                for key, inner in matches.items():
                    check_text(f"a key in {where}", key)
                    rest.append((f"{where}.{key}", depth + 1, inner))
            case list():
                rest += ((f"{where}[{i}]", depth + 1, inner) for i, inner in enumerate(matches))
            case str():
                check_text(where, matches)
            case float() if not isfinite(matches):
                raise ArchiveRefused(f"{where} is not a finite number.")
            case int() if matches.bit_length() > MAX_NUMBER_BITS:
                raise ArchiveRefused(f"{where} is a number of more than {MAX_NUMBER_BITS} bits.")
            case None | int() | float():
                pass
            case _:
                raise ArchiveRefused(f"{where} is a {type(matches).__name__}, not JSON.")
