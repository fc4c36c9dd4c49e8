"""The events of a call, for any number of followers, each from the start."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from loresmith.jobs.core.placeholders import Placeholders, RestoredStream
from loresmith.protos.lore.v1 import lore_pb2 as pb


@dataclass(frozen=True)
class TextStarted:
    """The text of the call, or of its repair, starts."""

    how: "pb.Accepted.How.ValueType"
    call_id: str
    model: str
    finished_items: tuple[str, ...] = ()
    """Items of an earlier attempt as JSON texts: the first ones of the list."""


@dataclass(frozen=True)
class StoredText:
    """The whole text of a call that ended earlier."""

    text: str


Entry = TextStarted | StoredText | str
"""A bare string is a piece of the text."""


class CallLog:
    """An append-only list of entries, which have the values that the request withheld.

    Followers are woken at most every `interval_s()` seconds, so that a message carries more than a
    word. The end, the start and the first piece of a text wake them at once: a client that has not
    seen a start assumes that nothing was bought, and people wait for the first word.
    """

    def __init__(self, interval_s: Callable[[], float]) -> None:
        self.placeholders = Placeholders()
        """Set before the first text starts."""
        self._restored = RestoredStream(self.placeholders)
        self._entries: list[Entry] = []
        self._interval_s = interval_s
        self._closed = False
        self._changed = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._has_text = False

    def add(self, entry: Entry) -> None:
        match entry:
            case TextStarted():
                self._end_text()
                self._restored = RestoredStream(self.placeholders)
            case StoredText(text):
                entry = StoredText(self.placeholders.restore(text))
            case str():
                entry = self._restored.add(entry)
        self._append(entry)

    def close(self) -> None:
        """Ends the log: followers return after the last entry."""
        self._end_text()
        self._closed = True
        self._notify()

    async def follow(self) -> AsyncIterator[list[Entry]]:
        """Yields all entries in batches, until the log is closed."""
        position = 0
        while True:
            changed = self._changed
            if entries := self._entries[position:]:
                position += len(entries)
                yield entries
            elif self._closed:
                return
            else:
                await changed.wait()

    def _end_text(self) -> None:
        """Adds what was held back because a placeholder might have begun in it."""
        if rest := self._restored.end():
            self._append(rest)

    def _append(self, entry: Entry) -> None:
        self._entries.append(entry)
        is_first, self._has_text = not self._has_text, not isinstance(entry, TextStarted)
        if is_first or not self._has_text:
            self._notify()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._interval_s(), self._notify)

    def _notify(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
