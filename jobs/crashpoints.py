"""Named places where a test can have a process die, as if by kill -9.

Inert unless `LORESMITH_CRASH_AT=NAME` or `NAME:n` (the n-th time) is set when the process starts.
The names: Q1 an entry popped and no job claimed; W2 claimed, before the call; W4 its result not
checkpointed; W5 checkpointed and not finished; W6 finished, RQ's entry not struck out; L... are
those of the lore_service.
"""

import os
import signal
from itertools import count
from threading import Lock

_name, _, _number = os.environ.get("LORESMITH_CRASH_AT", "").partition(":")
_hits = count(1)
_lock = Lock()


def crashpoint(name: str) -> None:
    """Kills this process with SIGKILL when `name` is where it shall die."""
    if name != _name:
        return
    with _lock:
        if next(_hits) == int(_number or 1):
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()
