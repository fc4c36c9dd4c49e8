"""What is known of a call so far, for any number of followers, each from the start."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from protos.lore.v1 import lore_pb2 as pb


@dataclass(frozen=True)
class Began:
    """A text begins: the call's, or that of its repair."""

    how: "pb.Accepted.How.ValueType"
    call_id: str
    model: str
    finished: tuple[str, ...] = ()
    """Items that were there before, as JSON texts: the first ones of its list."""


@dataclass(frozen=True)
class Stored:
    """A text that was written earlier, whole."""

    text: str


Entry = Began | Stored | str
"""A bare string is a piece of the text, as it came."""


class Transcript:
    """An append-only list of entries. Followers are woken at most every `pause()` seconds, so that
    a message carries more than a word; at once when it ends, and when a text begins: an asker that
    has not heard of that takes it that nothing was bought.
    """

    def __init__(self, pause: Callable[[], float]) -> None:
        self._entries: list[Entry] = []
        self._pause = pause
        self._over = False
        self._bell = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, entry: Entry) -> None:
        self._entries.append(entry)
        if isinstance(entry, Began):
            self._ring()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause(), self._ring)

    def close(self) -> None:
        """Nothing more will come."""
        self._over = True
        self._ring()

    async def follow(self) -> AsyncIterator[list[Entry]]:
        """All entries, a few at a time, until the end."""
        seen = 0
        while True:
            bell = self._bell
            if new := self._entries[seen:]:
                seen += len(new)
                yield new
            elif self._over:
                return
            else:
                await bell.wait()

    def _ring(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = None
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()
