"""A result as people read it: a card for each entity, whatever fields its job type gives it.

On a terminal it is a box; elsewhere it has no frame, and its lines are not broken.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from loresmith.cli.text import label, plain, told

NAMES: Final = ("name", "title")
SHORT: Final = 40
"""Characters up to which a text stands in the line below the name."""
WORD: Final = 20
"""Characters up to which the texts of a list stand in one line."""
WIDEST: Final = 100
"""Columns beyond which lines are hard to read."""

Line = tuple[int, Text]
"""Columns of indentation, and a paragraph."""


def show(console: Console, result: Any) -> None:
    """Prints a result."""
    if _is_entities(result):
        for entity in result:
            _card(console, entity)
    elif isinstance(result, Mapping):
        _whole(console, result)
    else:
        console.print(told(result), soft_wrap=not console.is_terminal)


def _whole(console: Console, whole: Mapping[str, Any]) -> None:
    """An object of many parts: its own fields as a card, then its parts under headings."""
    parts = {name: value for name, value in whole.items() if _is_part(value)}
    own = {name: value for name, value in whole.items() if name not in parts}
    if own:
        _card(console, own)
    for name, value in parts.items():
        heading = Text(label(name), "bold")
        console.print(Rule(heading, style="dim") if console.is_terminal else f"== {heading} ==")
        show(console, value)


def _card(console: Console, entity: Mapping[str, Any]) -> None:
    fields = {name: value for name, value in entity.items() if value not in (None, "", [])}
    title = next((plain(fields.pop(name)) for name in NAMES if name in fields), "")
    if console.is_terminal:
        body = Group(*(Padding(text, (0, 0, 0, indent)) for indent, text in _lines(fields)))
        heading = Text(f" {title} ", "bold") if title else None
        panel = Panel(body, title=heading, title_align="left", box=box.ROUNDED, border_style="dim")
        console.print(panel, width=min(console.width, WIDEST), soft_wrap=False)
        return
    for indent, text in [(0, Text(title)), *_lines(fields, 2), (0, Text())]:
        console.print(Text(" " * indent) + text, soft_wrap=True)


def _lines(fields: Mapping[str, Any], indent: int = 0) -> Iterator[Line]:
    """Short facts in one line, then each other field."""
    facts = {name: value for name, value in fields.items() if _is_short(value)}
    if facts:
        yield indent, _facts(facts)
    for name, value in fields.items():
        if name not in facts:
            yield from _field(name, value, indent)


def _facts(facts: Mapping[str, Any]) -> Text:
    named = (Text.assemble((f"{label(n)} ", "dim"), told(value)) for n, value in facts.items())
    return Text(" · ", "dim").join(named)


def _field(name: str, value: Any, indent: int) -> Iterator[Line]:
    heading = Text(label(name), "bold cyan")
    if isinstance(value, list) and all(_is_short(one, WORD) for one in value):
        value = ", ".join(map(str, value))
    if isinstance(value, str) and "\n" not in value.strip():
        yield indent, Text.assemble(heading, "  ", told(value.strip()))
        return
    yield indent, heading
    yield from _inner(value, indent + 2)


def _inner(value: Any, indent: int) -> Iterator[Line]:
    if isinstance(value, Mapping):
        yield from _lines(value, indent)
    elif isinstance(value, list):
        for one in value:
            yield from _inner(one, indent) if isinstance(one, Mapping) else [(indent, _item(one))]
    else:
        for paragraph in str(value).splitlines():
            yield indent, told(paragraph)


def _item(value: Any) -> Text:
    return told(f"• {value}")


def _is_short(value: Any, most: int = SHORT) -> bool:
    if isinstance(value, str):
        return len(value) <= most and "\n" not in value
    return isinstance(value, bool | int | float)


def _is_part(value: Any) -> bool:
    return isinstance(value, Mapping) or _is_entities(value)


def _is_entities(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(one, Mapping) for one in value)
    )
