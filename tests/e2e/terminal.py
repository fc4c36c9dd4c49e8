"""A command on a pseudo-terminal of 80 columns."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]")


class Terminal:
    """Runs `loresmith …` on a terminal of its own, and kills it at the end."""

    def __init__(self, *words: str, env: Mapping[str, str], cwd: Path) -> None:
        self._raw = b""
        self._code: int | None = None
        self.pid, self._master = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # ignored in the background of a script
            os.chdir(cwd)
            command = [sys.executable, "-P", "-m", "loresmith", *words]
            os.execve(sys.executable, command, {**env, "TERM": "xterm-256color"})
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *exc: object) -> None:
        if self._code is None:
            os.kill(self.pid, 9)
            os.waitpid(self.pid, 0)
        os.close(self._master)

    @property
    def text(self) -> str:
        """The output so far, without colours."""
        return ESCAPES.sub("", self._raw.decode(errors="replace")).replace("\r", "\n")

    def until(self, matches: Callable[[str], bool], description: str, timeout: float = 60) -> None:
        """Waits until the output matches."""
        deadline = time.monotonic() + timeout
        while not matches(self.text):
            if not self._read() or time.monotonic() > deadline:
                raise AssertionError(f"not {description}:\n{self.text}")

    def ended(self, timeout: float = 60) -> int:
        """Waits for its end, and returns the exit code."""
        deadline = time.monotonic() + timeout
        while self._read():
            if time.monotonic() > deadline:
                raise AssertionError(f"did not end in {timeout:g} s:\n{self.text}")
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def press(self, key: bytes) -> None:
        """Types a key; b"\\x03" is Ctrl-C."""
        os.write(self._master, key)

    def _read(self) -> bool:
        """Reads output; returns False at its end."""
        if not select.select([self._master], [], [], 0.1)[0]:
            return True
        try:
            new = os.read(self._master, 65536)
        except OSError:
            return False
        self._raw += new
        return bool(new)
