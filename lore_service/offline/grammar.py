"""The grammar that the offline model writes with: the lists of lines in words/*.txt.

How the files are written stands at the head of words/common.txt.
"""

import random
import re
from collections.abc import Container, Iterable, Iterator, Mapping, MutableMapping, Set
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

SLOT = re.compile(r"\{(\w+)(?:=([^}]*))?\}")
HEADING = re.compile(r"\[([^\]]+)\]$")
NAME = re.compile(r"([^*~\s]+)(\*)?(?:~(\d+))?")
AN = re.compile(r"\b([Aa]) (?=[aeiou])(?!uni|use|usu|eu|one\b|once\b)")
SENTENCE = re.compile(r"(^[“]?|[.!?]\s+[“]?|\n[“]?)([a-z])")
MOST_TRIES = 6

Facts = MutableMapping[str, str]


@dataclass(frozen=True)
class Slot:
    """A place in a line that is filled by a fact or by a line of a list."""

    name: str
    capital: bool = False
    value: str | None = None
    """With a value it fills nothing: it makes the value a fact."""


@dataclass(frozen=True)
class Line:
    """One alternative of a list, taken apart once."""

    parts: tuple[str | Slot, ...]
    needs: frozenset[str] = frozenset()
    """Facts without which it cannot be said."""


@dataclass(frozen=True)
class Lines:
    """A list."""

    first: tuple[Line, ...]
    """Those that are taken before the others."""
    rest: tuple[Line, ...]
    steady: bool = False
    """It is drawn once for an entity, and then a fact."""
    few: int = 0
    """So many different texts does it give in one answer; 0: any number."""

    @cached_property
    def needs(self) -> frozenset[str]:
        """Facts that any of its lines need."""
        return frozenset().union(*(line.needs for line in (*self.first, *self.rest)))


@cache
def grammar() -> Mapping[str, Lines]:
    """All lists by name, read once. Raises ValueError when a name is used twice."""
    lists: dict[str, Lines] = {}
    for file in sorted(files(__package__).joinpath("words").iterdir(), key=lambda file: file.name):
        for name, lines in _read(file.read_text("utf-8")):
            if name in lists:
                raise ValueError(f"{file.name}: the list {name!r} exists already")
            lists[name] = lines
    needs = _needs(lists)
    return {name: _with_needs(lines, needs) for name, lines in lists.items()}


def _read(text: str) -> Iterator[tuple[str, Lines]]:
    """The lists of a file; one with several names is given under each of them."""
    for block in re.split(r"^(?=\[)", text, flags=re.MULTILINE):
        heading, *rows = block.splitlines() or [""]
        if found := HEADING.match(heading):
            rows = [row for row in map(str.strip, rows) if row and not row.startswith("#")]
            first = tuple(_line(row[1:]) for row in rows if row.startswith("!"))
            rest = tuple(_line(row) for row in rows if not row.startswith("!"))
            for name, steady, few in NAME.findall(found[1]):
                yield name, Lines(first, rest, bool(steady), int(few or 0))


def _line(text: str) -> Line:
    parts: list[str | Slot] = []
    at = 0
    for slot in SLOT.finditer(text := text.replace("¶", "\n\n")):
        name, value = slot.groups()
        parts.append(text[at : slot.start()])
        parts.append(Slot(name[0].lower() + name[1:], name[0].isupper(), value))
        at = slot.end()
    return Line(tuple(part for part in (*parts, text[at:]) if part))


def _needs(lists: Mapping[str, Lines]) -> dict[str, frozenset[str]]:
    """The facts without which a list has no line that can be said, by list."""
    needs: dict[str, frozenset[str]] = dict.fromkeys(lists, frozenset())
    while True:
        before = dict(needs)
        for name, lines in lists.items():
            each = [_needed(line, needs) for line in (*lines.first, *lines.rest)]
            needs[name] = frozenset.intersection(*each)
        if needs == before:
            return needs


