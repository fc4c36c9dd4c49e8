"""One process of the stack: started so that it cannot outlive us, told to stop, started again."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FIRST_DELAY_S: Final = 0.2
LONGEST_DELAY_S: Final = 5.0
STEADY_S: Final = 10.0
"""A part that lived so long has proved itself; its next death is a first one."""
PR_SET_PDEATHSIG: Final = 1


@dataclass
class Backoff:
    """How long to wait before a part that died is started again."""

    deaths: int = 0
    """In a row, none of them after a steady life."""

    def delay_s(self, lived_s: float) -> float:
        """Seconds to wait, after a life of so many seconds."""
        if lived_s >= STEADY_S:
            self.deaths = 0
        delay = min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(self.deaths, 10))
        self.deaths += 1
        return delay


@dataclass
class Part:
    """A process that shall run. Only to be used from the thread that starts it."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    where: str
    """What people are told of it: an address, or what it does."""
    grace_s: float
    """Seconds that it may take to stop."""
    inherits: Sequence[int] = ()
    """File descriptors that it holds with us."""
    backoff: Backoff = field(default_factory=Backoff)
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0

    def start(self) -> None:
        """Starts it, in a process group of its own: Ctrl-C is for us to pass on, in order."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.inherits,
                process_group=0,
                preexec_fn=dies_with_us(signal.SIGKILL),  # safe: we have one thread
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Sends a signal, if it lives."""
        if self.alive and self.process:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def end(self) -> str:
        """How it ended, in words."""
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def tail(self, lines: int = 8) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def dies_with_us(number: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program, so that it gets a signal when we die.

    Also of kill -9. Linux has this; elsewhere None, and parts outlive a killed `up`. The signal
    comes at the end of the thread that started the child, so start children from the main one.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)  # we died before the child could ask for the signal

    return before_exec
