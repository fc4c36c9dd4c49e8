"""Loads the grammar of the offline model: lists of templates from words/*.txt.

The head of words/common.txt describes the file format.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.resources import files

SLOT = re.compile(r"\{(\w+)(?:=([^}]*))?\}")
HEADING = re.compile(r"\[([^\]]+)\]$")
LIST_NAME = re.compile(r"([^*~\s]+)(\*)?(?:~(\d+))?")

FactNames = frozenset[str]


@dataclass(frozen=True)
class Slot:
    """A place in a template, filled with a fact or from another list."""

    name: str
    capitalized: bool = False
    value: str | None = None
    """Sets the fact to this value and produces no text."""


@dataclass(frozen=True)
class Template:
    """One line of a list, split into text and slots."""

    parts: tuple[str | Slot, ...]
    required_facts: FactNames = frozenset()


@dataclass(frozen=True)
class TemplateList:
    """The alternatives for one slot."""

    preferred: tuple[Template, ...]
    """Drawn before the others."""
    others: tuple[Template, ...]
    once_per_entity: bool = False
    """Drawn once per entity, then stored among its facts."""
    max_texts: int = 0
    """Limits the different texts in one answer; 0 means no limit."""

    @classmethod
    def of_texts(cls, texts: Iterable[str]) -> "TemplateList":
        """Makes a list of literal texts without slots."""
        return cls((), tuple(Template((text,)) for text in texts))

    @cached_property
    def templates(self) -> tuple[Template, ...]:
        return (*self.preferred, *self.others)

    @cached_property
    def required_facts(self) -> FactNames:
        """Facts that at least one template needs."""
        return frozenset().union(*(template.required_facts for template in self.templates))

    def requiring(self, facts_of: Callable[[Template], FactNames]) -> "TemplateList":
        """Copies the list with `facts_of` as the requirement of each template."""
        preferred, others = (
            tuple(replace(template, required_facts=facts_of(template)) for template in group)
            for group in (self.preferred, self.others)
        )
        return replace(self, preferred=preferred, others=others)


@cache
def load_grammar() -> Mapping[str, TemplateList]:
    """Reads all lists by name, once. Raises ValueError for a name that is defined twice."""
    lists: dict[str, TemplateList] = {}
    for file in sorted(files(__package__).joinpath("words").iterdir(), key=lambda file: file.name):
        for name, templates in parse_lists(file.read_text("utf-8")):
            if name in lists:
                raise ValueError(f"{file.name}: the list {name!r} exists already")
            lists[name] = templates
    return with_requirements(lists)


def parse_lists(text: str) -> Iterator[tuple[str, TemplateList]]:
    """Parses one file; a list with several names is returned under each of them."""
    for block in re.split(r"^(?=\[)", text, flags=re.MULTILINE):
        heading, *rows = block.splitlines() or [""]
        if match := HEADING.match(heading):
            rows = [row for row in map(str.strip, rows) if row and not row.startswith("#")]
            preferred = tuple(_template(row[1:]) for row in rows if row.startswith("!"))
            others = tuple(_template(row) for row in rows if not row.startswith("!"))
            for name, star, max_texts in LIST_NAME.findall(match[1]):
                yield name, TemplateList(preferred, others, bool(star), int(max_texts or 0))


def with_requirements(lists: Mapping[str, TemplateList]) -> dict[str, TemplateList]:
    """Adds to each template the facts it cannot do without."""
    required = _required_by_list(lists)
    return {
        name: templates.requiring(lambda template: _required_by(template, required))
        for name, templates in lists.items()
    }


def _template(row: str) -> Template:
    parts: list[str | Slot] = []
    position = 0
    for match in SLOT.finditer(row := row.replace("¶", "\n\n")):
        name, value = match.groups()
        parts.append(row[position : match.start()])
        parts.append(Slot(name[0].lower() + name[1:], name[0].isupper(), value))
        position = match.end()
    return Template(tuple(part for part in (*parts, row[position:]) if part))


def _required_by_list(lists: Mapping[str, TemplateList]) -> dict[str, FactNames]:
    """Returns the facts without which a list has no usable template, by list."""
    required: dict[str, FactNames] = dict.fromkeys(lists, frozenset())
    while True:
        previous = dict(required)
        for name, templates in lists.items():
            alternatives = [_required_by(template, required) for template in templates.templates]
            required[name] = frozenset.intersection(*alternatives)
        if required == previous:
            return required


def _required_by(template: Template, required: Mapping[str, FactNames]) -> FactNames:
    """Returns the slots that no list fills, and what the lists of the other slots require."""
    slots = [part.name for part in template.parts if isinstance(part, Slot) and part.value is None]
    return frozenset().union(*(required.get(name, {name}) for name in slots))
