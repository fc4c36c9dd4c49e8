"""Text that fits a regular expression, for schemas that ask for a `pattern`."""

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
MOST_REPEATS = 8
MOST_TRIES = 20

_parser: Any = import_module("re._parser")


def matching(pattern: str, chance: random.Random) -> str | None:
    """A text in which `pattern` is found; None when it is beyond us (look-arounds and the like)."""
    try:
        tree = _parser.parse(pattern)
        for _ in range(MOST_TRIES):
            text = _sequence(tree, chance, {})
            if re.search(pattern, text):
                return text
    except (re.error, LookupError, OverflowError, RecursionError):
        pass
    return None


def _sequence(tree: Any, chance: random.Random, groups: dict[int, str]) -> str:
    return "".join(_one(str(kind), value, chance, groups) for kind, value in tree)


def _one(kind: str, value: Any, chance: random.Random, groups: dict[int, str]) -> str:
    match kind:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return chance.choice(LETTERS.replace(chr(value), ""))
        case "ANY":
            return chance.choice(LETTERS)
        case "IN":
            return chance.choice(_members(value))
        case "BRANCH":
            return _sequence(chance.choice(value[1]), chance, groups)
        case "SUBPATTERN":
            text = _sequence(value[-1], chance, groups)
            if value[0] is not None:
                groups[value[0]] = text
            return text
        case "GROUPREF":
            return groups[value]
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, part = value
            count = chance.randint(least, min(int(most), least + MOST_REPEATS))
            return "".join(_sequence(part, chance, groups) for _ in range(count))
        case "AT":
            return ""
        case _:
            raise LookupError(kind)


def _members(value: Any) -> str:
    """The characters of a class such as [a-z_] or [^0-9]."""
    chosen, negated = "", False
    for kind, item in value:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                chosen += chr(item)
            case "RANGE":
                chosen += "".join(map(chr, range(item[0], min(item[1], item[0] + 255) + 1)))
            case "CATEGORY":
                chosen += CATEGORIES[str(item)]
    return "".join(letter for letter in PRINTABLE if letter not in chosen) if negated else chosen
