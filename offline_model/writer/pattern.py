"""Generates text that matches a regular expression, for schemas with a `pattern`."""

import random
import re
from importlib import import_module
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
WORD = LETTERS + LETTERS.upper() + DIGITS + "_"
PRINTABLE = "".join(map(chr, range(32, 127)))
CATEGORIES = {
    "CATEGORY_DIGIT": DIGITS,
    "CATEGORY_NOT_DIGIT": LETTERS,
    "CATEGORY_WORD": WORD,
    "CATEGORY_NOT_WORD": " -.",
    "CATEGORY_SPACE": " ",
    "CATEGORY_NOT_SPACE": WORD,
}
MAX_EXTRA_REPEATS = 8
MAX_TRIES = 20
MAX_RANGE = 255

_parser: Any = import_module("re._parser")


def text_matching(pattern: str, rng: random.Random) -> str | None:
    """Returns a text that contains a match, or None for unsupported patterns (look-around …)."""
    try:
        tokens = _parser.parse(pattern)
        for _ in range(MAX_TRIES):
            text = _sequence(tokens, rng, {})
            if re.search(pattern, text):
                return text
    except (re.error, LookupError, OverflowError, RecursionError):
        pass
    return None


def _sequence(tokens: Any, rng: random.Random, groups: dict[int, str]) -> str:
    return "".join(_token(str(opcode), value, rng, groups) for opcode, value in tokens)


def _token(opcode: str, value: Any, rng: random.Random, groups: dict[int, str]) -> str:
    match opcode:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return rng.choice(LETTERS.replace(chr(value), ""))
        case "ANY":
            return rng.choice(LETTERS)
        case "IN":
            return rng.choice(_class_members(value))
        case "BRANCH":
            return _sequence(rng.choice(value[1]), rng, groups)
        case "SUBPATTERN":
            text = _sequence(value[-1], rng, groups)
            if value[0] is not None:
                groups[value[0]] = text
            return text
        case "GROUPREF":
            return groups[value]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            minimum, maximum, tokens = value
            count = rng.randint(minimum, min(int(maximum), minimum + MAX_EXTRA_REPEATS))
            return "".join(_sequence(tokens, rng, groups) for _ in range(count))
        case "AT":
            return ""
        case _:
            raise LookupError(opcode)


def _class_members(items: Any) -> str:
    """Returns the characters of a class such as [a-z_] or [^0-9]."""
    members, negated = "", False
    for opcode, value in items:
        match str(opcode):
            case "NEGATE":
                negated = True
            case "LITERAL":
                members += chr(value)
            case "RANGE":
                first, last = value
                members += "".join(map(chr, range(first, min(last, first + MAX_RANGE) + 1)))
            case "CATEGORY":
                members += CATEGORIES[str(value)]
    return "".join(letter for letter in PRINTABLE if letter not in members) if negated else members
