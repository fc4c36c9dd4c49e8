"""Puts placeholders like [EMAIL_1] for the sensitive values of a request, and the values back.

The same messages always get the same placeholders, so the request is enough to restore its answer:
nothing is stored.
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence

from loresmith.jobs.core.messages import Message, map_texts, with_text
from loresmith.jobs.core.sensitive_values import KINDS, find

_KIND = "|".join(KINDS)
PLACEHOLDER = re.compile(
    rf"\[ ?({_KIND})[_ -]?(\d{{1,6}}) ?\]"
    rf"|(?:(?<![a-z0-9_])|(?<=\\[bfnrt]))({_KIND})_(\d{{1,6}})(?![a-z0-9_])",
    re.IGNORECASE | re.ASCII,
)
"""A placeholder as models write it: in any case, also without its brackets."""
MAX_PLACEHOLDER_CHARACTERS, LOOK_BACK_CHARACTERS = 16, 2
LOOKALIKE = re.compile(rf"({_KIND})[_ -]?(\d{{1,6}})", re.IGNORECASE | re.ASCII)
WITHHOLDS = ":redact"
"""Ends the fingerprint of a model call with placeholders: an older lore_service, which would send
the values, refuses it."""
ESCAPED_LINE_BREAK = re.compile(r"(?:\\+r)?\\+n")
"""In a private key that stands in the JSON of a prompt; the value has the line break itself."""
NOTE = "\n\n[{name}] and the like stand for withheld values. Copy them unchanged where needed."


class Placeholders:
    """The values of one request that are withheld, and what stands for each."""

    def __init__(self, kinds: Collection[str] = (), *, in_json: bool = True) -> None:
        """`in_json`: whether the answer is JSON, so that values are escaped in it."""
        self._kinds = kinds
        self._in_json = in_json
        self._values: dict[str, str] = {}
        """By name, for example EMAIL_1."""
        self._names: dict[tuple[str, str], str] = {}
        """By kind and value."""
        self._counts: Counter[str] = Counter()
        self._taken: set[str] = set()
        """Names that the messages spell themselves, which are never used."""

    def __bool__(self) -> bool:
        return bool(self._values)

    def withhold(self, messages: Sequence[Message]) -> list[Message]:
        """Returns the messages of a request without the values, and with a note to the model."""
        replaced = self.replace(messages)
        if self:
            note = NOTE.format(name=next(iter(self._values)))
            replaced[0] = with_text(replaced[0], note)
        return replaced

    def replace(self, messages: Sequence[Message]) -> list[Message]:
        """Returns messages without the values, which are numbered by their first appearance.

        Messages that follow later continue the numbers.
        """
        if not self._kinds:
            return [*messages]
        for message in messages:
            map_texts(message, self._reserve)
        return [map_texts(message, self._replaced) for message in messages]

    def restore(self, text: str) -> str:
        """Puts the values back into the text of an answer."""
        return PLACEHOLDER.sub(self.value_of, text) if self else text

    def restore_json(self, text: str) -> str:
        """Puts the values back into a JSON text."""
        return PLACEHOLDER.sub(lambda match: self._value(match, in_json=True), text)

    def _reserve(self, text: str) -> str:
        self._taken.update(map(_name, LOOKALIKE.findall(text)))
        return text

    def _replaced(self, text: str) -> str:
        parts, position = [], 0
        for start, end, kind in find(text, self._kinds):
            value = ESCAPED_LINE_BREAK.sub("\n", text[start:end])
            parts += [text[position:start], f"[{self._name_of(kind, value)}]"]
            position = end
        return "".join([*parts, text[position:]])

    def _name_of(self, kind: str, value: str) -> str:
        while (kind, value) not in self._names:
            self._counts[kind] += 1
            name = _name((kind, str(self._counts[kind])))
            if name not in self._taken:
                self._names[kind, value], self._values[name] = name, value
        return self._names[kind, value]

    def value_of(self, match: re.Match[str]) -> str:
        """Returns the value of a placeholder as it stands in the answer; unknown ones stay."""
        return self._value(match, in_json=self._in_json)

    def _value(self, match: re.Match[str], *, in_json: bool) -> str:
        value = self._values.get(_name((match[1] or match[3], match[2] or match[4])))
        if value is None:
            return match[0]
        return json.dumps(value, ensure_ascii=False)[1:-1] if in_json else value


class RestoredStream:
    """Restores a text that arrives in pieces, which may cut a placeholder anywhere.

    Its end is held back until it cannot be the start of a placeholder.
    """

    def __init__(self, placeholders: Placeholders) -> None:
        self._placeholders = placeholders
        self._text = ""
        self._position = 0
        """Where the text begins that was not returned; what a match looks back at is before it."""

    def add(self, piece: str) -> str:
        """Adds a piece; returns what can be restored by now."""
        if not self._placeholders:
            return piece
        self._text += piece
        return self._take(len(self._text) - MAX_PLACEHOLDER_CHARACTERS)

    def end(self) -> str:
        """Returns the rest."""
        return self._take(len(self._text))

    def _take(self, limit: int) -> str:
        """Returns the restored text up to `limit`, or to the end of a placeholder across it."""
        parts, start = [], self._position
        for match in PLACEHOLDER.finditer(self._text, start):
            if match.start() >= limit:
                break
            parts += [self._text[start : match.start()], self._placeholders.value_of(match)]
            start = match.end()
        end = max(start, limit)
        parts.append(self._text[start:end])
        cut = max(end - LOOK_BACK_CHARACTERS, 0)
        self._text, self._position = self._text[cut:], end - cut
        return "".join(parts)


def _name(match: Sequence[str]) -> str:
    """EMAIL_1, from its kind and its number in any spelling."""
    kind, number = match
    return f"{kind.upper()}_{int(number)}"
