"""Buffers the events of a running job until the heartbeat thread stores them.

Text and entities are read from the call as they arrive. An event that is never stored loses
nothing: the result contains everything.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Lock
from typing import Literal

from loresmith.jobs.core.status import ProgressSource
from loresmith.worker.adapters.store_types import BufferedEvent
from loresmith.worker.model_client.response_accumulator import ResponseAccumulator

MAX_DELTA_CHARACTERS = 8_000
MAX_UNFINISHED_SHARE = 0.95
"""The largest share of an entity or text that counts as written before it is finished."""


@dataclass(frozen=True)
class MeasuredProgress:
    """The progress of a call, measured by its response."""

    share: float
    """Of the whole, 0 to 1."""
    label: str = ""
    """For people: "2 of 3"."""
    source: ProgressSource = ProgressSource.ITEMS


@dataclass
class _CallCursor:
    """A running call, and how much of its response became events."""

    step: str
    response: ResponseAccumulator
    entities: int
    """Entities that it must return; 0 for no list."""
    expected_characters: int = 0
    """Expected length of the response; 0 when unknown."""
    starts: int = 0
    characters: int = 0
    items: int = 0
    item_ended_at: int = 0
    """Characters that had arrived when the last entity was finished."""

    def new_events(self) -> list[BufferedEvent]:
        """Returns what arrived since the last time, from the start when the text started again."""
        if self.response.starts != self.starts:
            self.starts = self.response.starts
            self.characters, self.items, self.item_ended_at = 0, 0, 0
        text = self.response.text[self.characters : self.characters + MAX_DELTA_CHARACTERS]
        events = [BufferedEvent("delta", self.step, text, self.characters)] if text else []
        self.characters += len(text)
        while (item := self.response.items.get(self.items)) is not None:
            events.append(BufferedEvent("item", self.step, item, self.items))
            self.items += 1
            self.item_ended_at = len(self.response.text)
        return events

    def measured(self) -> MeasuredProgress | None:
        if not self.entities or not self.items:
            return self._measured_by_text()
        characters_per_item = max(self.item_ended_at / self.items, 1)
        unfinished = (len(self.response.text) - self.item_ended_at) / characters_per_item
        items = self.items + max(min(MAX_UNFINISHED_SHARE, unfinished), 0)
        return MeasuredProgress(min(1.0, items / self.entities), f"{self.items} of {self.entities}")

    def _measured_by_text(self) -> MeasuredProgress | None:
        characters = len(self.response.text)
        if not (self.expected_characters and characters):
            return None
        share = min(MAX_UNFINISHED_SHARE, characters / self.expected_characters)
        return MeasuredProgress(share, source=ProgressSource.TOKENS)


class EventBuffer:
    """The events of one attempt. The job's thread adds them, the heartbeat thread takes them."""

    def __init__(self) -> None:
        self.on_urgent: Callable[[], object] = lambda: None
        """Called when events are to be stored soon."""
        self.is_urgent = False
        """Whether the events are to be stored before the next heartbeat."""
        self._lock = Lock()
        self._call: _CallCursor | None = None
        self._reported: MeasuredProgress | None = None
        self._emitted: deque[BufferedEvent] = deque()
        self._pending: list[BufferedEvent] = []
        self._last_number = 0

    def begin_call(
        self, step: str, response: ResponseAccumulator, entities: int, expected_characters: int = 0
    ) -> None:
        """Follows a call that starts to run."""
        with self._lock:
            self._call = _CallCursor(step, response, entities, expected_characters)

    def end_call(self) -> None:
        """Stops following the call."""
        with self._lock:
            self._call = None

    def report(self, share: float, label: str) -> None:
        """Notes the share of its work that plain code says is done; it never goes back."""
        with self._lock:
            before = self._reported.share if self._reported else 0.0
            share = max(before, min(share, MAX_UNFINISHED_SHARE))
            self._reported = MeasuredProgress(share, label, ProgressSource.STEPS)

    def clear_report(self) -> None:
        """Forgets what the code of the last step said."""
        with self._lock:
            self._reported = None

    def emit(
        self, type: Literal["step", "usage"], step: str, content: str, entities: int = 0
    ) -> None:
        """Adds an event; `entities`: how many the step will return."""
        with self._lock:
            self._emitted.append(BufferedEvent(type, step, content, entities))

    def show_now(self) -> None:
        """Asks for the events to be stored at once: a client reads them."""
        if not self.is_urgent:
            self.is_urgent = True
            self.on_urgent()

    def pending(self) -> list[BufferedEvent]:
        """Returns the events to store; the same ones again until `clear_pending`."""
        self.is_urgent = False
        with self._lock:
            if not self._pending:
                events = [*self._emitted, *(self._call.new_events() if self._call else ())]
                self._emitted.clear()
                self._pending = [
                    replace(event, number=number)
                    for number, event in enumerate(events, self._last_number + 1)
                ]
                self._last_number += len(events)
            return self._pending

    def clear_pending(self) -> None:
        """Discards the pending events, which have been stored."""
        with self._lock:
            self._pending = []

    def measured(self) -> MeasuredProgress | None:
        """Measures the call by its finished entities, or by its text before the first one; plain
        code by what it reports.

        Returns None when only the elapsed time can tell.
        """
        with self._lock:
            return self._call.measured() if self._call else self._reported

    @property
    def has_running_call(self) -> bool:
        """Whether a call runs that its provider accepted."""
        with self._lock:
            return self._call is not None and self._call.response.is_alive

    @property
    def is_alive(self) -> bool:
        """Whether the job is working: between two calls, or in one that its provider accepted."""
        with self._lock:
            return self._call is None or self._call.response.is_alive
