"""Signals as things that a loop can wait for, together with time."""

import os
import select
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Self

STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Signals:
    """While it is entered, a signal interrupts `wait`, and nothing else."""

    def __init__(self) -> None:
        self.stops = 0
        """How often we were told to stop."""
        self._before: dict[signal.Signals, Any] = {}
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def __enter__(self) -> Self:
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in STOPS:
            ignored = signal.getsignal(number) is signal.SIG_IGN  # nohup, or a shell's background
            if number is signal.SIGTERM or not ignored:
                self._on(number, self._stop)
        self._on(signal.SIGCHLD, lambda number, frame: None)
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> None:
        """Returns after a signal, at the latest after so many seconds."""
        if select.select([self._reader], [], [], max(0.0, seconds))[0]:
            os.read(self._reader, 4096)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stops += 1

    def _on(self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> None:
        self._before[number] = signal.signal(number, handler)
