"""Generates text that matches a regular expression, for schemas with a `pattern`."""

import random
import re
from importlib import import_module
from typing import Any

LETTERS = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
WORD = LETTERS + LETTERS.upper() + DIGITS + "_"
MIXED = LETTERS + LETTERS.upper() + DIGITS + "!#%_-."
"""What stands for any character when letters are not enough."""
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
MAX_TRIES, MAX_MIXED_TRIES = 20, 200
MAX_RANGE = 255

_parser: Any = import_module("re._parser")


def text_matching(
    pattern: str, rng: random.Random, extra_repeats: int = MAX_EXTRA_REPEATS
) -> str | None:
    """Returns a text that contains a match; None if it finds none or the pattern is invalid.

    Look-around is satisfied by chance only. `extra_repeats` limits repetition without a limit.
    """
    try:
        tokens, matches = _parser.parse(pattern), re.compile(pattern).search
        for number in range(MAX_TRIES + MAX_MIXED_TRIES):
            any_character = LETTERS if number < MAX_TRIES else MIXED
            text = _PatternWriter(rng, any_character, extra_repeats).sequence(tokens)
            if matches(text):
                return text
    except (re.error, LookupError, OverflowError, RecursionError):
        pass
    return None


class _PatternWriter:
    """Writes one text for the tokens of a pattern."""

    def __init__(self, rng: random.Random, any_character: str, extra_repeats: int) -> None:
        self._rng, self._any_character, self._extra = rng, any_character, extra_repeats
        self._groups: dict[int, str] = {}

    def sequence(self, tokens: Any) -> str:
        return "".join([self._token(str(opcode), value) for opcode, value in tokens])

    def _token(self, opcode: str, value: Any) -> str:
        rng = self._rng
        match opcode:
            case "LITERAL":
                return chr(value)
            case "NOT_LITERAL":
                return rng.choice(LETTERS.replace(chr(value), ""))
            case "ANY":
                return rng.choice(self._any_character)
            case "IN":
                return rng.choice(_class_members(value))
            case "BRANCH":
                return self.sequence(rng.choice(value[1]))
            case "SUBPATTERN":
                text = self.sequence(value[-1])
                if value[0] is not None:
                    self._groups[value[0]] = text
                return text
            case "GROUPREF":
                return self._groups[value]
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                minimum, maximum, tokens = value
                count = rng.randint(minimum, min(int(maximum), minimum + self._extra))
                return "".join(self.sequence(tokens) for _ in range(count))
            case "AT" | "ASSERT" | "ASSERT_NOT":
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
