"""Waits for signals and time in one call."""

import os
import select
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any, Final, Self

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class SignalWaiter:
    """While entered, counts stop signals; any signal and the end of a child end `wait`."""

    def __init__(self) -> None:
        self.stops = 0
        """Stop signals so far."""
        self.has_ctrl_c = signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
        """False in the background of a script, which ignores SIGINT for its commands."""
        self._previous_handlers: dict[signal.Signals, Any] = {}
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def __enter__(self) -> Self:
        signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            ignored = signal.getsignal(number) is signal.SIG_IGN  # nohup, or a shell's background
            if number is signal.SIGTERM or not ignored:
                self._handle(number, self._count_stop)
        self._handle(signal.SIGCHLD, lambda number, frame: None)
        return self

    def __exit__(self, *exc: object) -> None:
        for number, handler in self._previous_handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(-1)
        os.close(self._reader)
        os.close(self._writer)

    def wait(self, seconds: float) -> None:
        """Returns after a signal, at the latest after `seconds`."""
        if select.select([self._reader], [], [], max(0.0, seconds))[0]:
            os.read(self._reader, 4096)

    def _count_stop(self, number: int, frame: FrameType | None) -> None:
        self.stops += 1

    def _handle(
        self, number: signal.Signals, handler: Callable[[int, FrameType | None], None]
    ) -> None:
        self._previous_handlers[number] = signal.signal(number, handler)
