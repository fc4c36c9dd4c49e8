"""Finds the finished entities in a JSON text that is still being written."""

import re

from pydantic_core import from_json

TOP = re.compile(r'["{}\[\]:,]')
DEEP = re.compile(r'["{}\[\]]')
IN_STRING = re.compile(r'["\\]')


class ItemScanner:
    """Reads a growing JSON object and hands out the objects of its list `field` as they end.

    Every character is looked at once, however the text is cut into pieces.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._open: list[str] = []
        """The brackets that are open, outermost first."""
        self._in_string = False
        self._escaped = False
        self._word: list[str] = []
        """Pieces of the string at the top level that was read last."""
        self._key = ""
        self._in_list = False
        self._item: list[str] | None = None
        """Pieces of the entity that is being read."""

    def feed(self, text: str) -> list[str]:
        """The entities, as JSON texts, that `text` finishes."""
        found: list[str] = []
        at = kept = 0
        """`kept`: from where on the text belongs to the entity that is being read."""
        while at < len(text):
            if self._in_string:
                at = self._read_string(text, at)
                continue
            match = (TOP if len(self._open) == 1 else DEEP).search(text, at)
            if match is None:
                break
            at = match.end()
            mark = match[0]
            if mark in "{[":
                if self._opens(mark):
                    kept = at - 1
            elif mark in "}]":
                if self._closes() and self._item is not None:
                    found += _valid("".join([*self._item, text[kept:at]]))
                    self._item = None
            else:
                self._punctuation(mark)
        if self._item is not None:
            self._item.append(text[kept:])
        return found

    def _opens(self, mark: str) -> bool:
        """Notes an opening bracket; True when an entity begins with it."""
        depth = len(self._open)
        self._open.append(mark)
        if depth == 1:
            self._in_list = mark == "[" and self._open[0] == "{" and self._key == self._field
        if depth == 2 and mark == "{" and self._in_list:
            self._item = []
            return True
        return False

    def _closes(self) -> bool:
        """Notes a closing bracket; True when it may end an entity."""
        if self._open:
            self._open.pop()
        if len(self._open) < 2:
            self._in_list = False
        return len(self._open) == 2

    def _punctuation(self, mark: str) -> None:
        if mark == '"':
            self._in_string, self._word = True, []
        elif mark == ":":
            self._key = _decoded("".join(self._word))
        else:
            self._key = ""

    def _read_string(self, text: str, at: int) -> int:
        """Reads on in a string; answers where it stopped, at its end or the text's."""
        begin = at
        if self._escaped:
            self._escaped, at = False, at + 1
        while (match := IN_STRING.search(text, at)) is not None:
            at = match.end()
            if match[0] == '"':
                self._in_string = False
                self._note(text[begin : at - 1])
                return at
            if at == len(text):
                self._escaped = True
            at += 1
        self._note(text[begin:])
        return len(text)

    def _note(self, piece: str) -> None:
        if len(self._open) == 1:
            self._word.append(piece)


def _valid(text: str) -> list[str]:
    try:
        from_json(text)
    except ValueError:
        return []
    return [text]


def _decoded(raw: str) -> str:
    try:
        return str(from_json(f'"{raw}"')) if "\\" in raw else raw
    except ValueError:
        return raw
