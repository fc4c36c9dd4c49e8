"""What a running job's calls bring, on its way to those who watch: told by the side thread.

The job's own thread says which call runs, and that steps begin and end; text and entities are read
off the call as they arrive. Nothing is lost by not being told: the result has it all.
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Literal

from jobs.states import ProgressSource
from worker.received import Received

LONGEST_PIECE = 8_000
"""Characters in one piece of news."""
ALMOST = 0.95
"""How much of an entity may seem finished before it is."""


@dataclass(frozen=True)
class News:
    """One thing to tell."""

    type: Literal["delta", "item", "step", "usage"]
    step: str
    content: str
    place: int = 0
    """Characters before a piece of text; the index of an entity; how many a step will bring."""
    number: int = 0
    """Counts the news of one attempt."""


@dataclass(frozen=True)
class Measured:
    """How far a call is by what it has brought."""

    share: float
    """Of the whole, 0 to 1."""
    words: str = ""
    """For people: "2 of 3"."""
    source: ProgressSource = ProgressSource.ITEMS


@dataclass
class _Call:
    """A call in flight, and how much of it was told."""

    step: str
    received: Received
    wanted: int
    """Entities that it must bring; 0: it brings none."""
    expected: int = 0
    """Characters that such an answer has; 0: nobody knows."""
    began: int = 0
    text_at: int = 0
    items_at: int = 0
    item_ended_at: int = 0
    """Characters that had come when the last entity was finished."""


class Live:
    """The news of one run. `begin`, `step` and `usage` are for its thread, the rest is for the side
    thread.
    """

    def __init__(self) -> None:
        self._call: _Call | None = None
        self._said: deque[News] = deque()
        self._waiting: list[News] = []
        self._number = 0

    def begin(self, step: str, received: Received, wanted: int, expected: int = 0) -> None:
        """A call runs."""
        self._call = _Call(step, received, wanted, expected)

    def end(self) -> None:
        """It is over."""
        self._call = None

    def say(self, kind: Literal["step", "usage"], step: str, content: str, wanted: int = 0) -> None:
        """Something happened beside the text. `wanted`: entities that the step will bring."""
        self._said.append(News(kind, step, content, wanted))

    def news(self) -> list[News]:
        """What has not been told; the same again until `told`."""
        if not self._waiting:
            fresh = [*self._drained(), *self._arrived()]
            self._waiting = [
                replace(news, number=self._number + place)
                for place, news in enumerate(fresh, start=1)
            ]
            self._number += len(fresh)
        return self._waiting

    def told(self) -> None:
        """All that `news` answered has been written."""
        self._waiting = []

    def measured(self) -> Measured | None:
        """How far the call is: by its finished entities; before the first, by its text, where such
        answers are known. None where only time can say.
        """
        call = self._call
        if call is None:
            return None
        if not call.wanted or not call.items_at:
            return _by_text(call)
        usual = max(call.item_ended_at / call.items_at, 1)
        part = min(ALMOST, (len(call.received.text) - call.item_ended_at) / usual)
        share = min(1.0, (call.items_at + max(part, 0)) / call.wanted)
        return Measured(share, f"{call.items_at} of {call.wanted}")

    def _drained(self) -> list[News]:
        return [self._said.popleft() for _ in range(len(self._said))]

    def _arrived(self) -> list[News]:
        call = self._call
        if call is None:
            return []
        received = call.received
        if received.began != call.began:
            call.began, call.text_at, call.items_at, call.item_ended_at = received.began, 0, 0, 0
        text = received.text[call.text_at : call.text_at + LONGEST_PIECE]
        found = [News("delta", call.step, text, call.text_at)] if text else []
        call.text_at += len(text)
        while (item := received.items.get(call.items_at)) is not None:
            found.append(News("item", call.step, item, call.items_at))
            call.items_at += 1
            call.item_ended_at = len(received.text)
        return found


def _by_text(call: _Call) -> Measured | None:
    written = len(call.received.text)
    if not (call.expected and written):
        return None
    return Measured(min(ALMOST, written / call.expected), source=ProgressSource.TOKENS)
