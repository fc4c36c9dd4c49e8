"""Finds the finished items of a list in a JSON text that is still growing."""

import json
from contextlib import suppress
from typing import Any

from pydantic_core import from_json


class ItemParser:
    """Returns each object of the top-level list `field` once, as soon as it is complete."""

    def __init__(self, field: str) -> None:
        self._field = field
        self._text = ""
        self._returned = 0

    def feed(self, text: str) -> list[str]:
        """Adds a piece of the text; returns the items that it completes, as JSON texts."""
        self._text += text
        if "}" not in text:
            return []
        items = [item for item in self._complete_items() if isinstance(item, dict)]
        new = items[self._returned :]
        self._returned += len(new)
        return [json.dumps(item, ensure_ascii=False) for item in new]

    def _complete_items(self) -> list[Any]:
        # A model may write words around the JSON.
        text = self._text[self._text.find("{") : self._text.rfind("}") + 1]
        for ending in ("]}", ""):  # the last item is complete, or the whole object
            with suppress(ValueError):
                return self._items(from_json(text + ending, allow_inf_nan=False))
        with suppress(ValueError):
            document = from_json(text, allow_inf_nan=False, allow_partial=True)
            items = self._items(document)
            return items[:-1] if [*document][-1:] == [self._field] else items
        return []

    def _items(self, document: dict[str, Any]) -> list[Any]:
        items = document.get(self._field)
        return items if isinstance(items, list) else []