def _needed(line: Line, needs: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The facts that a line needs: slots that no list fills, and what the lists of others need."""
    slots = [part.name for part in line.parts if isinstance(part, Slot) and part.value is None]
    return frozenset().union(*(needs.get(name, {name}) for name in slots))


def _with_needs(lines: Lines, needs: Mapping[str, frozenset[str]]) -> Lines:
    first, rest = (
        tuple(replace(line, needs=_needed(line, needs)) for line in part)
        for part in (lines.first, lines.rest)
    )
    return replace(lines, first=first, rest=rest)


class Deck:
    """Lines drawn in an order of chance; none comes again before half of the others have."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = list(lines)
        self._fresh = len(self._lines)

    def draw(self, chance: random.Random, facts: Mapping[str, str]) -> Line | None:
        """The next line that can be said with these facts."""
        lines = self._lines
        for _ in range(len(lines)):
            line = lines.pop(int(chance.random() * self._fresh))
            lines.append(line)
            self._fresh = self._fresh - 1 or (len(lines) + 1) // 2
            if not line.needs or line.needs <= facts.keys():
                return line
        return None


class Voice:
    """Says lines for one answer. `known` are lists of this answer, before those of the grammar."""

    def __init__(self, chance: random.Random, known: Mapping[str, Lines]) -> None:
        self._chance = chance
        self._lists = grammar()
        self._known = known
        self._decks: dict[str, tuple[Deck, Deck]] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._lists or name in self._known

    def say(self, name: str, facts: Facts, unlike: Container[str] = ()) -> str:
        """A line of the list, as a sentence or as the fragment it is; not `unlike`, if possible."""
        text = ""
        for tried in range(MOST_TRIES):
            text = polished(self.expand(name, facts, any_line=tried > 1))
            if text not in unlike:
                break
        return text

    def expand(self, name: str, facts: Facts, any_line: bool = False) -> str:
        """A line with its slots filled; a steady list leaves what it gave among the facts.

        `any_line`: the ones that come first do so no longer.
        """
        lines = self._known.get(name) or self._lists[name]
        text = self._said(self._draw(name, lines, facts, any_line), facts)
        if lines.steady:
            facts[name] = text
        return text

    def _said(self, line: Line, facts: Facts) -> str:
        return "".join(
            [part if isinstance(part, str) else self._fill(part, facts) for part in line.parts]
        )

    def _fill(self, slot: Slot, facts: Facts) -> str:
        if slot.value is not None:
            facts[slot.name] = slot.value
            return ""
        text = facts[slot.name] if slot.name in facts else self.expand(slot.name, facts)
        return text[:1].upper() + text[1:] if slot.capital else text

    def _draw(self, name: str, lines: Lines, facts: Facts, any_line: bool) -> Line:
        if name not in self._decks:
            self._decks[name] = self._decks_of(lines, facts)
        first, rest = self._decks[name][:: -1 if any_line else 1]
        line = first.draw(self._chance, facts) or rest.draw(self._chance, facts)
        if line is None:
            raise LookupError(f"the list {name!r} has no line for {sorted(facts)}")
        return line

    def _decks_of(self, lines: Lines, facts: Facts) -> tuple[Deck, Deck]:
        """Fresh decks; what this answer knows of need not be among the facts."""
        if lines.needs & self._known.keys():
            lines = _without(lines, self._known.keys())
        first, rest = Deck(lines.first), Deck(lines.rest)
        if not lines.few:
            return first, rest
        texts = [
            self._said(line, dict(facts))
            for _ in range(lines.few)
            if (line := rest.draw(self._chance, facts))
        ]
        return first, Deck(Line((text,)) for text in texts)


def _without(lines: Lines, known: Set[str]) -> Lines:
    """The list as it is when these facts need not be given."""
    first, rest = (
        tuple(replace(line, needs=line.needs - known) for line in part)
        for part in (lines.first, lines.rest)
    )
    return replace(lines, first=first, rest=rest)


def polished(text: str) -> str:
    """ "an" before a vowel; capitals after full stops, when the text is made of sentences."""
    text = AN.sub(r"\1n ", text).replace("s's ", "s' ")
    if not text.rstrip("”’").endswith((".", "!", "?")):
        return text
    return SENTENCE.sub(lambda found: found[1] + found[2].upper(), text)
