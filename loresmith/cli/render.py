"""Prints a result of any job type: a card for each entity.

On a terminal a card is a box; elsewhere it has no frame, and its lines are not broken.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.text import Text

from loresmith.cli.answer import answer_text, is_answer
from loresmith.cli.text import label, literal, plain

TITLE_FIELDS: Final = ("name", "title")
MAX_FACT_LENGTH: Final = 40
"""Longest text that is shown in the line of facts below the title."""
MAX_WORD_LENGTH: Final = 20
"""Longest text of a list that is shown in one line."""
MAX_WIDTH: Final = 100
"""Columns beyond which lines are hard to read."""

IndentedText: TypeAlias = tuple[int, Text]


def show_result(console: Console, result: Any) -> None:
    """Prints a result."""
    if is_answer(result):
        console.print(literal(answer_text(result)), soft_wrap=not console.is_terminal)
    elif _is_entities(result):
        for entity in result:
            _show_card(console, entity)
    elif isinstance(result, Mapping):
        _show_document(console, result)
    else:
        console.print(literal(result), soft_wrap=not console.is_terminal)


def _show_document(console: Console, document: Mapping[str, Any]) -> None:
    """Prints the plain fields of an object as a card, then its parts under headings."""
    parts = {name: value for name, value in document.items() if _is_part(value)}
    fields = {name: value for name, value in document.items() if name not in parts}
    if fields:
        _show_card(console, fields)
    for name, value in parts.items():
        heading = Text(label(name), "bold")
        console.print(Rule(heading, style="dim") if console.is_terminal else f"== {heading} ==")
        show_result(console, value)


def _show_card(console: Console, entity: Mapping[str, Any]) -> None:
    fields = {name: value for name, value in entity.items() if value not in (None, "", [])}
    title = next((plain(fields.pop(name)) for name in TITLE_FIELDS if name in fields), "")
    if console.is_terminal:
        body = Group(*(Padding(text, (0, 0, 0, indent)) for indent, text in _lines(fields)))
        heading = Text(f" {title} ", "bold") if title else None
        panel = Panel(body, title=heading, title_align="left", box=box.ROUNDED, border_style="dim")
        console.print(panel, width=min(console.width, MAX_WIDTH), soft_wrap=False)
        return
    for indent, text in [(0, Text(title)), *_lines(fields, 2), (0, Text())]:
        console.print(Text(" " * indent) + text, soft_wrap=True)


def _lines(fields: Mapping[str, Any], indent: int = 0) -> Iterator[IndentedText]:
    """Formats short facts in one line, then each other field."""
    facts = {name: value for name, value in fields.items() if _is_short(value)}
    if facts:
        yield indent, _facts_line(facts)
    for name, value in fields.items():
        if name not in facts:
            yield from _field_lines(name, value, indent)


def _facts_line(facts: Mapping[str, Any]) -> Text:
    named = (Text.assemble((f"{label(n)} ", "dim"), literal(value)) for n, value in facts.items())
    return Text(" · ", "dim").join(named)


def _field_lines(name: str, value: Any, indent: int) -> Iterator[IndentedText]:
    heading = Text(label(name), "bold cyan")
    if isinstance(value, list) and all(_is_short(item, MAX_WORD_LENGTH) for item in value):
        value = ", ".join(map(str, value))
    if isinstance(value, str) and "\n" not in value.strip():
        yield indent, Text.assemble(heading, "  ", literal(value.strip()))
        return
    yield indent, heading
    yield from _value_lines(value, indent + 2)


def _value_lines(value: Any, indent: int) -> Iterator[IndentedText]:
    if isinstance(value, Mapping):
        yield from _lines(value, indent)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, Mapping):
                yield from _value_lines(item, indent)
            else:
                yield indent, literal(f"• {item}")
    else:
        for paragraph in str(value).splitlines():
            yield indent, literal(paragraph)


def _is_short(value: Any, max_length: int = MAX_FACT_LENGTH) -> bool:
    if isinstance(value, str):
        return len(value) <= max_length and "\n" not in value
    return isinstance(value, bool | int | float)


def _is_part(value: Any) -> bool:
    return isinstance(value, Mapping) or _is_entities(value)


def _is_entities(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)
    )
