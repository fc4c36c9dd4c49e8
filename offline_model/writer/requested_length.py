"""Reads the length that a question asks for: "in 200 words", "a sentence", "list five names"."""

import re
from dataclasses import dataclass

from loresmith.offline_model.writer.prompt_parser import NUMBERS

NUMBER = rf"\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}|{'|'.join(NUMBERS[1:])}|an?"
SIZE = re.compile(
    rf"\b({NUMBER})[\s-]+(?:[^\W\d]+[\s-]+){{0,2}}?(word|sentence|paragraph|line)(s?)\b", re.I
)
LIST = re.compile(
    rf"\b(?:list|give|name|suggest|propose|invent|write)\s+(?:me\s+|us\s+)?(?:of\s+)?({NUMBER})\s+"
    r"(?:[^\W\d]+\s+){0,3}?([^\W\d]+s)\b",
    re.I,
)
ITEMS = re.compile(
    rf"\b({NUMBER})\s+(?:[^\W\d]+\s+){{0,2}}?(items|bullets|points|names|titles|ideas)\b", re.I
)
MAX_LENGTHS = {"word": 20_000, "sentence": 1_000, "paragraph": 200, "line": 1_000, "item": 500}


@dataclass(frozen=True)
class RequestedLength:
    """A number of words, sentences, paragraphs, lines or items."""

    count: int
    unit: str
    """word, sentence, paragraph, line or item."""
    noun: str = ""
    """What the items are, in the singular: "name"."""


def requested_length(question: str) -> RequestedLength | None:
    """Returns the length that a question names first, limited; None if it names none."""
    if (size := SIZE.search(question)) and not (size[1].lower() in ("a", "an") and size[3]):
        return _limited(size[1], size[2].lower())
    if match := LIST.search(question) or ITEMS.search(question):
        return _limited(match[1], "item", match[2].lower().removesuffix("s"))
    return None


def _limited(number: str, unit: str, noun: str = "") -> RequestedLength:
    number = number.lower().replace(",", "")
    if number.isdigit():
        count = int(number)
    else:
        count = 1 if number in ("a", "an") else NUMBERS.index(number)
    return RequestedLength(max(1, min(count, MAX_LENGTHS[unit])), unit, noun)
