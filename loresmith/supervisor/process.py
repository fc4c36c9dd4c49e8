"""A child process of the stack."""

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

from loresmith.jobs.core.backoff import Backoff

MIN_RESTART_DELAY_S: Final = 0.2
MAX_RESTART_DELAY_S: Final = 5.0
STABLE_AFTER_S: Final = 10.0
"""A process that ran this long starts again without backoff."""
PR_SET_PDEATHSIG: Final = 1


@dataclass
class ChildProcess:
    """A process that must keep running. Used only from the thread that starts it."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    description: str
    """Its address, or what it does, for people."""
    stop_timeout_s: float
    inherited_fds: Sequence[int] = ()
    backoff: Backoff = field(
        default_factory=lambda: Backoff(MIN_RESTART_DELAY_S, MAX_RESTART_DELAY_S, jitter=0)
    )
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0

    def restart_delay_s(self, ran_s: float) -> float:
        """Returns the delay after a run of `ran_s` seconds."""
        if ran_s >= STABLE_AFTER_S:
            self.backoff.reset()
        return self.backoff.next_s()

    def start(self) -> None:
        """Starts it in a process group of its own, so that Ctrl-C reaches only the supervisor."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=self.inherited_fds,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGKILL),  # safe: we have one thread
            )
        self.started_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def send(self, number: signal.Signals) -> None:
        """Sends a signal if it is alive."""
        if self.alive and self.process:
            with suppress(ProcessLookupError):
                self.process.send_signal(number)

    def exit_reason(self) -> str:
        """Describes how it ended."""
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit code {code}"

    def log_tail(self, lines: int = 8) -> str:
        """Returns the last lines of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Returns a preexec_fn after which the child gets a signal when its parent dies.

    Linux only; elsewhere None, and children survive a killed `up`. The signal comes when the thread
    that started the child ends, so start children from the main thread.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the call of prctl

    return before_exec
