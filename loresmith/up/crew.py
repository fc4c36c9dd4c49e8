"""The parts of a running stack: brought up, kept up, taken down."""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from loresmith.up.errors import UpError
from loresmith.up.part import Part
from loresmith.up.signals import Signals

LOOK_S: Final = 0.05
"""Seconds between two looks while something is awaited."""
QUIET_S: Final = 1.0
"""How long a stop may take before somebody is told what it waits for."""
HURRIED_S: Final = 3.0
"""Seconds that a part may take to stop once a person is in a hurry."""
SICKLY: Final = 3
"""Deaths in a row from which people are pointed to the log."""


class Stopped(Exception):
    """A person wants us to stop."""


class Crew:
    """Starts parts, restarts those that die, and stops them in the reverse order.

    `say` takes a line for people; `idle` is called at every look, to follow logs.
    """

    def __init__(
        self,
        signals: Signals,
        say: Callable[[str], None],
        idle: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._signals = signals
        self._say = say
        self._idle = idle
        self._clock = clock
        self._parts: list[Part] = []
        self._restarts: dict[str, float] = {}
        """When dead parts are started again."""
        self._told = 0
        """How often we had been told to stop when the stopping began."""

    def start(self, parts: Sequence[Part]) -> None:
        """Starts parts; see `until` for when they are ready. Raises Stopped, UpError."""
        for part in parts:
            self._look()
            self._parts.append(part)
            try:
                part.start()
            except OSError as error:
                raise UpError(f"{part.name} cannot be started: {error}.") from None

    def until(self, ready: Callable[[], bool], lacks: Callable[[], str], timeout_s: float) -> None:
        """Waits until they are ready. Raises Stopped, and UpError when a part does not come up."""
        deadline = self._clock() + timeout_s
        while not ready():
            self._look()
            if dead := next((part for part in self._parts if not part.alive), None):
                raise UpError(_did_not_start(dead))
            if self._clock() > deadline:
                raise UpError(f"Not ready after {timeout_s:g} s: {lacks()}")
            self._signals.wait(LOOK_S)

    def keep_up(self, on_restart: Callable[[], None]) -> None:
        """Starts again what dies, for ever. Raises Stopped."""
        while True:
            self._look()
            for part in self._parts:
                if not part.alive and self._is_due(part):
                    self._restart(part)
                    on_restart()
            self._signals.wait(LOOK_S if self._restarts else 0.5)

    def take_down(self, *, hurry: bool = False) -> None:
        """Stops everything, last started first; the workers all at once.

        In a hurry running jobs are handed back; they run again with the next start.
        """
        self._told = self._signals.stops - hurry
        for group in _groups(self._parts):
            self._stop(group)
        self._idle()

    def _look(self) -> None:
        self._idle()
        if self._signals.stops:
            raise Stopped

    def _is_due(self, part: Part) -> bool:
        """Whether a dead part's pause is over; the first look at its death begins it."""
        now = self._clock()
        if part.name not in self._restarts:
            self._restarts[part.name] = now + part.backoff.delay_s(now - part.started_at)
        return now >= self._restarts[part.name]

    def _restart(self, part: Part) -> None:
        del self._restarts[part.name]
        died = f"{part.name} (process {part.pid}) died: {part.end()}"
        hint = f"; see {part.log}" if part.backoff.deaths >= SICKLY else ""
        try:
            part.start()
        except OSError as error:
            self._say(f"{died}; it cannot be started now: {error}")
        else:
            self._say(f"{died}; started again as process {part.pid}{hint}")

    def _stop(self, group: Sequence[Part]) -> None:
        """Asks, and asks again when a person hurries; kills what takes too long."""
        heard = sent = 0
        limit = self._clock() + max(part.grace_s for part in group)
        quiet_until = self._clock() + QUIET_S
        while any(part.alive for part in group):
            if sent <= min(self._hurries, 1):  # a second one means: at once
                _send(group, signal.SIGTERM)
                sent += 1
            if heard != self._hurries:
                heard = self._hurries
                limit = min(limit, self._clock() + HURRIED_S)
            if heard > 1 or self._clock() > limit:
                _send(group, signal.SIGKILL)
            if not heard and self._clock() > quiet_until:
                quiet_until = limit
                self._say(_waiting(group, limit - self._clock()))
            self._idle()
            self._signals.wait(LOOK_S)

    @property
    def _hurries(self) -> int:
        """How often we were told to stop since the stopping began."""
        return self._signals.stops - self._told


def _groups(parts: Sequence[Part]) -> Iterator[list[Part]]:
    """Parts to stop at once, one group after the other: last started first."""
    group: list[Part] = []
    for part in reversed(parts):
        if group and part.command != group[-1].command:
            yield group
            group = []
        group.append(part)
    if group:
        yield group


def _send(group: Sequence[Part], number: signal.Signals) -> None:
    for part in group:
        part.send(number)


def _did_not_start(part: Part) -> str:
    said = "\n".join(f"  {line}" for line in part.tail().splitlines())
    return f"{part.name} did not start ({part.end()}). It said:\n{said}\nAll of it: {part.log}"


def _waiting(group: Sequence[Part], patience_s: float) -> str:
    names = " and ".join(part.name for part in reversed(group) if part.alive)
    return (
        f"Waiting up to {patience_s:.0f} s for {names} to finish what runs; "
        "Ctrl-C again hands it back now."
    )
